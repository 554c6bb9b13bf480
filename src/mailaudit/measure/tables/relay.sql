-- title: Relays
-- unit: recipients; bytes: size times recipients
-- time: acceptance; what became of them: when that was
-- note: The relay of the deciding line; null where there was none (no connection, or nothing tried).
-- reads: chosen_relays
-- folded: organisation
-- order: recipients desc, delivered desc, relay
-- columns:
--   relay         text  host that answered, or local, virtual, a transport's name
--   organisation  text  its registered domain
--   recipients    big   recipients of messages accepted
--   bytes         big   their sizes
--   {ends}
select
    relay_host as relay, relay_host as organisation, cast(sum(recipients_n) as bigint) as recipients,
    cast(sum(bytes_n) as bigint) as bytes, {ends}
from chosen_relays
group by relay_host
