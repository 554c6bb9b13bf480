-- title: Counts by a combination of dimensions
-- Reads chosen, recipients, reactions and what the dimensions join. {keys}: names of the dimensions; {fields}: their expressions.
select
    {keys}, cast(count(distinct root) as bigint) as messages, cast(count(*) as bigint) as recipients,
    cast(coalesce(sum(size_n), 0) as bigint) as bytes,
    cast(sum(case when state = {delivered} then 1 else 0 end) as bigint) as delivered,
    cast(sum(case when state = {bounced} then 1 else 0 end) as bigint) as bounced,
    cast(sum(case when state = {expired} then 1 else 0 end) as bigint) as expired,
    cast(sum(case when state = {deferred} then 1 else 0 end) as bigint) as deferred,
    cast(sum(case when state in ({delivered}, {bounced}, {expired}, {deferred}) then 0 else 1 end) as bigint) as other,
    cast(sum(case when state = {delivered} then 1 else 0 end) as double)
        / nullif(sum(case when state in ({delivered}, {bounced}, {expired}) then 1 else 0 end), 0) as rate,
    cast(sum(opened) as bigint) as opened, cast(sum(clicked) as bigint) as clicked,
    cast(sum(unsubscribed) as bigint) as unsubscribed, cast(sum(complained) as bigint) as complained
from (
    select
        c.root as root, c.state as state, c.size as size_n, coalesce(a.opened, 0) as opened,
        coalesce(a.clicked, 0) as clicked, coalesce(a.unsubscribed, 0) as unsubscribed,
        coalesce(a.complained, 0) as complained, {fields}
    from chosen c
    join recipients r on r.root = c.root and r.recipient_row is not distinct from c.recipient_row
    left join reactions a on a.root = c.root and a.recipient_key = c.recipient_key
    {joins}
    where c.came = 1
) each_recipient
group by {keys}
