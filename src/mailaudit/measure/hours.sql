-- title: Counts by local hour, with the hour's place in the calendar; days without mail are there with zeros
-- Reads quarters, zone_segments (from_us, until_us, offset_us), calendar (one row a day), day_hours.
create or replace table hours as
select
    c.day_number, c.month, c.day, c.weekday, c.weekday_number, c.hour,
    coalesce(q.messages_n, 0) as messages_n, coalesce(q.recipients_n, 0) as recipients_n, coalesce(q.bytes_n, 0) as bytes_n,
    coalesce(q.sized_n, 0) as sized_n,
    coalesce(q.delivered_n, 0) as delivered_n, coalesce(q.bounced_n, 0) as bounced_n, coalesce(q.expired_n, 0) as expired_n,
    coalesce(q.deferred_n, 0) as deferred_n, coalesce(q.other_n, 0) as other_n, coalesce(q.deferrals_n, 0) as deferrals_n
from (
    select c.*, h.hour from calendar c cross join day_hours h
) c
left join (
    select
        cast((local_us - local_us % 86400000000) / 86400000000 as bigint) as day_number,
        cast((local_us % 86400000000 - local_us % 3600000000) / 3600000000 as bigint) as hour,
        sum(messages_n) as messages_n, sum(recipients_n) as recipients_n, sum(bytes_n) as bytes_n,
        sum(sized_n) as sized_n, sum(delivered_n) as delivered_n, sum(bounced_n) as bounced_n, sum(expired_n) as expired_n,
        sum(deferred_n) as deferred_n, sum(other_n) as other_n, sum(deferrals_n) as deferrals_n
    from (
        select q.*, q.quarter_us + z.offset_us as local_us
        from quarters q
        join zone_segments z on q.quarter_us >= z.from_us and q.quarter_us < z.until_us
    ) placed
    group by 1, 2
) q on q.day_number = c.day_number and q.hour = c.hour
