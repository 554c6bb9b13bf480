-- title: Counts by a combination of dimensions
-- Reads reactions and what the dimensions join. Pieces: counted, the recipients (counted.sql); {keys}: names of the dimensions; {fields}: their expressions.
select
    {keys}, cast(count(distinct root) as bigint) as messages, cast(count(*) as bigint) as recipients,
    cast(coalesce(sum(size_n), 0) as bigint) as bytes,
    count(case when state = {delivered} then 1 end) as delivered,
    count(case when state = {bounced} then 1 end) as bounced,
    count(case when state = {expired} then 1 end) as expired,
    count(case when state = {deferred} then 1 end) as deferred,
    count(case when state in ({delivered}, {bounced}, {expired}, {deferred}) then null else 1 end) as other,
    cast(count(case when state = {delivered} then 1 end) as double)
        / nullif(count(case when state in ({delivered}, {bounced}, {expired}) then 1 end), 0) as rate,
    count(case when opened = 1 then 1 end) as opened, count(case when clicked = 1 then 1 end) as clicked,
    count(case when unsubscribed = 1 then 1 end) as unsubscribed, count(case when complained = 1 then 1 end) as complained
from (
    select
        r.root as root, r.state as state, r.size as size_n, a.opened as opened,
        a.clicked as clicked, a.unsubscribed as unsubscribed,
        a.complained as complained, {fields}
    from {counted}
    left join reactions a on a.root = r.root and a.recipient_key = r.recipient_key
    {joins}
    where r.came = 1
) each_recipient
group by {keys}
