-- title: Months
-- unit: messages, recipients, bytes; deferrals: attempts
-- time: acceptance; what became of them: when that was (still open: acceptance); deferrals: each attempt
-- reads: hours
-- order: month
-- columns:
--   month  word  month, YYYY-MM
--   {counts}
select month, {counts}
from hours
group by month
