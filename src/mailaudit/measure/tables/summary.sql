-- title: Summary
-- unit: as each line says
-- time: messages, recipients: acceptance, as they stood at the end of the range; rates: when it was decided; lines, refusals: their own
-- note: States add up to the recipients. Lines are counted as a search of the log counts them, hops and notices included.
-- reads: chosen chosen_messages chosen_replies chosen_refusals life_roles
-- order: place, "count" desc, name
-- columns:
--   section  word  messages, recipients, rates, queue_ids, lines or refusals
--   name     word  what is counted
--   count    big   how many; null for a rate
--   share    real  part of the section's whole; for a rate its value
--   unit     word  what is one of the count
with received as (
    select
        cast(coalesce(sum(messages_n), 0) as bigint) as n, cast(coalesce(sum(bytes_n), 0) as bigint) as bytes,
        sum(sized_n) as sized,
        cast(coalesce(sum(begun_before_n), 0) as bigint) as begun_before
    from chosen_messages
),
told as (
    select cast(coalesce(sum(recipients_n), 0) as bigint) as n from chosen
),
stood as (
    select state, cast(count(*) as bigint) as n from chosen where recipients_n = 1 group by state
),
ended as (
    select
        cast(sum(delivered_n) as double) as delivered, cast(sum(bounced_n) as double) as bounced,
        cast(nullif(sum(delivered_n) + sum(bounced_n) + sum(expired_n), 0) as double) as n
    from chosen
),
lines as (
    select event, cast(sum(n) as bigint) as n from chosen_replies group by event
),
refused as (
    select event, cast(count(*) as bigint) as n from chosen_refusals group by event
)
select 1 as place, 'messages' as section, 'received' as name, n as "count", cast(null as double) as share, 'messages' as unit
from received
union all
select 2, 'messages', 'begun before these logs', begun_before, cast(begun_before as double) / nullif(n, 0), 'messages' from received
union all
select 3, 'messages', 'bytes', bytes, null, 'bytes' from received
union all
select 4, 'messages', 'mean size', cast(bytes / nullif(sized, 0) as bigint), null, 'bytes' from received
union all
select 10, 'recipients', 'recipients', n, null, 'recipients' from told
union all
select 11 + w.fate, 'recipients', w.outcome, coalesce(s.n, 0), cast(coalesce(s.n, 0) as double) / nullif(t.n, 0), 'recipients'
from outcome_words w
cross join told t
left join stood s on s.state = w.fate
union all
select 40, 'rates', 'delivered', null, delivered / n, 'of delivered, bounced and expired' from ended
union all
select 41, 'rates', 'bounced', null, bounced / n, 'of delivered, bounced and expired' from ended
union all
select 50, 'queue_ids', role, n, null, 'queue ids' from life_roles
union all
select 60, 'lines', event, n, null, 'delivery lines' from lines
union all
-- A rule that warns, files a copy or sends elsewhere refuses nothing.
select
    70, 'refusals', case event when 'other' then 'only marked' else event end, n, null,
    case event when 'rejected' then 'refusals at the door' else 'commands that were not refused' end
from refused
