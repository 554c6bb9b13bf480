-- title: Which lives may follow from others, or others from them
-- Reads life, deliveries. Makes named_ids (which line of which life names which id) and kin (few lives of many).
-- Most ids that replies name are other servers'; only what may concern a life of these logs is looked at closely.
create table named_ids as
select d.source, d.line, d.key, d.time_us, case when l.queue_id is null then '' else d.next_id end as next_id, d.event, d.delay,
    d.recipient_key, d.local_ip
from deliveries d
left join (select distinct queue_id from life) l on l.queue_id = d.next_id
where l.queue_id is not null or d.next_id = ''
    -- A filter on this machine that takes the mail and names no id, and hands it in again when it likes.
    or (d.next_id is null and d.event = 'delivered' and d.relay_ip in ('127.0.0.1', '::1') and d.program like '%/smtp')
    -- Or one that is a queue of its own, whose ids these logs do not know.
    or (d.event = 'relayed' and d.next_id is not null and (d.program like '%/smtp' or d.program like '%/lmtp'))
union all
-- Or amavis, which may hand it in twice (what it adds to mail of local recipients differs), and names one id.
select d.source, d.line, d.key, d.time_us, '', 'again', d.delay, d.recipient_key, d.local_ip
from deliveries d
where d.event = 'relayed' and d.next_id <> '' and d.reply like '%from MTA(%';

-- Lines without a host's name (containers, journals) are one host's: a provider's records are of no host at all.
create table kin as
select
    key, source, line, case when host is null and coalesce(origin, '') <> 'provider' then '' else host end as host, queue_id,
    first_us, last_us, message_id, origin, previous_id, client_ip, sender
from life
where previous_id is not null
    or key in (select key from named_ids)
    or queue_id in (select next_id from named_ids)
    or queue_id in (select previous_id from life where previous_id is not null)
    or message_id in (select l.message_id from life l join named_ids n on n.key = l.key where n.next_id = '')
    or (origin = 'local' and sender in (
        select l.sender from life l join named_ids n on n.key = l.key where n.next_id = '' and l.message_id = ''
    ));
