-- title: Senders
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- reads: sender_messages
-- order: messages desc, recipients desc, bytes desc, sender
-- columns:
--   sender  text  envelope sender; empty for the null sender; null if it is not in these logs
--   {counts}
select counted_as as sender, {counts}
from sender_messages
group by counted_as
