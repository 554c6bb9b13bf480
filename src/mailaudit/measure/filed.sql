-- title: What became of delivered mail in the hands of its users
-- Reads filed_for. Makes undone: row of a delivery, what it was in truth, the agent's words and where they stand.
-- A script may throw a mail away or send it back, unless another of its actions keeps it or passes it on.
create table undone as
select
    "row", case when max(case when event = 'bounced' then 1 else 0 end) = 1 then 'bounced' else 'discarded' end as event,
    coalesce(max(case when event = 'bounced' then reply end), max(reply)) as reply, min(source) as source, min(line) as line
from filed_for
group by "row"
having max(case when event = 'delivered' then 1 else 0 end) = 0;
