-- title: What each account sent in each period
-- Reads life, settled, lives, networks (client_ip, network) and periods (begin_us, end_us). An account is the
-- authenticated user; where nobody logged in, the sender.
create or replace table sent_by as
select
    s.root, case when l.sasl_user is not null then 'sasl_user' else 'sender' end as kind,
    coalesce(l.sasl_user, l.sender) as account, p.begin_us, p.end_us, s.recipients, s.failed, s.ended, n.network
from (
    select
        root, min(submitted_us) as submitted_us, count(*) as recipients,
        sum(case when fate in ({bounced}, {expired}) then 1 else 0 end) as failed,
        sum(case when fate in ({bounced}, {expired}, {delivered}) then 1 else 0 end) as ended
    from settled
    where role in ('user', 'hop')
    group by root
) s
join life l on l.key = s.root
join periods p on s.submitted_us >= p.begin_us and s.submitted_us < p.end_us
left join networks n on n.client_ip = l.client_ip
where coalesce(l.sasl_user, l.sender, '') <> ''
