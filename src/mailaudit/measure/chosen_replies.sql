-- title: Delivery lines of the range by event and codes, each with its earliest line
-- Reads chosen_lines. `first`: time, tie and row of the earliest line in one number; rows are numbered in input order.
create or replace table chosen_replies as
select
    event, smtp_code, enhanced_status, remote, cast(count(*) as bigint) as n,
    min(cast(time_us as hugeint) * 1180591620717411303424 + cast(tie as hugeint) * 256 + "row") as "first"
from chosen_lines
group by event, smtp_code, enhanced_status, remote
