-- title: How long the deliveries of the range took
-- Reads chosen, deliveries.
create or replace table chosen_delays as
select d.delay, d.delay_a, d.delay_b, d.delay_c, d.delay_d
from chosen c
join deliveries d on d."row" = c.recipient_row
where c.delivered_n = 1
