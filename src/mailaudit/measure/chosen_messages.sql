-- title: Messages of the range, with what became of their recipients
-- Reads chosen, life.
create or replace temp table chosen_messages as
select
    c.*, l.sender, l.sender_domain, l.client_host, l.client_ip, l.sasl_user, l.origin
from (
    select
        root, max(size) as size, max(recipients_n) as messages_n, sum(recipients_n) as recipients_n, max(bytes_n) as bytes_n,
        sum(delivered_n) as delivered_n, sum(bounced_n) as bounced_n, sum(expired_n) as expired_n,
        sum(deferred_n) as deferred_n, sum(other_n) as other_n, sum(deferrals_n) as deferrals_n,
        max(begun_before_n) as begun_before_n, min(submitted_us) as submitted_us
    from chosen
    group by root
) c
join life l on l.key = c.root
