-- title: Recipients of users' mail that the queue held at the end of the range
-- Reads selected. Pieces: come tests that the mail was there by then, state is the fate as it stood then, roles says whose
-- mail; the outcomes' names stand for their numbers.
create or replace view queued as
select submitted_us, state
from (select submitted_us, {state} as state from selected where role in {roles} and {come}) s
where state in ({deferred}, {pending}, {held})
