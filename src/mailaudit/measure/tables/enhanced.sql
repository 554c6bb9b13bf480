-- title: Enhanced status codes of other servers
-- unit: delivery lines, one for each recipient and attempt
-- time: each attempt
-- note: What other servers answered us, temporary refusals included; our own answers stand in own_rejects.
-- reads: chosen_replies
-- order: lines desc, enhanced_status, event
-- columns:
--   enhanced_status  word  RFC 3463 code as the log gives it
--   event       word  what it meant: delivered, deferred, bounced …
--   lines       big   delivery lines
--   share       real  of all such lines
--   example     text  the earliest reply
select g.enhanced_status, g.event, g.n as lines, cast(g.n as double) / sum(g.n) over () as share, d.reply as example
from (
    select enhanced_status, event, cast(sum(n) as bigint) as n, min("first") as "first"
    from chosen_replies
    where remote = 1
    group by enhanced_status, event
) g
left join deliveries d on d."row" = cast(g."first" % 1099511627776 as bigint)
