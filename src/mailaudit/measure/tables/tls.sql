-- title: TLS
-- unit: handshakes
-- time: handshake
-- note: Connections, not messages: one connection may carry many.
-- reads: chosen_tls
-- order: direction, handshakes desc, version, cipher, level
-- columns:
--   direction   word  in (client to us) or out (we to a relay)
--   version     word  protocol version
--   cipher      word  cipher
--   level       word  how far the peer was known: Anonymous, Untrusted, Trusted, Verified
--   handshakes  big   how many
--   share       real  of the handshakes of this direction
--   peers       big   different peers
select
    direction, version, cipher, level, cast(count(*) as bigint) as handshakes,
    cast(count(*) as double) / sum(count(*)) over (partition by direction) as share,
    cast(count(distinct coalesce(peer_ip, peer)) as bigint) as peers
from chosen_tls
group by direction, version, cipher, level
