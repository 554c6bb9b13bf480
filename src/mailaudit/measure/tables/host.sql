-- title: Hosts that handed mail in
-- unit: messages, recipients, bytes
-- time: messages, recipients, bytes: acceptance; what became of them: when that was
-- note: Without name and address: not in these logs. local: handed in on this host.
-- reads: chosen_messages organisations
-- order: messages desc, recipients desc, bytes desc, host, address
-- columns:
--   host          text  name of the client; local for mail handed in on this host; null if it has none or it is not known
--   address       text  its address
--   organisation  text  registered domain of the name
--   {counts}
select g.host, g.address, o.organisation, {counts}
from (
    select
        case when client_host is null and client_ip is null and origin = 'local' then 'local' else client_host end as host,
        client_ip as address, *
    from chosen_messages
) g
left join organisations o on o.name = g.host
group by g.host, g.address, o.organisation
