-- title: Delivery lines of the range, hops and notices too
-- Reads deliveries, roles, echoes (what a bounce mail tells of what the log tells, too); with filters picked and story (the recipients that pass them). {range} tests the line's time.
-- tie: of what an export's record says, for lines of one time: its place in the export means nothing. 0 for logs' lines.
-- remote: see remote.sql.
create or replace view chosen_lines as
select
    d."row", d.time_us, d.event, d.smtp_code, d.enhanced_status,
    {remote} as remote,
    case when d.matter is null then 0 else d."offset" - d."offset" % 4294967296 end as tie
from deliveries d
left join roles r on r.key = d.key
{picked}
where {range} and d."row" not in (select "row" from echoes)
