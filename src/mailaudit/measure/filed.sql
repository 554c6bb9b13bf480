-- title: What became of delivered mail in the hands of its users
-- Reads filed, deliveries, messages. Makes undone: row of a delivery, what it was in truth, the agent's words and where they stand.
-- A script may throw a mail away or send it back, unless another of its actions keeps it or passes it on. The server's line
-- names the session (LMTP), or only the command that it ran (LDA): then Message-ID, recipient and time tell, in µs.
create table undone as
with told as (
    select
        agent, session, lower(recipient) as recipient, message_id, min(time_us) as time_us,
        max(case when event = 'delivered' then 1 else 0 end) as kept,
        max(case when event = 'bounced' then 1 else 0 end) as refused,
        max(case when event = 'bounced' then reply end) as refusal, max(case when event = 'discarded' then reply end) as discard,
        min(source) as source, min(case when event <> 'delivered' then line end) as line
    from filed
    group by agent, session, lower(recipient), message_id
),
lost as (
    select
        agent, session, recipient, message_id, time_us, case when refused = 1 then 'bounced' else 'discarded' end as event,
        coalesce(refusal, discard) as reply, source, line
    from told
    where kept = 0
),
named as (
    select d."row", l.event, l.reply, l.source, l.line
    from deliveries d
    join lost l on l.session = split_part(d.reply, ' ', -2)
    where d.event = 'delivered' and d.reply like '% Saved' and l.agent = 'lmtp'
),
meant as (
    select d."row", l.event, l.reply, l.source, l.line
    from lost l
    join messages m on m.message_id = l.message_id
    join deliveries d on d.key = m.key
    where l.agent <> 'lmtp' and d.event = 'delivered' and d.next_id = '' and abs(d.time_us - l.time_us) < 60000000
        and (
            lower(d.recipient) = l.recipient or split_part(lower(d.recipient), '@', 1) = l.recipient
            or lower(d.recipient) = split_part(l.recipient, '@', 1)
        )
)
select "row", max(event) as event, max(reply) as reply, min(source) as source, min(line) as line
from (select * from named union all select * from meant) n
group by "row";
