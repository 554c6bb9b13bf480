-- title: Counts by quarter of an hour of UTC, of which every zone's offset is a multiple
-- Reads chosen, chosen_messages, chosen_deferrals.
create or replace table quarters as
select
    quarter_us, sum(messages_n) as messages_n, sum(recipients_n) as recipients_n, sum(bytes_n) as bytes_n, sum(sized_n) as sized_n,
    sum(delivered_n) as delivered_n, sum(bounced_n) as bounced_n, sum(expired_n) as expired_n,
    sum(deferred_n) as deferred_n, sum(other_n) as other_n, sum(deferrals_n) as deferrals_n
from (
    select
        submitted_us - submitted_us % 900000000 as quarter_us, messages_n, 0 as recipients_n, bytes_n, sized_n,
        0 as delivered_n, 0 as bounced_n, 0 as expired_n, 0 as deferred_n, 0 as other_n, 0 as deferrals_n
    from chosen_messages
    union all
    select submitted_us - submitted_us % 900000000, 0, recipients_n, 0, 0, 0, 0, 0, deferred_n, open_n, 0
    from chosen
    union all
    select finished_us - finished_us % 900000000, 0, 0, 0, 0, delivered_n, bounced_n, expired_n, 0, odd_n, 0
    from chosen
    where finished_us is not null
    union all
    select time_us - time_us % 900000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    from chosen_deferrals
) facts
group by quarter_us
-- What was accepted in the range may have ended outside it, and the other way round: there it counts for nothing.
having sum(messages_n) + sum(recipients_n) + sum(delivered_n) + sum(bounced_n) + sum(expired_n) + sum(deferred_n)
    + sum(other_n) + sum(deferrals_n) > 0
