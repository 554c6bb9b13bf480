-- title: From domain to domain
-- unit: recipients; bytes: size times recipients
-- time: acceptance; what became of them: when that was
-- reads: chosen
-- order: recipients desc, delivered desc, sender_domain, recipient_domain
-- columns:
--   sender_domain     text  the sender's domain; null where no sender is known or it has none
--   recipient_domain  text  the recipient's domain; null where no recipient is known or it has none
--   recipients        big   recipients of messages accepted
--   bytes             big   sizes of their messages, once for each recipient
--   {ends}
select
    l.sender_domain, coalesce(d.recipient_domain, x.recipient_domain) as recipient_domain,
    cast(sum(c.recipients_n) as bigint) as recipients, cast(sum(c.bytes_n) as bigint) as bytes, {ends}
from chosen c
join life l on l.key = c.root
left join deliveries d on d."row" = c.recipient_row
left join fact_lines x on x."row" = c.fact_row
group by 1, 2
