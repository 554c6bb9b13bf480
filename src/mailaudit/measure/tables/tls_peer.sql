-- title: TLS by peer
-- unit: handshakes
-- time: handshake
-- reads: chosen_tls organisations
-- order: direction, handshakes desc, peer, version
-- columns:
--   direction   word  in (client to us) or out (we to a relay)
--   peer        text  registered domain of the peer's name; its address where it has none
--   version     word  protocol version
--   handshakes  big   how many
select direction, coalesce(o.organisation, t.peer_ip) as peer, version, cast(count(*) as bigint) as handshakes
from chosen_tls t
left join organisations o on o.name = t.peer
group by direction, coalesce(o.organisation, t.peer_ip), version
