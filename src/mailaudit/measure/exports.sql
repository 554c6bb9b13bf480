-- title: Events that exports tell more than once
-- Reads deliveries. Makes retold (rows that tell again what another row tells) and overruled (deliveries that a late bounce undid).
-- The same record again, whatever id it has now: one format, one word, one moment. What a reader does may be done twice at one
-- moment, so there the id counts. Of several formats that tell one event in one second, the one that says most stands. A time that
-- stands for a minute, and a last state, give way to the event itself.
create table told_often as
select matter
from deliveries
where matter is not null
group by matter
having count(*) > 1;

create table alike as
select
    d."row", d.matter, d.time_us, d.grain,
    row_number() over (
        partition by
            d.format, d.matter, d.time_us, d.raw_event, d.event, case when d.event in ('opened', 'clicked') then d.event_id end
        order by d."offset", d."row"
    ) as copy,
    dense_rank() over (partition by d.matter, d.time_us - d.time_us % 1000000 order by d.detail, d.format) as choice
from deliveries d
join told_often t on t.matter = d.matter;

create table retold as
select "row" from alike where copy > 1 or choice > 1
union
select c."row"
from alike c
join alike o on o.matter = c.matter and o.grain is null
where c.grain is not null
    and (c.grain < 0 or (o.time_us >= c.time_us and o.time_us < c.time_us + cast(c.grain as bigint) * 1000000));

create table overruled as
select d."row"
from deliveries d
join (
    select distinct key, recipient_key from deliveries where late and recipient_key is not null
) l on l.key = d.key and l.recipient_key = d.recipient_key
where d.event = 'delivered'
