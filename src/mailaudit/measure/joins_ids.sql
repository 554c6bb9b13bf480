-- title: The ids by which systems know their messages
-- Reads life. Makes join_lives (each life's system) and join_ids (id, life, kind of join).
-- A provider is one system; of logs, each host is.
create table join_lives as
select
    key, case when origin = 'provider' then instance else coalesce(host, '') end as system,
    case when origin = 'provider' then 1 else 0 end as told, queue_id, message_id, first_us, last_us, origin, lower(client_host) as client_host, client_ip, sasl_user
from life;

create table join_ids as
select id, key, known_by
from (
    select queue_id as id, key, 3 as known_by from join_lives where queue_id is not null
    union all
    select provider_message_id, key, 3 from life where origin = 'provider' and provider_message_id is not null
    union all
    select handed_as, key, 3 from life where handed_as is not null
    union all
    select message_id, key, 4 from join_lives where told = 1 and message_id is not null
) known;
