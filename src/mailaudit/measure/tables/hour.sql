-- title: Hours of the day
-- unit: messages, recipients, bytes; deferrals: attempts
-- time: acceptance; what became of them: when that was (still open: acceptance); deferrals: each attempt
-- reads: hours
-- order: hour
-- columns:
--   hour  int  hour of the day, 0 to 23
--   {counts}
--   {means}
select hour, {counts}, {means}
from hours
group by hour
