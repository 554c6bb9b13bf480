-- title: Which message of one system is a message of another
-- Reads join_lives, join_named, join_ids, deliveries, edges, programs (here: 1 where a program puts mail into mailboxes). Fills joins,
-- joined_rows, moved (facts whose recipient is written otherwise where the message came from, or of a message that two others
-- went on as) and moved_lives; adds to edges.
-- Windows in µs: clocks differ by up to two minutes; an open may be all that a provider tells, weeks later. A provider's own
-- id in a reply is proof even where the log's stamps are of a zone that was not known: by less than a day they are wrong.

-- What of several systems has one Message-ID; one that very many messages have tells nothing.
create table join_shared as
select message_id
from join_lives
where message_id is not null and message_id <> ''
group by message_id
having min(system) <> max(system) and count(*) <= 1000;

create table join_kin as
select key, system, told, queue_id, message_id, first_us, last_us, origin, client_host, client_ip, sasl_user
from join_lives
where message_id in (select message_id from join_shared)
    or key in (select d.key from deliveries d where d."row" in (select "row" from join_named))
    or key in (select i.key from join_ids i where i.id in (select id from join_named));

-- Each recipient of these, and the fact with which it was handed on, if it was.
create table join_recipients as
select d.key, d.recipient_key, lower(d.recipient) as recipient
from deliveries d
where d.recipient_key is not null and d.key in (select key from join_kin)
group by d.key, d.recipient_key, lower(d.recipient);

create table join_handed as
select
    d."row", d.key, d.recipient_key, lower(d.recipient) as recipient, d.recipient as written, lower(d.relay_host) as relay_host,
    d.relay_ip, d.time_us, d.event,
    coalesce(cast((coalesce(d.delay_c, 0) + coalesce(d.delay_d, d.delay, 0)) * 1000000 as bigint), 0) as took_us,
    case
        when d.relay_host in ('local', 'virtual', 'dovecot', 'cyrus', 'procmail', 'maildrop', 'lmtp', 'prog') then 1
        else coalesce(h.here, 0)
    end as here
from deliveries d
left join programs h on h.program = d.program
where d.recipient_key is not null and d.event in ('delivered', 'relayed') and d.key in (select key from join_kin)
    -- what a filter of the same host took on goes out from there
    and not (d.event = 'relayed' and d.key in (select parent_key from edges where kind = 'hop'));

-- One join at a time, each by equal values: left to itself the engine might pair everything with everything.
create table join_left as
select
    h.*, p.system, p.told, p.message_id, p.first_us, p.client_ip,
    case when p.message_id in (select message_id from join_shared) then p.message_id end as shared_id
from join_handed h
join join_kin p on p.key = h.key;

create table join_right as
select
    c.key, r.recipient_key, r.recipient, c.system, c.told, c.message_id, c.first_us, c.last_us, c.origin, c.client_host,
    c.client_ip, c.sasl_user
from join_recipients r
join join_kin c on c.key = r.key
where c.key not in (select child_key from edges where kind in ('hop', 'forward'));

create table join_met as
select distinct n."row", i.key as child_key, i.known_by
from join_named n
join join_ids i on i.id = n.id;

create table join_met_left as
select h.*, m.child_key, m.known_by
from join_met m
join join_left h on h."row" = m."row";

-- by an id that the reply names
create table join_pairs as
select
    h."row", h.key as parent_key, h.recipient_key, h.written, c.key as child_key, c.recipient_key as child_recipient_key,
    h.known_by, abs(c.first_us - h.time_us) as distance, h.time_us, h.first_us as began_us
from join_met_left h
join join_right c on c.key = h.child_key and c.recipient = h.recipient
where c.system <> h.system
    and c.last_us >= h.time_us - h.took_us - case when c.told = 1 then 86400000000 else 120000000 end
    and c.first_us <= h.time_us + case when c.told = 1 then 5184000000000 else 120000000 end
    -- what a receiver says is no proof: where another message has that Message-ID, it is that one
    and (
        c.message_id is null or c.message_id = h.message_id
        or c.message_id not in (select message_id from join_shared)
    )
    and (c.told = 1 or (
        c.first_us >= h.time_us - h.took_us - 120000000 and c.origin is not null
        and (c.message_id = h.message_id or c.message_id is null or h.message_id is null)
    ));

-- by Message-ID: never within one system, and what has gone into a mailbox has not gone on
insert into join_pairs
select
    h."row", h.key, h.recipient_key, h.written, c.key, c.recipient_key, 5, abs(c.first_us - h.time_us), h.time_us, h.first_us
from join_left h
join join_right c on c.message_id = h.shared_id and c.recipient = h.recipient
where c.system <> h.system and h.here = 0
    and c.first_us >= h.first_us - 120000000
    and c.last_us >= h.time_us - h.took_us - 120000000
    and (
        (h.told = 0 and c.told = 1 and c.first_us <= h.time_us + 5184000000000)
        or (
            -- from another host of ours, or from the gateway that it gave the mail to
            h.told = 0 and c.told = 0 and c.origin = 'smtp' and h.event = 'delivered'
            and (h.client_ip is null or c.client_ip <> h.client_ip)
            and (
                c.client_ip = h.relay_ip or c.client_host = h.relay_host or c.client_host = lower(h.system)
                or c.client_host like lower(h.system) || '.%' or lower(h.system) like c.client_host || '.%'
            )
            and c.first_us between h.time_us - h.took_us - 120000000 and h.time_us + 3600000000
        )
        or (
            h.told = 1 and c.told = 0 and c.origin = 'smtp' and c.sasl_user is null and h.event = 'delivered'
            and c.first_us between h.time_us - 120000000 and h.time_us + 120000000
        )
    );

-- What went on by an id goes no other way; and of two messages each is the other's past only once.
create table join_best as
select *
from (
    select
        *,
        row_number() over (
            partition by parent_key, recipient_key order by known_by, distance, time_us, child_key, "row"
        ) as choice
    from (
        select
            *,
            row_number() over (
                partition by child_key, child_recipient_key order by known_by, distance, time_us, parent_key, "row"
            ) as place
        from join_pairs
    ) placed
    where place = 1
) chosen
where choice = 1;

-- A message that a filter took on is one with its first life: where a circle would close, that must be seen.
create table join_roots as
with recursive up (key, above, depth) as (
    select key, key, 0 from join_kin
    union all
    select u.key, e.parent_key, u.depth + 1
    from up u
    join (select child_key, parent_key from edges where kind in ('hop', 'forward')) e on e.child_key = u.above
    where u.depth < 20
)
select key, arg_max(above, depth) as root from up group by key;

create table join_links as
select b."row", p.root as parent_root, c.root as child_root, b.known_by, b.began_us
from join_best b
join join_roots p on p.key = b.parent_key
join join_roots c on c.key = b.child_key;

delete from join_links
where "row" in (
    select b."row"
    from join_links b
    join join_links o on o.parent_root = b.child_root and o.child_root = b.parent_root
    where b.known_by = 5 and (
        o.known_by < 5 or o.began_us < b.began_us or (o.began_us = b.began_us and o.parent_root < b.parent_root)
    )
);

create table join_reached as
with recursive reached (root) as (
    select parent_root from join_links where parent_root not in (select child_root from join_links)
    union
    select l.child_root from reached r join join_links l on l.parent_root = r.root
)
select root from reached;

-- Longer circles are no way that a message took: none of their joins counts.
delete from join_best
where "row" not in (select "row" from join_links where parent_root in (select root from join_reached));

-- A provider's events with one Message-ID may be of several messages, to different recipients: each goes its own way.
create table join_parents as
select child_key, parent_key, min(known_by) as known_by, min(time_us) as time_us,
    row_number() over (partition by child_key order by min(known_by), count(*) desc, min(time_us), parent_key) as place,
    -- no key is so small: they are hashes
    -1 - min("row") as own_key
from join_best
group by child_key, parent_key;

insert into joins
select parent_key, case when place = 1 then child_key else own_key end, known_by, time_us
from join_parents;

insert into joined_rows
select h."row", case when p.place = 1 then p.child_key else p.own_key end
from join_best b
join join_parents p on p.child_key = b.child_key and p.parent_key = b.parent_key
join join_handed h on h.key = b.parent_key and h.recipient_key = b.recipient_key;

insert into moved
select d."row", case when p.place > 1 then p.own_key end, b.recipient_key, b.written
from join_best b
join join_parents p on p.child_key = b.child_key and p.parent_key = b.parent_key
join deliveries d on d.key = b.child_key and d.recipient_key = b.child_recipient_key
where p.place > 1 or b.recipient_key <> b.child_recipient_key;

insert into moved_lives (key, into_key)
select child_key, own_key from join_parents where place > 1;

insert into edges
select parent_key, child_key, 'hop', time_us, known_by from joins;
