-- title: Organisations that handed mail in
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- note: Hosts by the registered domain of their name (public suffix list).
-- reads: chosen_messages organisations
-- order: messages desc, recipients desc, bytes desc, organisation
-- columns:
--   organisation  text  registered domain of the client's name; null for clients without a name
--   hosts         big   addresses
--   {counts}
select o.organisation, cast(count(distinct l.client_ip) as bigint) as hosts, {counts}
from chosen_messages m
join life l on l.key = m.root
left join organisations o on o.name = l.client_host
group by o.organisation
