-- title: Counts by a combination of dimensions
-- Reads reactions and what the dimensions join. Pieces: counted, the recipients (counted.sql); {keys}: names of the dimensions; {fields}: their expressions.
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
        r.root as root, r.state as state, r.size as size_n, coalesce(a.opened, 0) as opened,
        coalesce(a.clicked, 0) as clicked, coalesce(a.unsubscribed, 0) as unsubscribed,
        coalesce(a.complained, 0) as complained, {fields}
    from {counted}
    left join reactions a on a.root = r.root and a.recipient_key = r.recipient_key
    {joins}
    where r.came = 1
) each_recipient
group by {keys}
