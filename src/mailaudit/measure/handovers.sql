-- title: Which lines hand the mail to a life that is in these logs
-- Reads deliveries, telling, parents, family, life, joins, joined_rows. Makes handed_on, handed_to, chains, given, requeued, newest.
-- A line that handed the mail to a life that is in these logs: by the queue id it names, or, for a hand-over that names
-- none we know, to a child that nobody names.
create table handed as
select d."row", d.key, d.recipient_key, d.recipient, d.original_recipient, f.key as child_key,
    -- A copy is made of one recipient; a filter is given them one by one, and may hand them on together.
    case when d.event = 'expanded' then 1 else 0 end as copied
from deliveries d
join parents p on p.parent_key = d.key
join family f on f.key = p.child_key
where d.recipient_key is not null and d.event in ('relayed', 'expanded', 'delivered') and d.next_id = f.queue_id;

-- Joined systems: exactly the recipients of which both tell.
insert into handed
select d."row", d.key, d.recipient_key, d.recipient, d.original_recipient, j.child_key, 0
from joined_rows j
join deliveries d on d."row" = j."row"
where not exists (select 1 from handed h where h."row" = j."row" and h.child_key = j.child_key);

-- Of several children that nobody names (a filter hands in a copy for each recipient), the one with the same recipient,
-- else one that says nothing yet.
create table unnamed as
select p.parent_key, p.child_key, f.first_us, f.shown_id,
    exists (select 1 from telling l where l.key = p.child_key) as told
from parents p
join family f on f.key = p.child_key
where not exists (select 1 from handed h where h.child_key = p.child_key)
    and p.child_key not in (select child_key from joins);

insert into handed
select "row", key, recipient_key, recipient, original_recipient, child_key, copied
from (
    select d."row", d.key, d.recipient_key, d.recipient, d.original_recipient, u.child_key,
        case when d.event = 'expanded' then 1 else 0 end as copied,
        row_number() over (
            partition by d."row"
            order by case when exists (
                select 1 from deliveries l where l.key = u.child_key and l.recipient_key = d.recipient_key
            ) then 0 else 1 end, u.told, u.first_us, u.shown_id, u.child_key
        ) as place
    from deliveries d
    join unnamed u on u.parent_key = d.key
    where d.recipient_key is not null
        and (
            d.event in ('relayed', 'expanded')
            or (d.event = 'delivered' and d.next_id = '')
            or (d.event = 'delivered' and d.next_id is null and d.relay_ip in ('127.0.0.1', '::1') and d.program like '%/smtp')
        )
        and not exists (select 1 from handed h where h."row" = d."row")
) choice
where place = 1;

-- Logs may end while a child has not told of all its recipients yet: of whom it says nothing, waits in it. What has been
-- silent for an hour (µs) will say no more, and if more are missing than it has, it calls them by other names.
create table untold as
select c.key, c.nrcpt - count(distinct t.recipient_key) as missing
from life c
join telling t on t.key = c.key
where c.key in (select child_key from handed) and c.ended_us is null
    and c.last_us >= (select max(last_us) from life) - 3600000000
group by c.key, c.nrcpt
having count(distinct t.recipient_key) < c.nrcpt;

create table waiting as
select "row", key, recipient_key, child_key
from (
    select h."row", h.key, h.recipient_key, h.child_key, u.missing, count(*) over (partition by h.child_key) as silent
    from handed h
    join untold u on u.key = h.child_key
    where not exists (
        select 1
        from deliveries l
        where l.key = h.child_key
            and (l.recipient_key = h.recipient_key or lower(l.original_recipient) = lower(h.recipient))
    )
) unnamed_yet
where silent <= missing;

-- Of a child with recipients of its own, these stand for the hand-over; of one without, the hand-over tells who they are.
create table handed_on as
select distinct h.key, h.recipient_key
from handed h
where h.child_key in (select key from telling) and not exists (select 1 from waiting w where w."row" = h."row");

-- A child that only divides its recipients among children of its own (a list with an owner, a queue group): the last of them
-- stand for the hand-over, unless one of these says nothing yet, which may have this recipient.
create table bare as
select distinct child_key
from handed
where child_key not in (select key from telling);

create table last_below as
with recursive down (top, key) as (
    select b.child_key, p.child_key
    from bare b
    join parents p on p.parent_key = b.child_key
    join family f on f.key = p.child_key
    union
    select d.top, p.child_key
    from down d
    join parents p on p.parent_key = d.key
)
select d.top, d.key, exists (select 1 from telling l where l.key = d.key) as told,
    not exists (select 1 from parents p where p.parent_key = d.key) as ends
from down d;

insert into handed_on
select distinct h.key, h.recipient_key
from handed h
join (
    select top, max(case when told then 1 else 0 end) as told, max(case when ends and not told then 1 else 0 end) as silent
    from last_below
    group by top
) b on b.top = h.child_key
where b.told = 1 and (
    b.silent = 0 or exists (
        select 1
        from last_below c
        join deliveries l on l.key = c.key
        where c.top = h.child_key and l.recipient_key = h.recipient_key
    )
);

create table handed_to as
select h."row", h.child_key
from handed h
where h.child_key in (select child_key from bare)
    and not exists (select 1 from handed_on o where o.key = h.key and o.recipient_key = h.recipient_key)
union all
select "row", child_key
from waiting;

-- The ids of a message's lives, first to last; and its Message-ID where only a later life's lines tell it (logs that begin in
-- its midst): filters and forwards keep it.
create table chains as
select r.root, m.message_id,
    concat_ws(' ', r.queue_id, string_agg(f.shown_id, ' ' order by f.depth, f.first_us, f.shown_id, f.key)) as queue_ids
from family f
join (select key as root, coalesce(queue_id, handed_as, provider_message_id) as queue_id from life) r on r.root = f.root
left join (
    select root, message_id
    from (
        select f.root, l.message_id, row_number() over (partition by f.root order by f.depth, f.first_us, f.key) as place
        from family f
        join life l on l.key = f.key
        join life p on p.key = f.root
        where p.message_id is null and l.message_id is not null
    ) told
    where place = 1
) m on m.root = f.root
group by r.root, r.queue_id, m.message_id;

-- The recipient as first given, followed from the first life down: by the line that handed on this very address, or
-- that handed on the only one.
create table passed as
select child_key, key, recipient_key, coalesce(min(original_recipient), min(recipient)) as address,
    count(*) over (partition by child_key) = 1 as sole, max(copied) as copied
from handed
group by child_key, key, recipient_key;

create table given as
with recursive down (child_key, recipient_key, address, sole, copied) as (
    select child_key, recipient_key, address, sole, copied
    from passed
    where key not in (select key from family)
    union all
    select p.child_key, p.recipient_key, d.address, p.sole, p.copied
    from passed p
    join down d on d.child_key = p.key and (d.recipient_key = p.recipient_key or d.sole)
)
select child_key, recipient_key, address, sole, copied from down;

-- Postfix requeues mail under a new id, which no delivery names as long as none was tried again.
create table requeued as
with recursive on_from (key, later) as (
    select p.parent_key, p.child_key
    from parents p
    join life l on l.key = p.child_key
    where l.previous_id is not null and l.origin = 'local'
    union
    select o.key, p.child_key
    from on_from o
    join parents p on p.parent_key = o.later
    join life l on l.key = p.child_key
    where l.previous_id is not null and l.origin = 'local'
)
select key, later from on_from;

-- Its newest life, and how that stands.
create table newest as
select key, later, ended_us
from (
    select r.key, r.later, l.ended_us, row_number() over (partition by r.key order by l.first_us desc, l.key desc) as place
    from requeued r
    join life l on l.key = r.later
) ranked_lives
where place = 1;
