-- title: What became of each recipient
-- Reads deliveries, lives, the tables of handovers.sql, family, event_words (vocabulary: event, settles, rank, fate, tries) and programs
-- (program, here: 1 if it puts mail into local mailboxes, 0 if it sends it on, null if it does neither).
-- Makes settled (one narrow row per message and final recipient), and the views recipients (all its columns) and fact_lines.
-- Both tables are long, so their words are of the type `word`, one byte, and their flags as small.
-- Most recipients have one line, which decides; only the others are ranked. Pieces: settles, and place, by which facts of one
-- time are ordered.

-- Facts about a whole message; the address on a hold or discard line is one of several, as it was first given.
create table facts as
select d."row", d.key, coalesce(f.root, d.key) as root, d.recipient_key, d.time_us, d.source, d."offset", d.event, w.settles, w.rank, w.fate,
    0 as told_by_notice
from deliveries d
join event_words w on w.event = d.event
left join family f on f.key = d.key
where (d.recipient_key is null and d.event in ('expired', 'held', 'released', 'deleted', 'discarded', 'rejected'))
    or (d.event in ('held', 'discarded') and d.attempted = false);

-- A message of whose recipients no line names one (an alias runs in a circle, it has too many hops): the notice alone tells.
insert into facts
select d."row", d.key, coalesce(f.root, d.key), d.recipient_key, d.time_us, d.source, d."offset", w.event, w.settles, w.rank, w.fate, 1
from deliveries d
join event_words w on w.event = 'bounced'
join life l on l.key = d.key
left join family f on f.key = d.key
where d.event = 'notified' and d.notice = 'failure' and d.raw_event = 'DSN' and l.nrcpt >= 1
    and not exists (
        select 1
        from deliveries t
        where t.key = d.key and (
            (t.recipient_key is not null and t.event <> 'pending')
            -- `done` says no more than that sendmail is through with it.
            or (t.recipient_key is null and t.event = 'expired' and coalesce(t.raw_event, '') <> 'done')
        )
    );

-- How long a server keeps mail, in seconds, as its notices say (`Cannot send message for 5 days`); notices have a limit of
-- their own.
create table kept_for as
select coalesce(l.host, '') as host, max(d.delay) as seconds
from deliveries d
join life l on l.key = d.key
where d.event = 'expired' and d.recipient_key is null and d.delay > 0 and coalesce(l.sender, '?') <> ''
group by coalesce(l.host, '');

-- Sendmail looks at the age of a message after each attempt. Who wants no notice gets none, and no line tells of the end:
-- an attempt at more than that age was the last one, if a queue run passed without another: if some other mail was tried after
-- it, and once more after that (urgent mail may have a limit of its own, so that age alone proves nothing).
insert into facts
select "row", key, root, recipient_key, time_us, source, "offset", event, settles, rank, fate, 0
from (
    select
        d."row", d.key, coalesce(f.root, d.key) as root, cast(null as bigint) as recipient_key, d.time_us, d.source, d."offset",
        w.event, w.settles, w.rank, w.fate, d.event as said, d.delay > k.seconds as overdue,
        d.time_us <= max(d.before_us) over (partition by l.host) as passed_over,
        row_number() over (partition by d.key order by d.time_us desc, d."row" desc) as place, l.sender
    from (
        select *, lag(time_us, 1, 0) over (partition by key, recipient_key order by time_us, "row") as before_us
        from deliveries
        where recipient_key is not null and key in (select l.key from life l join kept_for k on k.host = coalesce(l.host, ''))
    ) d
    join life l on l.key = d.key
    join kept_for k on k.host = coalesce(l.host, '')
    join event_words w on w.event = 'expired'
    left join family f on f.key = d.key
    where d.recipient_key is not null
) last_of_each
where place = 1 and sender <> '' and said = 'deferred' and overdue and passed_over;

-- What is held, deleted or given up after it was requeued, under its new id, is the fate of those whom only the old id names.
insert into facts
select f."row", r.key, f.root, cast(null as bigint), f.time_us, f.source, f."offset", f.event, f.settles, f.rank, f.fate, f.told_by_notice
from facts f
join requeued r on r.later = f.key;

create table story as
select
    d."row", coalesce(f.root, d.key) as root, coalesce(t.child_key, d.key) as key, d.recipient_key, d.time_us,
    cast(d.event as word) as event, cast({settles} as tinyint) as settles, w.fate,
    -- A line that handed the mail on is no attempt of its own: the next life's is.
    cast(w.tries = 1 and coalesce(d.attempted, true) and (h.key is null or d.event <> 'delivered') as tinyint) as tried,
    cast(d.event in ('relayed', 'expanded') and t.child_key is null as tinyint) as given_away,
    -- A late bounce stands for itself, wherever on the way it is told.
    cast(case when h.key is null or d.late then 1 else 0 end as tinyint) as stands,
    cast(
        case
            when d.relay_host in ('local', 'virtual', 'dovecot', 'cyrus', 'procmail', 'maildrop', 'lmtp', 'prog') then 1
            else g.here
        end as tinyint
    ) as here
from deliveries d
join event_words w on w.event = d.event
left join programs g on g.program = d.program
left join family f on f.key = d.key
left join handed_on h on h.key = d.key and h.recipient_key = d.recipient_key
left join handed_to t on t."row" = d."row"
where d.recipient_key is not null and not (d.event in ('held', 'discarded') and coalesce(d.attempted, true) = false);

-- Requeued mail is addressed anew: whom the old id names and the newer ones only as the first address of others is none of
-- its recipients any more.
delete from story
where settles < 1 and "row" in (
    select d."row"
    from requeued r
    join deliveries d on d.key = r.key
    join deliveries n on n.key = r.later and lower(n.original_recipient) = lower(d.recipient)
    where not exists (
        select 1
        from requeued q
        join deliveries o on o.key = q.later
        where q.key = d.key and o.recipient_key = d.recipient_key
    )
);

-- A notice to a sender of its own that Sendmail does not know fails at once, under the id of the message: no mailer was called
-- (no `xdelay=`), and the sender is none of the recipients.
delete from story
where "row" in (
    select d."row"
    from deliveries d
    join life l on l.key = d.key
    where d.event = 'bounced' and d.raw_event <> 'bounced' and d.relay_host = 'local' and d.delay >= 0 and d.delay_d is null
        and lower(l.sender) in (lower(d.recipient), lower(d.original_recipient))
        and exists (select 1 from deliveries o where o.key = d.key and o.recipient_key <> d.recipient_key)
);

-- Mail that waits for its first queue run is logged as it was addressed (`stat=queued`); an alias among these addresses is none of
-- the recipients once such a run has met others, under this id or that of a list's owner (a clone).
delete from story
where event = 'pending' and "row" in (
    select q."row"
    from deliveries q
    join story s on s."row" = q."row"
    join life l on l.key = q.key
    join story o on o.root = s.root and o.event not in ('pending', 'relayed', 'expanded') and o.stands = 1 and o.time_us >= s.time_us
    join life c on c.key = o.key
    where q.event = 'pending' and q.raw_event = 'queued' and q.relay_host = 'local'
        and (o.key = q.key or lower(c.sender) <> lower(l.sender))
        and not exists (
            select 1 from deliveries w where w.key = q.key and w.event = 'pending' and w.recipient_key = o.recipient_key
        )
        and not exists (
            select 1 from story t where t.root = s.root and t.recipient_key = s.recipient_key and t.event <> 'pending'
        )
);

create table several as
select root, recipient_key
from story
group by root, recipient_key
having count(*) > 1;

create table ranked as
select
    s."row",
    row_number() over (
        partition by s.root, s.recipient_key
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
join deliveries d on d."row" = s."row";

-- A fact about the whole message settles those that nothing else settled; `expired` only those that were waiting here.
create table changed as
select "row", fact_row, settles, fate, time_us
from (
    select
        s."row", f."row" as fact_row, f.settles, f.fate, f.time_us,
        row_number() over (
            partition by s."row"
            order by f.told_by_notice desc, f.settles desc, f.time_us desc, f.rank desc, f.source desc, f."offset" desc, f."row" desc
        ) as place
    from story s
    join facts f on f.key = s.key
    left join ranked r on r."row" = s."row"
    where s.settles < 1 and s.stands = 1 and coalesce(r.place, 1) = 1
        and (f.event <> 'expired' or (s.fate in ({deferred}, {pending}) and s.given_away = 0))
        and (f.settles = 1 or f.time_us > s.time_us or (f.time_us = s.time_us and f."row" > s."row"))
) choice
where place = 1;

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
    l.size, cast(l.begun_before as tinyint) as begun_before,
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
        case
            when origin is not null or client_ip is not null or message_id is not null then 0
            when accepted_us is not null and size is null then 0
            else 1
        end as begun_before,
        case
            when sasl_user is not null or origin = 'local' then 1
            when client_ip is null then null
            when client_ip = '::1' or client_ip like '127.%' or client_ip like '10.%' or client_ip like '192.168.%'
                or client_ip similar to '172[.](1[6-9]|2[0-9]|3[01])[.].*' or client_ip similar to '(fc|fd|fe80)[^.]*' then 1
            else 0
        end as ours
    from lives
) l on l.key = s.root
left join ranked r on r."row" = s."row"
left join changed c on c."row" = s."row"
left join family f on f.key = s.key
where s.stands = 1 and coalesce(r.place, 1) = 1 and l.role <> 'probe';

-- Under its old id requeued mail has ended; who waited there waits on while the newest id is open.
update settled
set finished_us = null, fate = (
    select max(coalesce(c.fate, s.fate)) from story s left join changed c on c."row" = s."row" where s."row" = settled.recipient_row
)
where fate = {unknown} and key in (select key from newest where ended_us is null);

-- Messages of which no line says what became of a recipient: a row for each that a fact names, or one without.
create table lone as
select l.key, l.role, coalesce(l.accepted_us, l.first_us) as submitted_us,
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
    l.size, l.begun_before, 'undecided'
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

-- A last try that gave no reason (`stat=Deferred`): the latest that did is shown.
create table told_earlier as
select root, recipient_key, "row"
from (
    select s.root, s.recipient_key, t."row",
        row_number() over (partition by s.root, s.recipient_key order by t.time_us desc, t."row" desc) as place
    from settled s
    join deliveries d on d."row" = s.recipient_row
    join story t on t.root = s.root and t.recipient_key = s.recipient_key
    join deliveries e on e."row" = t."row"
    where s.fate = {expired} and d.event = 'deferred' and d.reply is null and e.event = 'deferred' and e.reply is not null
) ranked_replies
where place = 1;

update settled
set recipient_row = (
    select e."row" from told_earlier e where e.root = settled.root and e.recipient_key = settled.recipient_key
)
where exists (select 1 from told_earlier e where e.root = settled.root and e.recipient_key = settled.recipient_key);

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
    case when s.key = s.root or d.delay is null then d.delay else cast(d.time_us - s.submitted_us as double) / 1000000 end as delay,
    d.delay_a, d.delay_b, d.delay_c, d.delay_d, d.tls,
    case when x.event <> 'expired' or d."row" is null then x."row" else d."row" end as cause_row
from settled s
left join deliveries d on d."row" = s.recipient_row
left join fact_lines x on x."row" = s.fact_row
join life l on l.key = s.root
join outcome_words o on o.fate = s.fate
left join chains c on c.root = s.root
left join given g on g.child_key = s.key and g.recipient_key = d.recipient_key
left join given v on v.child_key = s.key and v.sole;

-- Without causes, until a question needs them (causes.py).
create view recipients as
select * exclude (cause_row), cast(null as varchar) as type, cast(null as varchar) as category
from recipients_plain;
