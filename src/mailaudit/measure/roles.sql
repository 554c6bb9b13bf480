-- title: Which lives are users' mail, and which follow from others
-- Reads life, deliveries, refusals, edges. Makes parents, family, roles and the views telling, lives and refused.
-- A child has one parent, the earliest. Walking down from lives without a parent ends even if a log claims a circle:
-- what lies on a circle is never reached and stands for itself.
create table parents as
select child_key, parent_key
from (
    select child_key, parent_key, row_number() over (partition by child_key order by time_us, parent_key) as place
    from edges
    where kind in ('hop', 'forward') and parent_key <> child_key
) ranked
where place = 1;

create table walked as
with recursive walk (key, root, depth) as (
    select distinct p.parent_key, p.parent_key, 0
    from parents p
    where not exists (select 1 from parents c where c.child_key = p.parent_key)
    union all
    select p.child_key, w.root, w.depth + 1
    from walk w
    join parents p on p.parent_key = w.key
)
select key, root, depth from walk where depth > 0;

create table family as
select w.key, w.root, w.depth, l.queue_id, coalesce(l.queue_id, l.handed_as, l.provider_message_id) as shown_id,
    l.first_us, l.ended_us
from walked w
join life l on l.key = w.key;

create table refused_at_end as
select distinct key
from refusals
where key is not null and event = 'rejected' and phase in ('DATA', 'END-OF-MESSAGE');

-- Only lives that may be something else than users' mail. `silent`: never accepted, never ended: a client that went
-- away or was refused, if nothing was ever done with its message either.
create table suspects as
-- Postfix's notices to its postmaster have a sender of their own, whose name can be changed (double_bounce_sender): that
-- nobody brought a message, and that its Message-ID was given together with its queue id, tells those.
select key, coalesce(made_here, false) as made_here, silent
from (
    select key, accepted_us is null and ended_us is null as silent,
        origin is null and client_ip is null and client_host is null and (
            sender = '' or sender like 'double-bounce@%' or sender = '#@[]'
            or message_id like '%.' || queue_id || '@%' or message_id like queue_id || '@%'  -- the latter since 3.10
        )
        -- amavis hands its notices in by SMTP: a word for what it found, and its own id of the mail that it is about. Those to its
        -- administrator have a sender, one of these if it is not told otherwise.
        or (sender = '' or sender like 'postmaster@%' or sender like 'virusalert@%' or sender like 'spam.police@%')
        and client_ip in ('127.0.0.1', '::1') and (
            message_id like 'SS____________@%' or message_id like 'SA____________@%' or message_id like 'VS____________@%'
            or message_id like 'VA____________@%' or message_id like 'VR____________@%' or message_id like 'DSN____________@%'
        ) as made_here
    from life
) l
where made_here or silent
union all
-- what was refused with its last line was never accepted, whatever the line with its size says
select l.key, false, true
from life l
join (
    select key from refused_at_end
    union
    -- nor what was cut off while it was sent
    select distinct key from deliveries where event = 'other' and raw_event = 'cut off'
) r on r.key = l.key
where l.ended_us is null;

create table tried_suspects as
select distinct d.key
from deliveries d
join suspects s on s.key = d.key and s.silent
where (d.event <> 'other' or d.raw_event <> 'cut off')
    -- Sendmail repeats for each recipient that the message was refused.
    and not (d.event = 'rejected' and coalesce(d.attempted, true) = false)
    -- A milter may put a message aside before it, or another, refuses it.
    and not (d.event = 'held' and d.key in (select key from refused_at_end));

create table roles as
select s.key, coalesce(f.root, s.key) as root, coalesce(f.depth, 0) as depth,
    case s.nature when 1 then 'hop' when 2 then 'probe' when 3 then 'notice' else 'aborted' end as role
from (
    select key, min(nature) as nature
    from (
        select key, 1 as nature from family
        union all
        select key, 2 from deliveries where event = 'other' and raw_event in ('deliverable', 'undeliverable')
        union all
        select child_key, 3 from edges where kind = 'notice'
        union all
        -- A notice that never reached the queue (the host stopped) is as if it had not been.
        select key, 3 from suspects where made_here and (not silent or key in (select key from tried_suspects))
        union all
        select key, 4 from suspects where silent and key not in (select key from tried_suspects)
    ) known
    group by key
) s
left join family f on f.key = s.key;

-- What says how it stands with a recipient. What holds or discards a whole message names one of its recipients, as an example.
create view telling as
select *
from deliveries
where recipient_key is not null and not (event in ('held', 'discarded') and coalesce(attempted, true) = false)
    -- Whom a Sendmail's milter took away has a row only where nobody is left (facts_sendmail.sql).
    and not (event = 'other' and coalesce(raw_event, '') = 'removed by milter');

create view lives as
select l.*, coalesce(r.root, l.key) as root, coalesce(r.depth, 0) as depth, coalesce(r.role, 'user') as role
from life l
left join roles r on r.key = l.key;

-- Sendmail names client and sender on another line of the same queue id than what it refused; most refusals have no id.
create view refused as
select r.* exclude (client_host, client_ip, sender),
    case when r.client_ip is null then coalesce(r.client_host, l.client_host) else r.client_host end as client_host,
    coalesce(r.client_ip, l.client_ip) as client_ip, coalesce(r.sender, l.sender) as sender
from refusals r
left join (select * from life where key in (select key from refusals where key is not null)) l on l.key = r.key;
