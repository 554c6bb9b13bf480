-- title: How long each delivery of the range took, from the acceptance of the message
-- Reads chosen, deliveries. The parts are those of the last hop; of the whole way only the time stamps tell, and of a source that
-- says no delay.
create or replace view chosen_waits as
select
    c.direction, d.relay_host, d.recipient_domain, d.delay_a, d.delay_b, d.delay_c, d.delay_d,
    case
        when c.key = c.root and (d.delay is not null or c.accepted = 0) then d.delay
        when d.event = 'delivered' and d.time_us >= c.submitted_us
            then cast(d.time_us - c.submitted_us - (d.time_us - c.submitted_us) % 1000 as double) / 1000000
        else d.delay
    end as delay
from chosen c
join deliveries d on d."row" = c.recipient_row
where c.delivered_n = 1
