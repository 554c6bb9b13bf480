-- title: Pools and streams
-- Reads life, family. Makes streams: what providers say of the pool and the stream of each message.
create or replace table streams as
select coalesce(f.root, l.key) as root, min(l.pool) as pool, min(l.stream) as stream
from life l
left join family f on f.key = l.key
where l.pool is not null or l.stream is not null
group by coalesce(f.root, l.key)
