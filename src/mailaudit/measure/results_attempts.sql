-- title: How each delivery attempt of users' mail went
-- Reads story, deliveries, roles, life. An attempt that handed the mail to a filter of ours is no result, nor is mail that was
-- taken and thrown away: it was neither delivered nor refused, as in results_messages.sql. {subject} is what is
-- judged by, {range} tests the attempt's time, {conditions} are the filters, {roles} says whose mail, and
-- {life} and {of_message} bring in the message, {of_isp} what a provider is known by, where it is asked for.
-- Makes attempt_results, narrow because it is long, and the views results and result_lines: the same with all that is known.
create or replace table attempt_results as
select r."row", r.time_us, r.event{of_isp}, coalesce({subject}, '') as subject
from (
    select
        s."row", s.time_us, s.event, d.recipient, d.original_recipient, d.recipient_domain,
        d.relay_host, d.relay_ip, d.smtp_code, d.enhanced_status, d.reply{of_message}
    from story s
    join deliveries d on d."row" = s."row"
    left join roles o on o.key = s.root
    {life}
    where s.tried = 1 and coalesce(o.role, 'user') in ({roles}) and s.event <> 'discarded'
        and not (s.stands = 0 and s.event = 'delivered')
) r
where {range} and {conditions};

create or replace view results as
select "row", time_us, event, subject
from attempt_results;

create or replace view result_lines as
select
    r."row", r.time_us, d.source, d."offset", r.event, s.root,
    -- As in recipients.sql.
    case
        when s.key = s.root and (d.delay is not null or l.accepted_us is null) then d.delay
        when d.time_us >= coalesce(l.accepted_us, l.first_us) then cast(
            d.time_us - coalesce(l.accepted_us, l.first_us) - (d.time_us - coalesce(l.accepted_us, l.first_us)) % 1000 as double
        ) / 1000000
        else d.delay
    end as delay,
    r.subject
from attempt_results r
join story s on s."row" = r."row"
join deliveries d on d."row" = r."row"
join life l on l.key = s.root
