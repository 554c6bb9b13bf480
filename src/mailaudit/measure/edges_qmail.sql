-- title: Which notices and copies qmail queued for which message
-- Reads queued_deliveries. Puts right edges: a queue id is given out again within a moment, the process that queued a message is not.
delete from edges where child_key in (select child_key from queued_deliveries);

insert into edges
select distinct parent_key, child_key, kind, time_us, 1 from queued_deliveries;
