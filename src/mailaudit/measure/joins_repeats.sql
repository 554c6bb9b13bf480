-- title: Several mails under one key
-- Reads life, deliveries. Fills moved and moved_lives. Bloomreach tells of no message, only of an action and an address: each
-- `enqueued` begins another mail, and so does what is told in its place. Where an export has none of these (a report of bounces),
-- mails end: what ends again more than a day later is another. A fact belongs to the latest mail that began before it.
create temp table begun as
select
    key, recipient_key, time_us, -1 - "row" as own_key, case when event = 'accepted' then time_us end as accepted_us,
    row_number() over (partition by key, recipient_key order by time_us, "row") as turn,
    lead(time_us, 1, null) over (partition by key, recipient_key order by time_us, "row") as until_us
from (
    select
        key, recipient_key, time_us, "row", event,
        lag(event, 1, null) over (partition by key, recipient_key order by time_us, "row") as earlier,
        lag(time_us, 1, null) over (partition by key, recipient_key order by time_us, "row") as earlier_us
    from (
        select key, recipient_key, time_us, event, min("row") as "row"
        from deliveries
        where recipient_key is not null and key in (select key from life where instance = 'bloomreach')
            and event in (
                'accepted', 'enqueue_failed', 'suppressed', 'delivered', 'soft_bounced', 'hard_bounced', 'bounced', 'preblocked'
            )
        group by key, recipient_key, time_us, event
    ) told
) following
where earlier is null
    or event in ('accepted', 'enqueue_failed', 'suppressed')
    or (earlier <> 'accepted' and time_us - earlier_us > 86400000000);

-- Where there is but one, nothing needs to be moved.
delete from begun where turn = 1 and until_us is null;

insert into moved
select d."row", b.own_key, null, null
from deliveries d
join begun b on b.key = d.key and b.recipient_key = d.recipient_key
    and (d.time_us >= b.time_us or b.turn = 1) and (b.until_us is null or d.time_us < b.until_us);

insert into moved_lives (key)
select key from begun where turn = 1;

insert into moved_lives
select key, own_key, time_us, accepted_us from begun;

drop table begun;
