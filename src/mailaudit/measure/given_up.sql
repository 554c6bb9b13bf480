-- title: Who is given up with a part of an alias
-- Reads story, facts, deliveries. Changes story.
-- An alias of which a part was delivered and another waits is given up with what waits.
create table given_up as
select s."row", s.key, s.recipient_key, s.time_us, s.event, d.source, d."offset"
from story s
join deliveries d on d."row" = s."row"
where s.event in ('delivered', 'deferred')
    and (d.program like '%/local' or (d.program like 'postfix%' and d.program not like '%/%' and d.relay_host = 'local'))
    and s.key in (select key from facts where event = 'expired');

update story
set settles = 0
where "row" in (
    select g."row"
    from given_up g
    join given_up l on l.key = g.key and l.recipient_key = g.recipient_key
    where g.event = 'delivered' and l.event = 'deferred'
        and (l.time_us, l.source, l."offset") > (g.time_us, g.source, g."offset")
);
