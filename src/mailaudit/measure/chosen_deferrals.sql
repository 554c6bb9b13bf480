-- title: When users' mail was put off
-- Reads selected, story. {range} tests the line's time, {roles} says whose mail.
create or replace view chosen_deferrals as
select s.time_us
from story s
join (select distinct root, recipient_key from selected where role in {roles}) c
    on c.root = s.root and c.recipient_key = s.recipient_key
where s.event = 'deferred' and s.tried = 1 and {range}
