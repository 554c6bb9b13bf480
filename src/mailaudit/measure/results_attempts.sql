-- title: How each delivery attempt of users' mail went
-- Reads story, deliveries, roles, life. An attempt that handed the mail to a filter of ours is no result. {subject} is what is
-- judged by, {range} tests the attempt's time, {conditions} are the filters, {roles} says whose mail, and
-- {life} and {of_message} bring in the message, {of_isp} what a provider is known by, where it is asked for.
create or replace table results as
select
    r."row", r.time_us, r.source, r."offset", r.event, r.root, r.delay{of_isp},
    coalesce({subject}, '') as subject
from (
    select
        s."row", s.time_us, d.source, d."offset", s.event, s.root, d.recipient, d.original_recipient, d.recipient_domain,
        d.relay_host, d.relay_ip, d.delay, d.smtp_code, d.enhanced_status, d.reply{of_message}
    from story s
    join deliveries d on d."row" = s."row"
    left join roles o on o.key = s.root
    {life}
    where s.tried = 1 and coalesce(o.role, 'user') in ({roles}) and not (s.stands = 0 and s.event = 'delivered')
) r
where {range} and {conditions}
