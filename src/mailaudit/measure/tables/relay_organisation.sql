-- title: Organisations that received mail
-- unit: recipients; bytes: size times recipients
-- time: acceptance; what became of them: when that was
-- note: Relays by their registered domain (public suffix list).
-- reads: chosen_relays organisations
-- order: recipients desc, delivered desc, organisation
-- columns:
--   organisation  text  registered domain of the relay; null without one
--   relays        big   different relays
--   recipients    big   recipients of messages accepted
--   bytes         big   their sizes
--   {ends}
select
    o.organisation, cast(count(distinct d.relay_host) as bigint) as relays, cast(sum(recipients_n) as bigint) as recipients,
    cast(sum(bytes_n) as bigint) as bytes, {ends}
from chosen_relays d
left join organisations o on o.name = d.relay_host
group by o.organisation
