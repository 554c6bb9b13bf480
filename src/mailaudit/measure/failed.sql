-- title: Recipients for whom mail failed for good in the range, with the cause of each
-- Reads recipients, deliveries, edges, causes; `failures` narrows to the range, filters and roles. `failed_ends` counts recipients
-- that reached an end in the range: what rates are shares of.
create or replace table failed as
select
    r.root, r.recipient, r.recipient_domain as domain, r.relay_host, r.sender, r.queue_id, r.outcome, r.finished_us,
    r.source, r."offset", r.smtp_code, r.enhanced_status, r.reply, coalesce(c.category, 'unknown') as category,
    coalesce(c.type, 'soft') as type, c.confidence, c.rule, coalesce(c.suppress, 'never') as suppress, c.retry, c.action,
    c.list, c.template, case when n.key is null then 0 else 1 end as told
from (select * from recipients_plain r where r.outcome in ('bounced', 'expired') and {failures}) r
left join causes c on c."row" = r.cause_row
left join (
    select key from deliveries where event = 'notified' and notice = 'failure'
    union
    -- OpenSMTPD does not say so: its notices of failure are known by their time.
    select parent_key from edges where kind = 'notice' and known_by = 6
) n on n.key = r.key;

create or replace table failed_ends as
select r.recipient_domain, r.relay_host, cast(count(*) as bigint) as n
from recipients_plain r
where r.outcome in ('delivered', 'bounced', 'expired') and {failures}
group by r.recipient_domain, r.relay_host
