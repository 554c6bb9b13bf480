-- title: Events of a provider that name their message by Message-ID only
-- Reads life, deliveries. Fills moved (rows of deliveries, and the message and recipient they belong to) and moved_lives (messages
-- that are nothing of their own: into_key is null). SendGrid's late bounces of mail that came by SMTP are such.
-- Of several messages with that Message-ID and recipient, the latest begun before the fact, else the nearest.
create temp table apart as
select key, instance, message_id
from life
where origin = 'provider' and provider_message_id is null and message_id is not null;

create temp table whole as
select l.key, l.instance, l.message_id, l.first_us
from life l
where l.origin = 'provider' and l.provider_message_id is not null and l.message_id in (select message_id from apart);

insert into moved
select "row", key, recipient_key, null
from (
    select
        d."row", w.key, t.recipient_key,
        row_number() over (
            partition by d."row"
            order by case when w.first_us <= d.time_us then 0 else 1 end, abs(d.time_us - w.first_us), w.key
        ) as place
    from deliveries d
    join apart a on a.key = d.key
    join whole w on w.message_id = a.message_id and w.instance = a.instance
    join (
        select distinct d.key, d.recipient_key
        from deliveries d
        where d.key in (select key from whole) and d.recipient_key is not null
    ) t on t.key = w.key and t.recipient_key = d.recipient_key
) ranked
where place = 1;

insert into moved_lives (key)
select a.key
from apart a
where a.key not in (select d.key from deliveries d where d."row" not in (select "row" from moved) and d.key in (select key from apart))
    and a.key in (select d.key from deliveries d where d."row" in (select "row" from moved));

drop table apart;
drop table whole;
