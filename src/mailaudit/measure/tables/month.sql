-- title: Months
-- unit: messages, recipients, bytes; deferrals: attempts
-- time: messages, recipients, bytes: acceptance; what became of them: when that was; deferred and others still open: acceptance; deferrals: each attempt
-- reads: hours
-- order: month
-- columns:
--   month  word  month, YYYY-MM
--   {counts}
select month, {counts}
from hours
group by month
