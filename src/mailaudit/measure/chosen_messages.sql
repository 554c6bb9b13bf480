-- title: Messages of the range, with what became of their recipients
-- Reads chosen. Narrow on purpose: what is told of a message's sender or client is joined from life where it is needed.
create or replace table chosen_messages as
select
    root, max(size) as size, max(recipients_n) as messages_n, cast(sum(recipients_n) as integer) as recipients_n,
    max(bytes_n) as bytes_n, case when max(size) is null then 0 else max(recipients_n) end as sized_n,
    cast(sum(delivered_n) as integer) as delivered_n, cast(sum(bounced_n) as integer) as bounced_n,
    cast(sum(expired_n) as integer) as expired_n, cast(sum(deferred_n) as integer) as deferred_n,
    cast(sum(other_n) as integer) as other_n, cast(sum(deferrals_n) as integer) as deferrals_n,
    max(begun_before_n) as begun_before_n, min(submitted_us) as submitted_us
from chosen
group by root
