-- title: Days of the week
-- unit: messages, recipients, bytes; deferrals: attempts
-- time: acceptance; what became of them: when that was (still open: acceptance); deferrals: each attempt
-- reads: hours
-- order: weekday_number
-- columns:
--   weekday  word  day of the week
--   {counts}
--   {means}
select weekday, {counts}, {means}, weekday_number
from hours
group by weekday, weekday_number
