-- title: Whose last reply was told earlier
-- Reads settled, story, deliveries. Changes settled.
-- A last try that gave no reason (`stat=Deferred`), or a queue that gave a recipient up (OpenSMTPD): the latest try that did is shown.
create table told_earlier as
select root, recipient_key, "row", decided
from (
    select s.root, s.recipient_key, t."row", case when d.event = 'expired' then d."row" end as decided,
        row_number() over (partition by s.root, s.recipient_key order by t.time_us desc, t."row" desc) as place
    from settled s
    join deliveries d on d."row" = s.recipient_row
    join story t on t.root = s.root and t.recipient_key = s.recipient_key
    join deliveries e on e."row" = t."row"
    where s.fate = {expired} and e.event = 'deferred' and e.reply is not null
        and ((d.event = 'deferred' and d.reply is null) or (d.event = 'expired' and d.raw_event = 'Expire'))
) ranked_replies
where place = 1;

update settled
set recipient_row = e."row", fact_row = coalesce(settled.fact_row, e.decided)
from told_earlier e
where e.root = settled.root and e.recipient_key = settled.recipient_key;
