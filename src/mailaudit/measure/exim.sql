-- title: What Exim's lines say in the light of those before
-- Reads messages, told_deliveries. Makes deliveries.

-- Each queue run says of a frozen message that it is: news only where no line says that it was put aside.
-- Exim writes no delay unless it is asked to: it is the time since the message was accepted, in whole seconds.
create table accepted_at as
select key, min(accepted_us) as accepted_us
from messages
where instance = 'exim' and accepted_us is not null
group by key;

-- A mailbox is logged by its name where mail got into it, and by its address where it did not: it is one recipient.
create table mailboxes as
select n.key, n.recipient_key as name_key, min(a.recipient_key) as recipient_key, min(a.recipient) as recipient,
    min(a.recipient_domain) as recipient_domain
from (
    select distinct key, recipient, recipient_key, original_recipient
    from told_deliveries
    where raw_event in ('=>', '->') and recipient_domain is null and original_recipient is not null
) n
join told_deliveries a on a.key = n.key and a.original_recipient = n.original_recipient and a.recipient_domain is not null
    and position(n.recipient || '@' in a.recipient) = 1
group by n.key, n.recipient_key
having min(a.recipient_key) = max(a.recipient_key);

-- An alias that is given up is so for the one of those whom it leads to who still waited.
create table given_up_for as
select a."row", min(w.recipient_key) as recipient_key, min(w.recipient) as recipient, min(w.recipient_domain) as recipient_domain
from told_deliveries a
join (
    select key, recipient_key, min(recipient) as recipient, min(recipient_domain) as recipient_domain,
        min(lower(original_recipient)) as given
    from told_deliveries
    where raw_event in ('=>', '->', '>>', '==', '**') and recipient_key is not null
    group by key, recipient_key
    having count(case when raw_event <> '==' then 1 end) = 0
) w on w.key = a.key and w.recipient_key <> a.recipient_key and w.given = lower(a.recipient)
where a.raw_event = '**' and a.event = 'expired'
group by a."row"
having min(w.recipient_key) = max(w.recipient_key);

create view deliveries as
select d.* replace (
    coalesce(g.recipient_key, m.recipient_key, d.recipient_key) as recipient_key,
    coalesce(g.recipient, m.recipient, d.recipient) as recipient,
    coalesce(g.recipient_domain, m.recipient_domain, d.recipient_domain) as recipient_domain,
    case when g."row" is not null then d.recipient else d.original_recipient end as original_recipient,
    case
        when d.delay is null and d.event in ('delivered', 'deferred', 'bounced', 'expired') and d.time_us >= a.accepted_us
            then cast(d.time_us - a.accepted_us as double) / 1000000
        else d.delay
    end as delay
)
from told_deliveries d
left join accepted_at a on a.key = d.key
left join given_up_for g on g."row" = d."row"
left join mailboxes m on m.key = d.key and m.name_key = d.recipient_key
where d.raw_event is null or d.raw_event <> 'still_frozen'
    or d."row" in (
        select "row"
        from (
            select "row", raw_event, row_number() over (partition by key order by time_us, "row") as place
            from told_deliveries
            where event = 'held'
        ) first_of_each
        where place = 1 and raw_event = 'still_frozen'
    );
