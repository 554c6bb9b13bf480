-- title: Senders
-- unit: messages, recipients, bytes
-- time: messages, recipients, bytes: acceptance; what became of them: when that was
-- reads: chosen_messages senders
-- order: messages desc, recipients desc, bytes desc, sender
-- columns:
--   sender  text  envelope sender; empty for the null sender; null if it is not in these logs
--   {counts}
select f.folded as sender, {counts}
from chosen_messages m
left join senders f on f.address = m.sender
group by f.folded
