-- title: Facts about whole messages that Sendmail tells otherwise, or not at all
-- Reads deliveries, life, family, event_words. Adds to facts, takes from them; makes kept_for.

-- `done` gives up who still waits: of mail that a log shows from its end only, it tells nothing.
delete from facts
where "row" in (
    select d."row"
    from deliveries d
    join life l on l.key = d.key
    where d.raw_event = 'done' and d.recipient_key is null and l.accepted_us is null
        and not exists (select 1 from deliveries t where t.key = d.key and t.recipient_key is not null)
);

-- A message of whose recipients no line names one (an alias runs in a circle, it has too many hops, a program handed it in to
-- nobody but addresses that are none): the notice alone tells.
insert into facts
select d."row", d.key, coalesce(f.root, d.key), d.recipient_key, d.time_us, d.source, d."offset", w.event, w.settles, w.rank, w.fate, 1
from deliveries d
join event_words w on w.event = 'bounced'
join life l on l.key = d.key
left join family f on f.key = d.key
where d.event = 'notified' and d.notice = 'failure' and d.raw_event = 'DSN' and (l.nrcpt >= 1 or l.origin = 'local')
    and not exists (
        select 1
        from deliveries t
        where t.key = d.key and (
            (t.recipient_key is not null and t.event <> 'pending')
            -- `done` says no more than that sendmail is through with it.
            or (t.recipient_key is null and t.event = 'expired' and coalesce(t.raw_event, '') <> 'done')
        )
    );

-- Where every recipient is named and nobody was refused, a notice of failure gives up whoever waits: any trouble on the way may
-- stand in it instead of the age.
insert into facts
select d."row", d.key, coalesce(f.root, d.key), cast(null as bigint), d.time_us, d.source, d."offset", w.event, w.settles, w.rank, w.fate, 1
from deliveries d
join event_words w on w.event = 'expired'
join life l on l.key = d.key
join (
    select key, count(distinct recipient_key) as named
    from deliveries
    where recipient_key is not null and key in (select key from deliveries where event = 'notified' and raw_event = 'DSN')
    group by key
) r on r.key = d.key and r.named >= l.nrcpt
left join family f on f.key = d.key
where d.event = 'notified' and d.notice = 'failure' and d.raw_event = 'DSN'
    and exists (select 1 from deliveries t where t.key = d.key and t.recipient_key is not null and t.event = 'deferred')
    and not exists (select 1 from deliveries t where t.key = d.key and t.event in ('bounced', 'expired'));

-- A milter took all recipients away: sendmail is through with the message at once, and nobody is told.
insert into facts
select d."row", d.key, coalesce(f.root, d.key), d.recipient_key, d.time_us, d.source, d."offset", w.event, w.settles, w.rank, w.fate, 1
from deliveries d
join event_words w on w.event = 'discarded'
left join family f on f.key = d.key
where d.event = 'other' and d.raw_event = 'removed by milter'
    and not exists (select 1 from deliveries t where t.key = d.key and t.recipient_key is not null and t.event <> 'other');

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
