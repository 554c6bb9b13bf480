-- title: Mail that left the house, by provider and day
-- Reads recipients_plain, causes, local_dates (day, begin_us, end_us), deliveries. Makes outcomes: one row per message and
-- recipient; sending_day by acceptance, ended_day by its end. What was put into mailboxes here is left out. The first
-- statement is executed for each {piece} of time, {into} the table; {conditions} are the filters.
{into}
select
    p.root, p.sender, p.sender_domain, p.recipient, p.recipient_domain, p.relay_host, p.submitted_us, p.finished_us,
    coalesce(p.queue_id, p.provider_message_id, p.message_id) as queue_id, p.outcome, p.smtp_code, p.enhanced_status, p.reply,
    case
        when p.outcome = 'delivered' then 'delivered'
        when p.outcome in ('bounced', 'expired') and c.type = 'hard' then 'hard'
        -- Nothing but the provider's own word is known.
        when p.event = 'hard_bounced' and c.type is null then 'hard'
        when p.outcome in ('bounced', 'expired') then 'soft'
    end as kind,
    c.category, coalesce(c.template, p.reply) as text, c.action, s.day as sending_day, e.day as ended_day,
    cast(null as varchar) as isp, cast(null as varchar) as sending, p.source, p."offset"
from recipients_plain p
left join causes c on c."row" = p.cause_row
left join local_dates s on p.submitted_us >= s.begin_us and p.submitted_us < s.end_us
left join local_dates e on p.finished_us >= e.begin_us and p.finished_us < e.end_us
where p.role in ('user', 'hop') and p.recipient is not null and p.direction not in ('in', 'internal')
    and p.outcome in ('delivered', 'bounced', 'expired', 'deferred', 'pending') and {conditions} and {piece};

create or replace table outcome_tags as
select coalesce(f.root, d.key) as root, max(d.tags) as tags
from deliveries d
left join family f on f.key = d.key
where d.tags is not null
group by 1
