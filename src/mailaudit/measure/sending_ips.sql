-- title: From which of its addresses a provider sent
-- Reads deliveries, family. Makes sending_ips: that of the latest attempt for each recipient.
create or replace table sending_ips as
select root, recipient_key, local_ip
from (
    select
        coalesce(f.root, d.key) as root, d.recipient_key, d.local_ip,
        row_number() over (
            partition by coalesce(f.root, d.key), d.recipient_key order by d.time_us desc, d."offset" desc, d.local_ip
        ) as place
    from deliveries d
    left join family f on f.key = d.key
    where d.local_ip is not null and d.recipient_key is not null
) ranked
where place = 1
