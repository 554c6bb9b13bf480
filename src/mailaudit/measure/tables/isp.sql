-- title: Mailbox providers
-- unit: recipients; bytes: size times recipients; delays: seconds of what was delivered
-- time: acceptance; what became of them: when that was
-- note: By the registered domain of the relay that answered, else by the recipient's domain. local: mailboxes here; other: none of the known.
-- reads: chosen_waits chosen_relays isps
-- order: recipients desc, delivered desc, isp
-- columns:
--   isp         word  provider, local or other
--   domains     big   different recipient domains
--   recipients  big   recipients of messages accepted
--   bytes       big   their sizes
--   {ends}
--   delay_p50   real  half were delivered within so many seconds
--   delay_p95   real  95 % were delivered within so many seconds
with provided as (
    select
        case when d.here = 1 then 'local' else i.isp end as provider, d.*
    from chosen_relays d
    join isps i on i.relay_host is not distinct from d.relay_host and i.recipient_domain is not distinct from d.recipient_domain
),
delivered_in as (
    select
        case when d.direction in ('in', 'internal') then 'local' else i.isp end as provider, d.delay,
        cast(count(*) as bigint) as n
    from chosen_waits d
    join isps i on i.relay_host is not distinct from d.relay_host and i.recipient_domain is not distinct from d.recipient_domain
    where d.delay is not null
    group by 1, d.delay
),
placed as (
    select
        provider, delay,
        sum(n) over (partition by provider order by delay rows between unbounded preceding and current row) as upto,
        sum(n) over (partition by provider) as whole
    from delivered_in
),
quantiles as (
    select
        provider, min(case when upto * 100 >= whole * 50 then delay end) as p50,
        min(case when upto * 100 >= whole * 95 then delay end) as p95
    from placed
    group by provider
),
counted as (
    select
        provider, cast(count(distinct recipient_domain) as bigint) as domains, cast(sum(recipients_n) as bigint) as recipients,
        cast(sum(bytes_n) as bigint) as bytes, {ends}
    from provided
    group by provider
)
select c.provider as isp, c.*, q.p50 as delay_p50, q.p95 as delay_p95
from counted c
left join quantiles q on q.provider = c.provider
