-- title: Recipients of the range, with the line that decided
-- Reads chosen, deliveries.
create or replace temp table chosen_deliveries as
select
    c.root, c.recipients_n, c.bytes_n, c.delivered_n, c.bounced_n, c.expired_n, c.deferred_n, c.other_n, c.deferrals_n,
    c.direction, d.relay_host, d.recipient_domain, d.delay, d.delay_a, d.delay_b, d.delay_c, d.delay_d
from chosen c
left join deliveries d on d."row" = c.recipient_row
