-- title: Domains of recipients
-- unit: recipients; bytes: size times recipients
-- time: acceptance; what became of them: when that was
-- reads: chosen_relays
-- order: recipients desc, delivered desc, domain
-- columns:
--   domain      text  the recipient's domain; null where no recipient is known or it has none
--   recipients  big   recipients of messages accepted
--   bytes       big   their sizes
--   {ends}
select
    recipient_domain as domain, cast(sum(recipients_n) as bigint) as recipients, cast(sum(bytes_n) as bigint) as bytes, {ends}
from chosen_relays
group by recipient_domain
