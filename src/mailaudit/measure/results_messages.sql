-- title: How each message stands with each of its recipients
-- Reads recipients. What was neither delivered nor failed (held, pending, refused at the door) is no result. Pieces as in
-- results_attempts.sql; the time is that of the latest fact that decided. No line tells of some: they have a number below zero.
create or replace table message_results as
select
    coalesce(r.recipient_row, case when r.key < 0 then r.key else -1 - r.key end) as "row",
    coalesce(r.finished_us, r.last_us) as time_us, r.source, r."offset",
    r.outcome as event, r.root, r.delay{of_isp}, coalesce({subject}, '') as subject
from recipients r
where r.role in ({roles}) and r.outcome in ('delivered', 'bounced', 'expired', 'deferred') and {range} and {conditions};

create or replace view results as
select "row", time_us, event, subject
from message_results;

create or replace view result_lines as
select "row", time_us, source, "offset", event, root, delay, subject
from message_results
