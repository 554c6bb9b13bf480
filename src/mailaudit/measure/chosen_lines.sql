-- title: Delivery lines of the range, hops and notices too
-- Reads deliveries, roles, echoes (what a bounce mail tells of what the log tells, too); with filters picked and story (the recipients that pass them). {range} tests the line's time.
-- remote: 1 where another server's (or a mailbox's) answer to users' mail stands on the line.
create or replace view chosen_lines as
select
    d."row", d.time_us, d.event, d.smtp_code, d.enhanced_status,
    case
        when d.recipient_key is null or d.event in ('relayed', 'expanded', 'other') then 0
        when r.role in ('notice', 'probe') then 0
        else 1
    end as remote
from deliveries d
left join roles r on r.key = d.key
{picked}
where {range} and d."row" not in (select "row" from echoes)
