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

-- What a message that Exim made about another one tells is not said, but where subjects are logged. Such messages are made when all has
-- been done that can be for their parent: receipts first, then the notice of a failure, then the warning of a delay; so what was done
-- since the last of them tells. A stage is what was done, and the notices that follow on it.
create table notice_steps as
select s."row", s.key, s.recipient_key, s.raw_event, s.time_us, s.source, s."offset",
    cast(sum(s.begins) over (
        partition by s.key order by s.source, s."offset", s."row" rows between unbounded preceding and current row
    ) as bigint) as stage
from (
    select d."row", d.key, d.recipient_key, d.raw_event, d.time_us, d.source, d."offset",
        case
            when d.raw_event <> '<='
                and lag(d.raw_event, 1, '<=') over (partition by d.key order by d.source, d."offset", d."row") = '<=' then 1
            else 0
        end as begins
    from told_deliveries d
    where d.raw_event in ('<=', '=>', '->', '>>', '==', '**', 'cancelled')
        and d.key in (select key from told_deliveries where event = 'notified' and raw_event = '<=' and notice is null)
        -- Whom nobody tells of a failure is no reason for a notice.
        and not (d.raw_event = '**' and exists (
            select 1
            from told_deliveries u
            where u.key = d.key and u.recipient_key = d.recipient_key and u.raw_event = 'untold'
                and (u.source, u."offset") > (d.source, d."offset")
        ))
) s;

create table notice_kinds as
select n."row",
    case
        when n.place <= n.receipts then 'success'
        when n.place <= n.receipts + n.failures then 'failure'
        when n.delayed = 1 then 'delay'
        when n.failed = 1 then 'failure'
        when n.went = 1 then 'success'
    end as notice
from (
    select s."row", s.place, t.failed, t.delayed, t.went,
        case
            when t.went = 0 then 0
            when t.failed + t.delayed = 0 then s.notices
            when s.notices > t.failed + t.delayed then 1
            else 0
        end as receipts,
        case
            when t.failed = 0 then 0
            when s.notices > t.failed + t.delayed + t.went then 1 + s.notices - t.failed - t.delayed - t.went
            else 1
        end as failures
    from (
        select "row", key, stage,
            row_number() over (partition by key, stage order by source, "offset", "row") as place,
            count(*) over (partition by key, stage) as notices
        from notice_steps
        where raw_event = '<='
    ) s
    join (
        select b.key, b.stage, b.failed, b.went,
            -- Nobody is warned so soon, if there is anything else to be told.
            case when b.failed = 0 and b.went = 1 and b.told_us - a.accepted_us < 900000000 then 0 else b.delayed end as delayed
        from (
            select key, stage, max(case when raw_event in ('**', 'cancelled') then 1 else 0 end) as failed,
                max(case when raw_event = '==' then 1 else 0 end) as delayed,
                max(case when raw_event in ('=>', '->', '>>') then 1 else 0 end) as went,
                min(case when raw_event = '<=' then time_us end) as told_us
            from notice_steps
            group by key, stage
        ) b
        left join accepted_at a on a.key = b.key
    ) t on t.key = s.key and t.stage = s.stage
) n;

create view deliveries as
select d.* replace (
    coalesce(d.notice, k.notice) as notice,
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
left join notice_kinds k on k."row" = d."row"
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
