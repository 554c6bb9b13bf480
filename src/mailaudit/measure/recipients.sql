-- title: What became of each recipient
-- Reads story, facts, deliveries, lives, the tables of handovers.sql, family and event_words.
-- Makes settled (one narrow row per message and final recipient, words and flags as in story.sql), and the views recipients (all
-- its columns) and fact_lines. Most recipients have one line, which decides; only the others are ranked. Pieces: place, by which
-- facts of one time are ordered.

-- An address that mail goes to directly and through a forward, too, has a line that decides in each life. Requeued mail has
-- one life, whatever its ids.
create table several as
select s.root, s.recipient_key,
    min(case when s.stands = 1 then coalesce(n.later, s.key) end) <> max(case when s.stands = 1 then coalesce(n.later, s.key) end)
        as divided
from story s
left join newest n on n.key = s.key
group by s.root, s.recipient_key
having count(*) > 1;

create table ranked as
select
    s."row",
    row_number() over (
        partition by s.root, s.recipient_key, case when v.divided then coalesce(n.later, s.key) end
        order by s.stands desc, s.settles desc, s.time_us desc, w.rank desc, {place}
    ) as place,
    cast(sum(s.tried) over (partition by s.root, s.recipient_key) as integer) as attempts,
    cast(sum(case when s.event = 'deferred' then s.tried else 0 end) over (partition by s.root, s.recipient_key) as integer)
        as deferrals,
    min(case when s.event = 'deferred' then s.time_us end) over (partition by s.root, s.recipient_key) as first_deferred_us,
    max(s.time_us) over (partition by s.root, s.recipient_key) as last_us
from story s
join several v on v.root = s.root and v.recipient_key = s.recipient_key
join event_words w on w.event = s.event
join deliveries d on d."row" = s."row"
left join newest n on n.key = s.key;

-- A fact about the whole message settles those that nothing else settled; `expired` only those that were waiting here.
create table changed as
select "row", fact_row, settles, fate, time_us, rank
from (
    select
        s."row", f."row" as fact_row, f.settles, f.fate, f.time_us, f.rank,
        row_number() over (
            partition by s."row"
            order by f.told_by_notice desc, f.settles desc, f.time_us desc, f.rank desc, f.source desc, f."offset" desc, f."row" desc
        ) as place
    from story s
    join facts f on f.key = s.key
    join deliveries d on d."row" = s."row"
    left join ranked r on r."row" = s."row"
    where s.settles < 1 and s.stands = 1 and coalesce(r.place, 1) = 1
        and (f.event <> 'expired' or (s.fate in ({deferred}, {pending}) and s.given_away = 0))
        and (
            f.settles = 1 or (f.time_us, f.source, f."offset") > (s.time_us, d.source, d."offset")
            -- What the next life says of the mail follows the hand-over, though its line is often written first.
            or s."row" in (select "row" from handed_to)
        )
) choice
where place = 1;

-- Of several lives the latest that settled decides: what one gives up later than another delivered it is given up.
create table beaten as
select "row"
from (
    select
        s."row",
        row_number() over (
            partition by s.root, s.recipient_key
            order by
                s.stands desc, coalesce(c.settles, s.settles) desc, coalesce(c.time_us, s.time_us) desc,
                coalesce(c.rank, w.rank) desc, {place}
        ) as place
    from several v
    join story s on s.root = v.root and s.recipient_key = v.recipient_key
    join ranked r on r."row" = s."row"
    join event_words w on w.event = s.event
    join deliveries d on d."row" = s."row"
    left join changed c on c."row" = s."row"
    where v.divided and r.place = 1
) ranked_lives
where place > 1;

create table settled as
select
    s.root, s.key, s.recipient_key, cast(l.role as word) as role, s."row" as recipient_row, c.fact_row,
    cast(
        case
            when coalesce(c.settles, s.settles) < 1 and s.given_away = 0
                and case when s.key = s.root then l.ended_us else f.ended_us end is not null then {unknown}
            else coalesce(c.fate, s.fate)
        end as tinyint
    ) as fate,
    l.submitted_us,
    case
        when coalesce(c.settles, s.settles) = 1 then coalesce(c.time_us, s.time_us)
        when s.given_away = 0 then case when s.key = s.root then l.ended_us else f.ended_us end
    end as finished_us,
    case when c.time_us > coalesce(r.last_us, s.time_us) then c.time_us else coalesce(r.last_us, s.time_us) end as last_us,
    coalesce(r.attempts, s.tried) as attempts,
    coalesce(r.deferrals, case when s.event = 'deferred' then s.tried else 0 end) as deferrals,
    case
        when r."row" is not null then r.first_deferred_us
        when s.event = 'deferred' then s.time_us
    end as first_deferred_us,
    l.size, cast(l.begun_before as tinyint) as begun_before, l.accepted,
    cast(
        case
            when l.ours = 1 and s.here = 1 then 'internal'
            when l.ours = 1 and s.here = 0 then 'out'
            when l.ours = 0 and s.here = 1 then 'in'
            else 'undecided'
        end as word
    ) as direction
from story s
join (
    select
        key, role, coalesce(accepted_us, first_us) as submitted_us, ended_us, size,
        cast(case when accepted_us is null then 0 else 1 end as tinyint) as accepted,
        case
            when origin is not null or client_ip is not null or message_id is not null then 0
            when accepted_us is not null and size is null then 0
            else 1
        end as begun_before,
        case
            when sasl_user is not null or origin = 'local' then 1
            when client_ip is null then null
            when client_ip = '::1' or client_ip like '127.%' or client_ip like '10.%' or client_ip like '192.168.%'
                -- Few addresses begin so: the patterns, which take longer, are for these.
                or (client_ip like '172.%' and client_ip similar to '172[.](1[6-9]|2[0-9]|3[01])[.].*')
                or (client_ip like 'f%' and client_ip similar to '(fc|fd|fe80)[^.]*') then 1
            else 0
        end as ours
    from lives
) l on l.key = s.root
left join ranked r on r."row" = s."row"
left join changed c on c."row" = s."row"
left join family f on f.key = s.key
where s.stands = 1 and coalesce(r.place, 1) = 1 and l.role <> 'probe' and s."row" not in (select "row" from beaten);

-- Under its old id requeued mail has ended; who waited there waits on while the newest id is open.
update settled
set finished_us = null, fate = (
    select max(coalesce(c.fate, s.fate)) from story s left join changed c on c."row" = s."row" where s."row" = settled.recipient_row
)
where fate = {unknown} and (
    key in (select key from newest where ended_us is null)
    -- What was requeued last of all has no new id yet.
    or key in (
        select key from deliveries
        where event = 'other' and raw_event = 'requeued' and recipient_key is null and key not in (select key from newest)
    )
);

-- Messages of which no line says what became of a recipient: a row for each that a fact names, or one without.
create table lone as
select l.key, l.role, coalesce(l.accepted_us, l.first_us) as submitted_us, case when l.accepted_us is null then 0 else 1 end as accepted,
    case when q.key is not null then q.ended_us else l.ended_us end as ended_us, l.last_us, l.size,
    case
        when l.origin is not null or l.client_ip is not null or l.message_id is not null then 0
        -- Logs that tell of an acceptance nothing but the sender (no size): its line was seen.
        when l.accepted_us is not null and l.size is null then 0
        else 1
    end as begun_before,
    n.recipient_key, n.recipient_row
from (
    select key
    from lives
    where role in ('user', 'notice') and not exists (select 1 from settled s where s.root = lives.key)
) alone
join lives l on l.key = alone.key
left join newest q on q.key = l.key
left join (
    select root, recipient_key, min("row") as recipient_row
    from facts
    where recipient_key is not null
    group by root, recipient_key
) n on n.root = l.key;

insert into settled
select
    l.key, l.key, l.recipient_key, l.role, l.recipient_row, f."row",
    case
        when f.settles = 1 then f.fate
        when l.ended_us is not null then {unknown}
        else coalesce(f.fate, {pending})
    end,
    l.submitted_us, case when f.settles = 1 then f.time_us else l.ended_us end, coalesce(f.time_us, l.last_us), 0, 0, null,
    l.size, l.begun_before, l.accepted, 'undecided'
from lone l
left join (
    select root, recipient_key, "row", settles, fate, time_us
    from (
        select
            t.key as root, t.recipient_key, f."row", f.settles, f.fate, f.time_us,
            row_number() over (
                partition by t.key, t.recipient_key
                order by
                    f.told_by_notice desc, f.settles desc, f.time_us desc, f.rank desc, f.source desc, f."offset" desc,
                    f."row" desc
            ) as place
        from lone t
        join facts f on f.root = t.key and (f.recipient_key is null or f.recipient_key = t.recipient_key)
    ) choice
    where place = 1
) f on f.root = l.key and f.recipient_key is not distinct from l.recipient_key;

-- Far fewer than all: what is joined with them need not look at every line.
create view fact_lines as
select * from deliveries where "row" in (select "row" from facts);

create view recipients_plain as
select
    s.root, s.key, s.recipient_key, s.recipient_row, s.role,
    coalesce(x.source, d.source, l.source) as source,
    coalesce(x.line, d.line, l.line) as line,
    coalesce(x."offset", d."offset", l."offset") as "offset",
    l.host, l.instance, l.service, l.queue_id, coalesce(c.queue_ids, l.queue_id) as queue_ids,
    coalesce(l.message_id, c.message_id) as message_id,
    l.provider_message_id, l.subject, l.raised_by, l.campaign, l.sender,
    l.sender_domain, s.size, l.nrcpt, l.client_host, l.client_ip, l.sasl_user, l.origin,
    s.direction, s.submitted_us, l.accepted_us,
    coalesce(d.recipient, x.recipient) as recipient,
    coalesce(d.recipient_domain, x.recipient_domain) as recipient_domain,
    coalesce(
        case when g.address <> d.recipient then g.address end, case when v.address <> d.recipient then v.address end,
        d.original_recipient
    ) as original_recipient,
    o.outcome, o.outcome as status, false as implied, s.finished_us, s.last_us, s.attempts, s.deferrals, s.first_deferred_us,
    coalesce(x.event, d.event) as event,
    coalesce(x.raw_event, d.raw_event) as raw_event,
    coalesce(x.program, d.program) as program,
    -- A message that expired shows the failure that it expired of.
    case when x.event <> 'expired' then x.smtp_code else d.smtp_code end as smtp_code,
    case when x.event <> 'expired' then x.enhanced_status else d.enhanced_status end as enhanced_status,
    case when x.event <> 'expired' then x.reply else coalesce(d.reply, x.reply) end as reply,
    d.relay_host, d.relay_ip, d.relay_port,
    -- The line of a later hop tells of that hop alone, and many sources tell of no delay at all.
    case
        when s.key = s.root and (d.delay is not null or s.accepted = 0) then d.delay
        when d.time_us >= s.submitted_us and d.event not in ('opened', 'clicked', 'unsubscribed', 'complained')
            then cast(d.time_us - s.submitted_us - (d.time_us - s.submitted_us) % 1000 as double) / 1000000
        else d.delay
    end as delay,
    d.delay_a, d.delay_b, d.delay_c, d.delay_d, d.tls,
    case when x.event <> 'expired' or d."row" is null then x."row" else d."row" end as cause_row
from settled s
left join deliveries d on d."row" = s.recipient_row
left join fact_lines x on x."row" = s.fact_row
join life l on l.key = s.root
join outcome_words o on o.fate = s.fate
left join chains c on c.root = s.root
left join given g on g.child_key = s.key and g.recipient_key = d.recipient_key
-- The only one of whom a line tells is the only one, unless others' lines may have been written before these logs begin.
left join given v on v.child_key = s.key and v.sole and (v.copied = 1 or l.accepted_us is not null);

-- Without causes, until a question needs them (causes.py).
create view recipients as
select * exclude (cause_row), cast(null as varchar) as type, cast(null as varchar) as category
from recipients_plain;
