-- title: Engagement, as providers tell of it
-- unit: recipients whose mail was accepted in the range; events of theirs
-- time: acceptance of the mail, whenever it was opened or clicked
-- note: A recipient counts once, however often; share: of those to whom mail was delivered. Machines load pictures without a reader. Gmail reports no complaints.
-- reads: chosen
-- order: place
-- columns:
--   name        text  what was done
--   recipients  big   recipients who did it
--   events      big   how often it was done
--   delivered   big   recipients to whom mail was delivered
--   share       real  recipients, of those to whom mail was delivered
with facts as (
    select c.root, c.recipient_key, d.event, coalesce(d.machine, false) as machine
    from chosen c
    join (
        select coalesce(f.root, d.key) as root, d.recipient_key, d.event, d.machine
        from deliveries d
        left join family f on f.key = d.key
        where d.event in ('opened', 'clicked', 'unsubscribed', 'complained')
    ) d on d.root = c.root and d.recipient_key = c.recipient_key
),
done as (
    select 1 as place, 'opened' as name, root, recipient_key from facts where event = 'opened' and not machine
    union all
    select 2, 'opened by a machine', root, recipient_key from facts where event = 'opened' and machine
    union all
    select 3, 'clicked', root, recipient_key from facts where event = 'clicked'
    union all
    select 4, 'opened, or clicked without a known opening', root, recipient_key
    from facts
    where event = 'clicked' or (event = 'opened' and not machine)
    union all
    select 5, 'unsubscribed', root, recipient_key from facts where event = 'unsubscribed'
    union all
    select 6, 'complained', root, recipient_key from facts where event = 'complained'
),
got as (
    select cast(sum(delivered_n) as bigint) as n from chosen
)
select e.place, e.name, cast(count(*) as bigint) as recipients, cast(sum(e.n) as bigint) as events, max(g.n) as delivered,
    cast(count(*) as double) / nullif(max(g.n), 0) as share
from (
    select place, name, root, recipient_key, count(*) as n from done group by place, name, root, recipient_key
) e
cross join got g
group by e.place, e.name
