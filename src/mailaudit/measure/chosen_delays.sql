-- title: How long the deliveries of the range took, part by part
-- Reads chosen_waits. n deliveries took so many seconds; place: the part, as tables/delay.sql names it. Far fewer rows than
-- deliveries: delays are written with two or three digits.
create or replace table chosen_delays as
select
    case
        when grouping(d.delay) = 0 then 1
        when grouping(d.delay_a) = 0 then 2
        when grouping(d.delay_b) = 0 then 3
        when grouping(d.delay_c) = 0 then 4
        else 5
    end as place,
    coalesce(d.delay, d.delay_a, d.delay_b, d.delay_c, d.delay_d) as took, cast(count(*) as bigint) as n
from chosen_waits d
group by grouping sets ((d.delay), (d.delay_a), (d.delay_b), (d.delay_c), (d.delay_d))
