-- title: Which message of the logs a notice is about
-- Reads deliveries, messages (those with origin 'mail' are told of by mails alone), overruled. Makes joined (rows of deliveries that
-- belong to a life of the logs: its key, the recipient as the log has it, late) and joined_messages; adds to overruled, and to echoes
-- (rows that tell only what the log itself tells).
-- A notice names its message by the reporting host's queue id, else by Message-ID, else by the envelope id that its sender gave. Windows in µs: a queue id may come back, clocks
-- differ; a day before the life begins, sixty after it was last seen.
create table notices as
select
    d."row", d.key, d.recipient_key, lower(d.recipient) as recipient, lower(d.original_recipient) as original_recipient, d.event,
    d.time_us, m.queue_id, m.host, m.message_id, m.envelope_id, m.first_us
from deliveries d
join (
    select
        key, min(queue_id) as queue_id, lower(min(host)) as host, min(message_id) as message_id,
        min(envelope_id) as envelope_id, min(first_us) as first_us
    from messages
    where origin = 'mail'
    group by key
) m on m.key = d.key;

create table about_notices as
select
    key, min(queue_id) as queue_id, lower(min(host)) as host, min(message_id) as message_id,
    min(envelope_id) as envelope_id, min(provider_message_id) as provider_message_id, min(first_us) as first_us,
    max(last_us) as last_us
from messages
where origin is distinct from 'mail' and key in (
    select key
    from messages
    where origin is distinct from 'mail'
        and (
            queue_id in (select queue_id from notices) or message_id in (select message_id from notices)
            or envelope_id in (select envelope_id from notices) or message_id in (select envelope_id from notices)
            or queue_id in (select envelope_id from notices) or provider_message_id in (select envelope_id from notices)
        )
)
group by key;

-- What the logs say of these lives' recipients: settling or not, and when they last said so.
create table told_of as
select
    d.key, d.recipient_key, min(d.recipient) as written, min(lower(d.recipient)) as recipient, min(lower(d.original_recipient)) as original_recipient,
    min(case when d.event = 'delivered' then d.time_us end) as delivered_us,
    max(case when d.event in ('bounced', 'hard_bounced', 'soft_bounced', 'expired', 'rejected', 'discarded', 'deleted') then 1 else 0 end)
        as failed,
    max(case when d.event in ('relayed', 'expanded') then 1 else 0 end) as given_away
from deliveries d
join about_notices a on a.key = d.key
where d.recipient_key is not null
group by d.key, d.recipient_key;

create table met as
select n."row", a.key from notices n join about_notices a on a.queue_id = n.queue_id
union
select n."row", a.key from notices n join about_notices a on a.message_id = n.message_id
union
select n."row", a.key from notices n join about_notices a on a.envelope_id = n.envelope_id
union
select n."row", a.key from notices n join about_notices a on a.message_id = n.envelope_id
union
select n."row", a.key from notices n join about_notices a on a.queue_id = n.envelope_id
union
select n."row", a.key from notices n join about_notices a on a.provider_message_id = n.envelope_id;

create table candidates as
select
    n."row", a.key, t.recipient_key, t.written, t.delivered_us, coalesce(t.failed, 0) as failed,
    case
        when t.recipient_key is null then 0
        when t.recipient = n.recipient then 3
        when t.recipient = n.original_recipient or t.original_recipient = n.recipient then 2
        else 1
    end as same_recipient,
    case when a.queue_id = n.queue_id then 1 else 0 end as same_queue,
    case when a.message_id = n.message_id then 1 else 0 end as same_message,
    case when n.envelope_id in (a.envelope_id, a.message_id, a.queue_id, a.provider_message_id) then 1 else 0 end as same_envelope,
    case
        when a.host = n.host or n.host like a.host || '.%' or a.host like n.host || '.%' then 1
        else 0
    end as same_host,
    coalesce(t.given_away, 0) as given_away, abs(a.first_us - n.first_us) as distance, n.time_us
from notices n
join met e on e."row" = n."row"
join about_notices a on a.key = e.key and n.time_us >= a.first_us - 86400000000 and n.time_us <= a.last_us + 5184000000000
left join told_of t on t.key = a.key and (
    t.recipient = n.recipient or t.recipient = n.original_recipient or t.original_recipient = n.recipient
    or t.original_recipient = n.original_recipient
);

create table choices as
select *
from (
    select
        *,
        row_number() over (
            partition by "row"
            order by same_recipient desc, same_queue + same_host desc, same_message desc, same_envelope desc,
                given_away, distance, key, recipient_key
        ) as place
    from candidates
    where same_message = 1 or (same_queue = 1 and (same_host = 1 or same_recipient > 0))
        -- a sender may give all mail of a campaign one envelope id
        or (same_envelope = 1 and same_recipient > 1)
) ranked
where place = 1;

-- A notice about an address that the log does not name is about the only recipient that it names: mail was forwarded.
create table sole as
select key, min(recipient_key) as recipient_key, min(written) as written, min(delivered_us) as delivered_us, max(failed) as failed
from told_of
group by key
having count(*) = 1;

create table joined as
select
    c."row", c.key, coalesce(c.recipient_key, s.recipient_key) as recipient_key,
    case when n.recipient = lower(coalesce(c.written, s.written)) then coalesce(c.written, s.written) end as same_recipient,
    case when n.recipient <> lower(coalesce(c.written, s.written)) then coalesce(c.written, s.written) end as first_given,
    case
        when n.event in ('bounced', 'hard_bounced', 'soft_bounced', 'expired')
            and coalesce(c.delivered_us, case when c.recipient_key is null then s.delivered_us end) <= n.time_us then true
    end as late,
    case when c.recipient_key is null then coalesce(s.failed, 0) else c.failed end as failed,
    coalesce(c.delivered_us, case when c.recipient_key is null then s.delivered_us end) as delivered_us,
    n.event
from choices c
join notices n on n."row" = c."row"
left join sole s on s.key = c.key and n.recipient_key is not null;

create table joined_messages as
select distinct key
from notices
where key not in (select n.key from notices n left join joined j on j."row" = n."row" where j."row" is null);

-- The log settles what both tell; a late bounce undoes the delivery.
insert into overruled
select d."row"
from deliveries d
join (select distinct key, recipient_key from joined where late and failed = 0) j
    on j.key = d.key and j.recipient_key = d.recipient_key
where d.event = 'delivered';

insert into overruled
select "row"
from joined j
where (event in ('bounced', 'hard_bounced', 'soft_bounced', 'expired') and (
        failed = 1 or exists (
            select 1
            from deliveries d
            where d.key = j.key and d.recipient_key is null and d.event in ('expired', 'deleted', 'rejected', 'discarded')
        )
    ))
    or (event = 'delivered' and (delivered_us is not null or failed = 1));

insert into echoes
select "row" from joined where recipient_key is not null and late is null and (
    "row" in (select "row" from overruled)
    or (event not in ('bounced', 'hard_bounced', 'soft_bounced', 'expired') and key in (select key from told_of))
)
