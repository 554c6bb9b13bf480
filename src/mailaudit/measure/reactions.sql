-- title: What each recipient did, for tables by dimensions
-- Reads deliveries, family. Makes reactions: a row for each recipient who did something, with a 1 for what was done.
create or replace table reactions as
select
    coalesce(f.root, d.key) as root, d.recipient_key,
    max(case when d.event = 'opened' and not coalesce(d.machine, false) then 1 else 0 end) as opened,
    max(case when d.event = 'clicked' then 1 else 0 end) as clicked,
    max(case when d.event = 'unsubscribed' then 1 else 0 end) as unsubscribed,
    max(case when d.event = 'complained' then 1 else 0 end) as complained
from deliveries d
left join family f on f.key = d.key
where d.event in ('opened', 'clicked', 'unsubscribed', 'complained') and d.recipient_key is not null
group by coalesce(f.root, d.key), d.recipient_key
