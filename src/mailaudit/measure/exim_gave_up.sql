-- title: Mail that Exim gave up, or will try again, shows the failure of its last attempt
-- Reads settled, deliveries, story, event_words, family. Changes settled, adds to facts.
-- `retry timeout exceeded` and `retry time not reached` are decisions: why, an attempt before them says.
create table last_tried as
select root, recipient_key, fact_row, "row"
from (
    select
        s.root, s.recipient_key, case when x.event = 'expired' then x."row" end as fact_row, t."row",
        row_number() over (partition by s.root, s.recipient_key order by t.time_us desc, t."row" desc) as place
    from settled s
    join deliveries x on x."row" = coalesce(s.fact_row, s.recipient_row)
    join story t on t.root = s.root and t.recipient_key = s.recipient_key and t.event = 'deferred' and t.tried = 1
    join deliveries e on e."row" = t."row" and e.reply is not null
    where x.program like 'exim%' and x.event in ('expired', 'deferred') and x.attempted = false
) ranked_tries
where place = 1;

insert into facts
select d."row", d.key, t.root, d.recipient_key, d.time_us, d.source, d."offset", d.event, w.settles, w.rank, w.fate, 0
from last_tried t
join deliveries d on d."row" = t.fact_row
join event_words w on w.event = d.event
where t.fact_row not in (select "row" from facts);

update settled
set fact_row = coalesce(l.fact_row, settled.fact_row), recipient_row = l."row"
from last_tried l
where l.root = settled.root and l.recipient_key = settled.recipient_key;
