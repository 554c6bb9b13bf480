-- title: Days
-- unit: messages, recipients, bytes; deferrals: attempts
-- time: acceptance; what became of them: when that was (still open: acceptance); deferrals: each attempt
-- note: Days without mail are listed too.
-- reads: hours
-- order: day
-- columns:
--   day      word  day, YYYY-MM-DD
--   weekday  word  its day of the week
--   {counts}
select day, weekday, {counts}
from hours
group by day, weekday
