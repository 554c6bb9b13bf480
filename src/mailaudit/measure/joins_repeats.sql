-- title: Several mails under one key
-- Reads life, deliveries. Fills moved and moved_lives. Bloomreach tells of no message, only of an action and an address: each
-- `enqueued` begins another mail, and a fact belongs to the latest that began before it.
create temp table begun as
select key, recipient_key, time_us, -1 - min("row") as own_key,
    row_number() over (partition by key, recipient_key order by time_us) as turn,
    lead(time_us, 1, null) over (partition by key, recipient_key order by time_us) as until_us
from deliveries
where event = 'accepted' and recipient_key is not null and key in (select key from life where instance = 'bloomreach')
group by key, recipient_key, time_us;

insert into moved
select d."row", b.own_key, null, null
from deliveries d
join begun b on b.key = d.key and b.recipient_key = d.recipient_key
    and d.time_us >= b.time_us and (b.until_us is null or d.time_us < b.until_us)
where b.turn > 1;

insert into moved_lives
select key, own_key, time_us from begun where turn > 1;

drop table begun;
