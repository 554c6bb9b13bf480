-- title: Hosts that handed mail in
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- note: Without name and address: not in these logs. local: handed in on this host.
-- reads: chosen_messages
-- folded: organisation
-- order: messages desc, recipients desc, bytes desc, host, address
-- columns:
--   host          text  name of the client; local for mail handed in on this host; null if it has none or it is not known
--   address       text  its address
--   organisation  text  registered domain of the name
--   {counts}
select host, address, host as organisation, {counts}
from (
    select
        case when l.client_host is null and l.client_ip is null and l.origin = 'local' then 'local' else l.client_host end
            as host,
        l.client_ip as address, m.*
    from chosen_messages m
    join life l on l.key = m.root
) g
group by host, address
