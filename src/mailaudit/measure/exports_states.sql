-- title: Last states of messages that have no id
-- Reads deliveries. Makes stated: rows that say how a message stands and name no message (Mandrill's activity, the summary of a message
-- trace), and the message of the same provider that is meant: with the same recipient, sender and subject, begun within ten
-- minutes; where only something later is told of the message, within a week. Each message is meant once. said: the events themselves tell as much, the state tells nothing.
create table stated as
with states as (
    select "row", program, lower(recipient) as recipient, sender, subject, time_us,
        case when event in ({settling}) then 'end' when event in ('complained', 'unsubscribed') then event end as word
    from deliveries
    where grain < 0 and provider_message_id is null and message_id is null and recipient is not null
),
meant as (
    select
        d.program, lower(d.recipient) as recipient, d.key, d.recipient_key, max(d.sender) as sender, max(d.subject) as subject,
        min(d.time_us) as time_us,
        max(case when d.event in ('pending', 'accepted', 'processed', 'relayed', 'delivered', 'deferred') then 1 else 0 end) as begun,
        max(case when d.event in ({settling}) then 1 else 0 end) as ended,
        max(case when d.event = 'complained' then 1 else 0 end) as complained,
        max(case when d.event = 'unsubscribed' then 1 else 0 end) as unsubscribed
    from deliveries d
    where (d.provider_message_id is not null or d.message_id is not null) and d.recipient_key is not null
        and lower(d.recipient) in (select recipient from states)
    group by d.program, lower(d.recipient), d.key, d.recipient_key
),
pairs as (
    select
        s."row", m.key, m.recipient_key,
        case s.word when 'end' then m.ended when 'complained' then m.complained when 'unsubscribed' then m.unsubscribed else 1 end
            as said,
        abs(s.time_us - m.time_us) as distance
    from states s
    join meant m on m.program = s.program and m.recipient = s.recipient
    where m.time_us >= s.time_us - 600000000
        and m.time_us <= s.time_us + case when m.begun = 1 then 600000000 else 604800000000 end
        and coalesce(m.subject, s.subject, '') = coalesce(s.subject, m.subject, '')
        and lower(coalesce(m.sender, s.sender, '')) = lower(coalesce(s.sender, m.sender, ''))
),
nearest as (
    select
        *,
        row_number() over (partition by "row" order by distance, key) as place,
        row_number() over (partition by key, recipient_key order by distance, "row") as turn
    from pairs
)
select "row", key, recipient_key, said from nearest where place = 1 and turn = 1;
