-- title: Delays
-- unit: seconds, of recipients delivered
-- time: delivery
-- note: From acceptance to delivery; Postfix divides that of the last hop into four parts. Quantiles by rank: p95 is the value that 95 % did not exceed.
-- reads: chosen_delays
-- order: place
-- columns:
--   part        word  total, or before (queue manager), queue (active), connection, transmission
--   recipients  big   deliveries of which it is known
--   mean        real  seconds on average
--   p50         real  half took at most
--   p90         real  90 % took at most
--   p95         real  95 % took at most
--   p99         real  99 % took at most
--   max         real  longest
--   within_1m   big   took at most a minute
--   within_5m   big   longer, at most five minutes
--   within_1h   big   longer, at most an hour
--   later       big   longer
with parts as (
    select * from (values (1, 'total'), (2, 'before'), (3, 'queue'), (4, 'connection'), (5, 'transmission')) p(place, part)
),
placed as (
    select
        p.place, p.part, d.took, d.n,
        sum(d.n) over (partition by d.place order by d.took rows between unbounded preceding and current row) as upto,
        sum(d.n) over (partition by d.place) as whole
    from chosen_delays d
    join parts p on p.place = d.place
    where d.took is not null
)
select
    part, cast(sum(n) as bigint) as recipients, sum(took * n) / sum(n) as mean,
    min(case when upto * 100 >= whole * 50 then took end) as p50, min(case when upto * 100 >= whole * 90 then took end) as p90,
    min(case when upto * 100 >= whole * 95 then took end) as p95, min(case when upto * 100 >= whole * 99 then took end) as p99,
    max(took) as "max",
    cast(sum(case when took <= 60 then n else 0 end) as bigint) as within_1m,
    cast(sum(case when took > 60 and took <= 300 then n else 0 end) as bigint) as within_5m,
    cast(sum(case when took > 300 and took <= 3600 then n else 0 end) as bigint) as within_1h,
    cast(sum(case when took > 3600 then n else 0 end) as bigint) as later,
    place
from placed
group by part, place
