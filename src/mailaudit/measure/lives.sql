-- title: What became of each queue id
-- Reads messages, repeated (keys that have several rows). Makes the view life: one row a key.
create table merged as
select
    key,
    arg_min(source, "row") as source, arg_min(line, "row") as line, arg_min("offset", "row") as "offset",
    arg_min(host, "row") as host, arg_min(instance, "row") as instance, arg_min(service, "row") as service,
    arg_min(queue_id, "row") as queue_id,
    min(first_us) as first_us, max(last_us) as last_us,
    arg_min(accepted_us, "row") as accepted_us, arg_min(ended_us, "row") as ended_us,
    arg_min(sender, "row") as sender, arg_min(sender_domain, "row") as sender_domain,
    arg_min(size, "row") as size, arg_min(nrcpt, "row") as nrcpt, arg_min(message_id, "row") as message_id,
    arg_min(client_host, "row") as client_host, arg_min(client_ip, "row") as client_ip,
    arg_min(sasl_user, "row") as sasl_user, arg_min(origin, "row") as origin, arg_min(previous_id, "row") as previous_id
from messages
where key in (select key from repeated)
group by key;

create view life as
select
    key, source, line, "offset", host, instance, service, queue_id, first_us, last_us, accepted_us, ended_us, sender,
    sender_domain, size, nrcpt, message_id, client_host, client_ip, sasl_user, origin, previous_id
from messages m
where not exists (select 1 from repeated r where r.key = m.key)
union all
select
    key, source, line, "offset", host, instance, service, queue_id, first_us, last_us, accepted_us, ended_us, sender,
    sender_domain, size, nrcpt, message_id, client_host, client_ip, sasl_user, origin, previous_id
from merged;
