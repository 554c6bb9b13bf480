-- title: What qmail queued itself, and attempts of which nothing came yet
-- Reads deliveries, messages. Makes begun_deliveries (rows that only say that an attempt began, whose recipient has others) and
-- queued_deliveries: for rows that name a process that queued a message (`qp`), the message that it queued.
-- A notice is queued right before the line that names it, a forwarded copy while the delivery is under way, so both stand close by
-- that line; process numbers come back, so the nearest counts. Windows in µs.
create table begun_deliveries as
select p."row"
from deliveries p
where p.raw_event = 'starting' and exists (
    select 1 from deliveries o where o.key = p.key and o.recipient_key = p.recipient_key and o.raw_event <> 'starting'
);

create table queued_by as
select
    d."row", d.key as parent_key, m.key as child_key, m.queue_id, d.time_us, abs(m.first_us - d.time_us) as distance,
    case d.event when 'notified' then 'notice' else 'forward' end as kind
from deliveries d
join messages p on p.key = d.key and p.instance = 'qmail'
join messages m on m.handed_as = d.next_id and m.instance = 'qmail' and coalesce(m.host, '') = coalesce(p.host, '')
where d.event in ('notified', 'expanded') and d.next_id like 'qp %' and m.key <> d.key
    and m.first_us between d.time_us - 600000000 and d.time_us + 600000000
    and (d.event <> 'notified' or m.sender in ('', '#@[]'));

create table queued_deliveries as
select "row", parent_key, child_key, queue_id, time_us, kind
from (
    select
        *,
        row_number() over (partition by "row" order by distance, child_key) as place,
        row_number() over (partition by child_key order by distance, time_us, parent_key, "row") as choice
    from (select distinct * from queued_by) each
) ranked
where place = 1 and choice = 1;
