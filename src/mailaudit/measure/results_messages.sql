-- title: How each message stands with each of its recipients
-- Reads recipients. What was neither delivered nor failed (held, pending, refused at the door) is no result. Pieces as in
-- results_attempts.sql; the time is that of the latest fact that decided.
create or replace table results as
select
    coalesce(r.recipient_row, 0) as "row", coalesce(r.finished_us, r.last_us) as time_us, r.source, r."offset",
    r.outcome as event, r.root, r.delay{of_isp}, coalesce({subject}, '') as subject
from recipients r
where r.role in ({roles}) and r.outcome in ('delivered', 'bounced', 'expired', 'deferred') and {range} and {conditions}
