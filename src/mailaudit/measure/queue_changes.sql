-- title: What entered and left the queue, by hour of UTC
-- Reads lives. `earlier`: messages begun before these logs, which wait from the first hour on.
create or replace table queue_changes as
select hour_us, sum(arrived) as arrived, sum(gone) as gone, sum(earlier) as earlier
from (
    select accepted_us - accepted_us % 3600000000 as hour_us, 1 as arrived, 0 as gone, 0 as earlier
    from life
    where accepted_us is not null
    union all
    select ended_us - ended_us % 3600000000, 0, 1, 0
    from life
    where ended_us is not null
    union all
    select (select min(first_us - first_us % 3600000000) from life), 0, 0, 1
    from lives
    where accepted_us is null and role <> 'aborted'
) changes
group by hour_us
