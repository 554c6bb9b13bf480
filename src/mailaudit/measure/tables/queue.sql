-- title: Messages in the queue
-- unit: queue ids, hops and notices too
-- time: at the end of each hour
-- note: Messages begun before these logs count as waiting from the first hour on; a message whose end is not in these logs waits on.
-- reads: queue_changes clock_hours
-- order: hour_begin
-- columns:
--   hour_begin  time  beginning of the hour
--   arrived     big   accepted into the queue in this hour
--   departed    big   left the queue in this hour
--   waiting     big   in the queue at the end of the hour
select
    h.hour_us as hour_begin, cast(coalesce(c.arrived, 0) as bigint) as arrived, cast(coalesce(c.gone, 0) as bigint) as departed,
    cast(sum(coalesce(c.arrived, 0) + coalesce(c.earlier, 0) - coalesce(c.gone, 0)) over (
        order by h.hour_us rows between unbounded preceding and current row
    ) as bigint) as waiting
from clock_hours h
left join queue_changes c on c.hour_us = h.hour_us
