-- title: When users' mail was put off
-- Reads selected, story. {range} tests the line's time, {roles} says whose mail.
create or replace view chosen_deferrals as
select s.time_us
from story s
where s.event = 'deferred' and s.tried = 1 and {range} and exists (
    select 1 from selected c where c.role in {roles} and c.root = s.root and c.recipient_key = s.recipient_key
)
