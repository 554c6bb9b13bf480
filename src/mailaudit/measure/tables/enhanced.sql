-- title: Enhanced status codes of other servers
-- unit: delivery lines, one for each recipient and attempt
-- time: each attempt
-- note: What other servers answered us, temporary refusals included; our own answers stand in own_rejects.
-- reads: chosen_lines
-- order: lines desc, enhanced_status, event
-- columns:
--   enhanced_status  word  RFC 3463 code as the log gives it
--   event       word  what it meant: delivered, deferred, bounced …
--   lines       big   delivery lines
--   share       real  of all such lines
--   example     text  the earliest reply
with grouped as (
    select
        enhanced_status, event, cast(count(*) as bigint) as n, min(time_us) as first_us
    from chosen_lines
    where remote = 1
    group by enhanced_status, event
),
earliest as (
    select g.enhanced_status, g.event, min(l."row") as first_row
    from grouped g
    join chosen_lines l on l.time_us = g.first_us and l.event = g.event and l.enhanced_status is not distinct from g.enhanced_status
    where l.remote = 1
    group by g.enhanced_status, g.event
)
select
    g.enhanced_status, g.event, g.n as lines, cast(g.n as double) / sum(g.n) over () as share,
    d.reply as example
from grouped g
join earliest e on e.event = g.event and e.enhanced_status is not distinct from g.enhanced_status
join deliveries d on d."row" = e.first_row
