-- title: Recipients of the range by the relay that answered and the domain they are in
-- Reads chosen, deliveries. `here`: 1 for mailboxes on this side. Far fewer rows than recipients, so what is asked of relays and domains costs nothing more.
create or replace table chosen_relays as
select
    d.relay_host, d.recipient_domain, case when c.direction in ('in', 'internal') then 1 else 0 end as here,
    sum(c.recipients_n) as recipients_n, sum(c.bytes_n) as bytes_n,
    sum(c.delivered_n) as delivered_n, sum(c.bounced_n) as bounced_n, sum(c.expired_n) as expired_n,
    sum(c.deferred_n) as deferred_n, sum(c.other_n) as other_n, sum(c.deferrals_n) as deferrals_n
from deliveries d
join chosen c on c.recipient_row = d."row"
group by 1, 2, 3
union all
select
    null, null, 0, sum(recipients_n), sum(bytes_n), sum(delivered_n), sum(bounced_n), sum(expired_n), sum(deferred_n),
    sum(other_n), sum(deferrals_n)
from chosen
where recipient_row is null
having count(*) > 0
