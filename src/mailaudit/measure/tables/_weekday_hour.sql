-- title: Messages by day of the week and hour
-- unit: messages
-- time: acceptance
-- reads: hours
-- order: weekday_number, hour
-- columns:
--   weekday   word  day of the week
--   hour      int   hour of the day, 0 to 23
--   messages  big   messages accepted then
select weekday, hour, weekday_number, cast(sum(messages_n) as bigint) as messages
from hours
group by weekday, weekday_number, hour
having sum(messages_n) > 0
