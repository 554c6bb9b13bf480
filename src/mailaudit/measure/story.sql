-- title: What each line says of a recipient
-- Reads deliveries, telling, the tables of handovers.sql, family, event_words and programs (program, here: 1 if it puts mail into local
-- mailboxes, 0 if it sends it on, 2 if both, null if it does neither). Adds to facts; makes story, whose words are of the type `word`, one
-- byte, and whose flags are as small, because it is long. Piece: settles.

-- What is held, deleted or given up after it was requeued, under its new id, is the fate of those whom only the old id names.
insert into facts
select f."row", r.key, f.root, cast(null as bigint), f.time_us, f.source, f."offset", f.event, f.settles, f.rank, f.fate, f.told_by_notice
from facts f
join requeued r on r.later = f.key;

-- Of an alias or a .forward, what local(8) put into a mailbox or refused, while the mail goes on to other addresses. A program that
-- got it, too, is no recipient. (A relay of lines may cut the daemon's name off.) Of qmail a line tells both.
create table parts_here as
select "row"
from deliveries
where (
        (program like '%/local' or (program like 'postfix%' and program not like '%/%' and relay_host = 'local'))
        and (event = 'bounced' or (event = 'delivered' and reply not like 'delivered to command%'))
        or program like '%qmail%' and relay_host = 'local' and event = 'delivered'
    )
    and key in (select key from handed_on);

create table story as
select
    d."row", coalesce(f.root, d.key) as root, coalesce(t.child_key, d.key) as key, d.recipient_key, d.time_us,
    cast(w.event as word) as event, cast({settles} as tinyint) as settles, w.fate,
    -- A line that handed the mail on is no attempt of its own: the next life's is.
    cast(w.tries = 1 and coalesce(d.attempted, true) and (h.key is null or d.event <> 'delivered' or p."row" is not null) as tinyint) as tried,
    cast(d.event in ('relayed', 'expanded') and t.child_key is null as tinyint) as given_away,
    -- A late bounce stands for itself, wherever on the way it is told.
    cast(case when h.key is null or d.late or p."row" is not null then 1 else 0 end as tinyint) as stands,
    cast(
        case
            when d.relay_host in ('local', 'virtual', 'dovecot', 'cyrus', 'procmail', 'maildrop', 'lmtp', 'prog') then 1
            when g.here = 2 then case when d.relay_ip is not null then 0 when d.event = 'delivered' then 1 end
            else g.here
        end as tinyint
    ) as here
from telling d
left join handed_to t on t."row" = d."row"
-- Who takes the mail and tells of it in these logs has not delivered it yet.
join event_words w on w.event = case when t.child_key is not null and d.event = 'delivered' then 'relayed' else d.event end
left join programs g on g.program = d.program
left join family f on f.key = d.key
left join handed_on h on h.key = d.key and h.recipient_key = d.recipient_key
left join parts_here p on p."row" = d."row";
