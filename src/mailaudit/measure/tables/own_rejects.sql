-- title: What this server refused
-- unit: refused commands and logins
-- time: when it was refused
-- note: Our own answers to clients; what other servers answered us stands in reply. greylisting: refused for now, on purpose.
-- reads: chosen_refusals refusal_meanings
-- order: refused desc, cause, smtp_code, enhanced_status
-- columns:
--   cause            word  why: relay, unknown_user, blocklist, greylisting, helo, client, sender, auth, content …
--   smtp_code        int   our reply code
--   enhanced_status  word  our enhanced status code
--   refused          big   how often
--   share            real  of all refusals
--   sources          big   different client addresses
--   top_source       text  the client address refused most often for this
--   top_refused      big   how often that one
--   top_host         text  its name, where the log tells it
--   meaning          text  what the cause means
with refused as (
    select cause, smtp_code, enhanced_status, client_ip, max(client_host) as client_host, count(*) as n
    from chosen_refusals
    where event = 'rejected'
    group by cause, smtp_code, enhanced_status, client_ip
),
placed as (
    select *, row_number() over (partition by cause, smtp_code, enhanced_status order by n desc, client_ip) as place from refused
)
select
    p.cause, smtp_code, enhanced_status, cast(sum(n) as bigint) as refused, cast(sum(n) as double) / max(t.whole) as share,
    cast(count(client_ip) as bigint) as sources, min(case when place = 1 then client_ip end) as top_source,
    cast(min(case when place = 1 then n end) as bigint) as top_refused,
    nullif(min(case when place = 1 then client_host end), 'unknown') as top_host, min(m.meaning) as meaning
from placed p
cross join (select sum(n) as whole from refused) t
left join refusal_meanings m on m.cause = p.cause
group by p.cause, smtp_code, enhanced_status
