-- title: What senders should be told of: failed, refused, complained, unsubscribed
-- Reads recipients_plain, deliveries, causes, life, family. Makes told: a row per message, recipient and thing that happened.
create or replace temp table told as
select
    case p.outcome when 'rejected' then 'rejected' else 'failed' end as kind, p.outcome, p.finished_us as time_us,
    p.source, p.line, p."offset", p.host, p.recipient, p.recipient_domain, p.original_recipient, p.sender, p.subject,
    coalesce(p.queue_id, p.provider_message_id, p.message_id) as queue_id, p.message_id, p.smtp_code, p.enhanced_status, p.reply,
    p.relay_host, p.relay_ip, p.sasl_user, p.client_host, p.client_ip, p.outcome as status,
    c.category, c.rule, c.action
from recipients_plain p
left join causes c on c."row" = p.cause_row
where p.role in ('user', 'hop') and p.outcome in ('bounced', 'expired', 'suppressed', 'rejected')
    and p.finished_us is not null
union all
select
    d.event, d.event, d.time_us, d.source, d.line, d."offset", l.host, d.recipient, d.recipient_domain,
    d.original_recipient, coalesce(l.sender, d.sender), coalesce(l.subject, d.subject),
    coalesce(l.queue_id, d.provider_message_id, d.message_id), coalesce(l.message_id, d.message_id), d.smtp_code, d.enhanced_status,
    d.reply, d.relay_host, d.relay_ip, l.sasl_user, l.client_host, l.client_ip, d.event, c.category, c.rule, c.action
from deliveries d
left join family f on f.key = d.key
join life l on l.key = coalesce(f.root, d.key)
left join causes c on c."row" = d."row"
where d.event in ('complained', 'unsubscribed')
