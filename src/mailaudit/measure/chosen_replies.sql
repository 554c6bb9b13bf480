-- title: Delivery lines of the range by event and codes, each with its earliest line
-- Reads chosen_lines. `first`: time, tie and row of the earliest line in one number; rows are numbered in input order.
-- It is time * 2^70 + tie * 2^8 + row. None reaches into another: tie is a multiple of 2^32 below 2^62 (half of a 63-bit
-- hash, or an offset in bytes), so tie * 2^8 lies between 2^40 and 2^70; rows are fewer than 2^40, by which they are read.
create or replace table chosen_replies as
select
    event, smtp_code, enhanced_status, remote, cast(count(*) as bigint) as n,
    min(cast(time_us as hugeint) * 1180591620717411303424 + cast(tie as hugeint) * 256 + "row") as "first"
from chosen_lines
group by event, smtp_code, enhanced_status, remote
