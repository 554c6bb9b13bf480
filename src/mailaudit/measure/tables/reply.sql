-- title: Replies of other servers
-- unit: delivery lines, one for each recipient and attempt
-- time: each attempt
-- note: What other servers answered us, temporary refusals included; our own answers stand in own_rejects.
-- reads: chosen_lines
-- order: lines desc, smtp_code, event
-- columns:
--   smtp_code   int   reply code; null where the line has none (no connection, unknown host …)
--   event       word  what it meant: delivered, deferred, bounced …
--   lines       big   delivery lines
--   share       real  of all such lines
--   example     text  the earliest reply
with grouped as (
    select
        smtp_code, event, cast(count(*) as bigint) as n, min(time_us) as first_us
    from chosen_lines
    where remote = 1
    group by smtp_code, event
),
earliest as (
    select g.smtp_code, g.event, min(l."row") as first_row
    from grouped g
    join chosen_lines l on l.time_us = g.first_us and l.event = g.event and l.smtp_code is not distinct from g.smtp_code
    where l.remote = 1
    group by g.smtp_code, g.event
)
select
    g.smtp_code, g.event, g.n as lines, cast(g.n as double) / sum(g.n) over () as share,
    d.reply as example
from grouped g
join earliest e on e.event = g.event and e.smtp_code is not distinct from g.smtp_code
join deliveries d on d."row" = e.first_row
