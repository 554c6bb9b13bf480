-- title: The local calendar of each quarter of an hour in which mail was accepted
-- Reads accepted_quarters, zone_segments, calendar.
create or replace table moments as
select
    p.quarter_us, c.month, c.day, c.weekday,
    cast((p.local_us % 86400000000 - p.local_us % 3600000000) / 3600000000 as integer) as hour
from (
    select q.quarter_us, q.quarter_us + z.offset_us as local_us
    from accepted_quarters q
    join zone_segments z on q.quarter_us >= z.from_us and q.quarter_us < z.until_us
) p
join calendar c on c.day_number = cast((p.local_us - p.local_us % 86400000000) / 86400000000 as bigint)
