-- title: Domains of senders
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- reads: chosen_messages
-- order: messages desc, recipients desc, bytes desc, domain
-- columns:
--   domain  text  the sender's domain; null for the null sender and unknown ones
--   {counts}
select l.sender_domain as domain, {counts}
from chosen_messages m
join life l on l.key = m.root
group by l.sender_domain
