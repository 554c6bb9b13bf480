-- title: What people did with what they got
-- Reads settled, deliveries, recipients_plain, joins, family, life. Makes engaged, carried, and the view recipients_plain anew: status, implied.
-- Engagement never changes an outcome; where nothing else is known of a recipient, it implies the delivery.
create table engaged as
select
    coalesce(f.root, d.key) as key, recipient_key,
    case max(case event when 'complained' then 4 when 'unsubscribed' then 3 when 'clicked' then 2 else 1 end)
        when 4 then 'complained' when 3 then 'unsubscribed' when 2 then 'clicked' else 'opened'
    end as status,
    min(time_us) as first_us
from deliveries d
left join family f on f.key = d.key
where event in ('opened', 'clicked', 'unsubscribed', 'complained') and recipient_key is not null
group by coalesce(f.root, d.key), recipient_key;

update settled
set finished_us = e.first_us
from engaged e, deliveries d
where e.key = settled.root and e.recipient_key = settled.recipient_key and d."row" = settled.recipient_row
    and settled.finished_us is null and d.event in ('opened', 'clicked', 'unsubscribed', 'complained');

update settled
set attempts = c.attempts
from (
    -- What was not sent at all was not tried, whatever number the provider gives it.
    select key, recipient_key, max(attempt) as attempts
    from deliveries
    where attempt is not null and event not in ('preblocked', 'suppressed', 'rejected', 'enqueue_failed')
    group by key, recipient_key
) c
where c.key = settled.key and c.recipient_key = settled.recipient_key and c.attempts > settled.attempts;

-- What only a later system knows of a message: whose campaign it is, who had it sent.
create table carried as
select root, arg_min(subject, first_us) as subject, arg_min(raised_by, first_us) as raised_by,
    arg_min(campaign, first_us) as campaign, arg_min(provider_message_id, first_us) as provider_message_id
from (
    select f.root, l.*
    from joins j
    join family f on f.key = j.child_key
    join life l on l.key = j.child_key
    where l.origin = 'provider'
) told
group by root;

-- `recipients` reads recipients_plain by its name, so it has these columns, too.
alter view recipients_plain rename to recipients_settled;

create view recipients_plain as
select
    p.* replace (
        coalesce(e.status, p.status) as status,
        coalesce(p.subject, c.subject) as subject, coalesce(p.raised_by, c.raised_by) as raised_by,
        coalesce(p.campaign, c.campaign) as campaign,
        coalesce(p.provider_message_id, c.provider_message_id) as provider_message_id,
        p.event in ('opened', 'clicked', 'unsubscribed', 'complained') as implied
    )
from recipients_settled p
left join carried c on c.root = p.root
left join engaged e on e.key = p.root and e.recipient_key = p.recipient_key
