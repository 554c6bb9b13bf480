-- title: Refusals of the range
-- Reads refused. A refusal has no relay and no other status than rejected, so filters on these leave none.
create or replace table chosen_refusals as
select r.time_us, r.event, r.cause, r.smtp_code, r.enhanced_status, r.client_ip, r.client_host
from (
    select
        *, 'rejected' as status, 'rejected' as outcome, cast(null as varchar) as original_recipient,
        cast(null as varchar) as relay_host, cast(null as varchar) as relay_ip
    from refused
) r
where {range} and {conditions}
