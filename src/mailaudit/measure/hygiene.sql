-- title: What mail to each address says about it
-- Reads deliveries, causes, settled, recipients, family, roles, handed_on. Makes evidence: one row per fact; `row` is null
-- for a send. Pieces: {soft} tests whether a final failure counts towards a cumulative suppression. What only a vague code
-- calls dead (a bare 550) is no proof: it counts like a soft bounce.
create or replace temp table final_failures as
select d."row", d.time_us, coalesce(f.root, d.key) as root, d.recipient, d.source, d."offset", d.event, d."row" as cause_row
from deliveries d
left join family f on f.key = d.key
where d.recipient is not null and d.event in ('bounced', 'soft_bounced', 'hard_bounced', 'preblocked');

-- What the queue gave up: the last thing known of the recipient says why.
insert into final_failures
select coalesce(r.cause_row, r.recipient_row), r.finished_us, r.root, r.recipient, r.source, r."offset", 'expired', r.cause_row
from recipients_plain r
where r.outcome = 'expired' and r.recipient is not null and r.finished_us is not null;

create or replace temp table evidence as
select
    e.time_us, e.source, e."offset", e."row", lower(e.recipient) as address, e.root,
    case
        when e.event = 'preblocked' or (c.suppress = 'now' and c.confidence in ('high', 'medium')) then 'invalid'
        when e.event = 'hard_bounced' and c."row" is null then 'invalid'
        when {soft} then 'soft'
    end as kind,
    c.category, e.event,
    -- Records that name no message: an address may have had several mails under one key.
    coalesce(d.matter is not null and d.provider_message_id is null and d.message_id is null, false) as loose
from final_failures e
left join deliveries d on d."row" = e.cause_row
left join causes c on c."row" = e.cause_row
left join roles o on o.key = e.root
where coalesce(o.role, 'user') in ('user', 'hop');

delete from evidence where kind is null;

insert into evidence
select d.time_us, d.source, d."offset", d."row", lower(d.recipient), coalesce(f.root, d.key), d.event, null, d.event, false
from deliveries d
left join family f on f.key = d.key
where d.recipient is not null and d.event in ('complained', 'unsubscribed', 'resubscribed');

-- Whoever has nothing against them is none of our business: most addresses.
create or replace temp table doubted as
select address from evidence
union
select address from asked_about;

insert into evidence
select d.time_us, d.source, d."offset", d."row", lower(d.recipient), coalesce(f.root, d.key), 'alive', null, d.event,
    coalesce(d.matter is not null and d.provider_message_id is null and d.message_id is null, false)
from deliveries d
join doubted a on a.address = lower(d.recipient)
left join family f on f.key = d.key
left join handed_on h on h.key = d.key and h.recipient_key = d.recipient_key
where d.event in ('delivered', 'opened', 'clicked') and coalesce(d.machine, false) = false
    and not (d.event = 'delivered' and h.key is not null);

insert into evidence
select
    d.time_us, d.source, d."offset", d."row", lower(d.recipient), coalesce(f.root, d.key), 'sent', null, d.event, true
from deliveries d
join doubted a on a.address = lower(d.recipient)
left join family f on f.key = d.key
where d.matter is not null and d.provider_message_id is null and d.message_id is null
    and d.event in ('pending', 'accepted', 'processed', 'suppressed', 'preblocked', 'enqueue_failed');

insert into evidence
select r.submitted_us, r.source, r."offset", null, lower(r.recipient), r.root, 'sent', null, r.outcome, false
from recipients_plain r
join doubted a on a.address = lower(r.recipient)
where r.role in ('user', 'hop') and r.submitted_us is not null
    and not exists (select 1 from evidence e where e.root = r.root and e.loose)
