-- title: Who was refused
-- unit: refused commands and logins
-- time: when it was refused
-- reads: chosen_refusals
-- order: refused desc, address
-- columns:
--   address  text  client's address
--   host     text  its name, if it has one
--   refused  big   how often
--   share    real  of all refusals
--   causes   big   different causes
--   cause    word  the most frequent of them
with refused as (
    select client_ip, min(client_host) as host, cause, count(*) as n
    from chosen_refusals
    where event = 'rejected'
    group by client_ip, cause
),
placed as (
    select *, row_number() over (partition by client_ip order by n desc, cause) as place from refused
)
select
    client_ip as address, min(placed.host) as host, cast(sum(n) as bigint) as refused, cast(sum(n) as double) / max(t.whole) as share,
    cast(count(*) as bigint) as causes, min(case when place = 1 then cause end) as cause
from placed
cross join (select sum(n) as whole from refused) t
group by client_ip
