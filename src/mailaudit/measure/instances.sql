-- title: Which mail the lines of a service are about, whose tag names another instance of Postfix
-- Reads messages, deliveries, refusals. Makes halves (lives that nothing but lines of services told of: key, the life that is
-- meant, its instance), and misnamed (the same for each of their deliveries).
-- Debian's master.cf lets relay/smtp of every instance log as `postfix/relay/smtp`: where there is an instance called `postfix`,
-- too, it is taken for that one's. Only queue manager and cleanup name the instance, and a queue id is one inode's: a life of
-- services without a line of theirs is that of the same host's other instance that has the id at that time. Windows in µs: smtpd
-- gives an id out before cleanup has it; stamps may have no fraction.
create table headless as
select
    key, coalesce(host, '') as host, min(queue_id) as queue_id, min(first_us) as first_us, max(last_us) as last_us,
    max(service) as service, max(origin) as origin
from messages
where instance = 'postfix' and queue_id is not null
group by key, coalesce(host, '')
having max(service) is not null and max(message_id) is null and max(size) is null and max(nrcpt) is null and max(ended_us) is null;

create table whole as
select
    key, coalesce(host, '') as host, min(instance) as instance, min(queue_id) as queue_id, min(first_us) as first_us,
    coalesce(max(ended_us), max(last_us)) as last_us, max(origin) as origin
from messages
where instance <> 'postfix' and queue_id in (select queue_id from headless)
group by key, coalesce(host, '');

create table near as
select key, service, meant, instance
from (
    select h.key, h.service, w.key as meant, w.instance,
        row_number() over (partition by h.key order by abs(w.first_us - h.first_us), w.key) as place
    from headless h
    join whole w on w.host = h.host and w.queue_id = h.queue_id and (w.origin is null or h.origin is null)
    where w.first_us <= h.last_us + 60000000 and w.last_us >= h.first_us - 60000000
) choice
where place = 1;

-- A service of `postfix` itself has lives of its own; that one of them is cut off and meets another instance's id is chance.
create table halves as
select n.key, n.meant, n.instance
from near n
join (select service, count(*) as lives from messages where instance = 'postfix' group by service) a on a.service = n.service
join (select service, count(*) as lives from near group by service) b on b.service = n.service
where b.lives * 4 >= a.lives;

create table misnamed as
select "row", meant
from (
    select d."row", w.key as meant, row_number() over (partition by d."row" order by w.first_us desc, w.key) as place
    from deliveries d
    join halves s on s.key = d.key
    join headless h on h.key = d.key
    join whole w on w.host = h.host and w.queue_id = h.queue_id and w.instance = s.instance
    where w.first_us <= d.time_us + 1000000
) latest
where place = 1;
