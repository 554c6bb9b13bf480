-- title: What became of each queue id
-- Reads messages, repeated (keys that have several rows). Makes the view life: one row a key. Piece order: which row of a key
-- comes first.
create table merged as
select
    key,
    arg_min(source, {order}) as source, arg_min(line, {order}) as line, arg_min("offset", {order}) as "offset",
    arg_min(host, {order}) as host, arg_min(instance, {order}) as instance, arg_min(service, {order}) as service,
    arg_min(queue_id, {order}) as queue_id,
    min(first_us) as first_us, max(last_us) as last_us,
    arg_min(accepted_us, {order}) as accepted_us, arg_min(ended_us, {order}) as ended_us,
    arg_min(sender, {order}) as sender, arg_min(sender_domain, {order}) as sender_domain,
    arg_min(size, {order}) as size, arg_min(nrcpt, {order}) as nrcpt, arg_min(message_id, {order}) as message_id,
    arg_min(client_host, {order}) as client_host, arg_min(client_ip, {order}) as client_ip,
    arg_min(sasl_user, {order}) as sasl_user, arg_min(origin, {order}) as origin, arg_min(previous_id, {order}) as previous_id,
    arg_min(subject, {order}) as subject, arg_min(provider_message_id, {order}) as provider_message_id,
    arg_min(handed_as, {order}) as handed_as, arg_min(envelope_id, {order}) as envelope_id,
    arg_min(pool, {order}) as pool, arg_min(stream, {order}) as stream,
    arg_min(raised_by, {order}) as raised_by, arg_min(campaign, {order}) as campaign
from messages
where key in (select key from repeated)
group by key;

create view life as
select
    key, source, line, "offset", host, instance, service, queue_id, first_us, last_us, accepted_us, ended_us, sender,
    sender_domain, size, nrcpt, message_id, client_host, client_ip, sasl_user, origin, previous_id, subject,
    provider_message_id, handed_as, envelope_id, pool, stream, raised_by, campaign
from messages m
where not exists (select 1 from repeated r where r.key = m.key)
union all
select
    key, source, line, "offset", host, instance, service, queue_id, first_us, last_us, accepted_us, ended_us, sender,
    sender_domain, size, nrcpt, message_id, client_host, client_ip, sasl_user, origin, previous_id, subject,
    provider_message_id, handed_as, envelope_id, pool, stream, raised_by, campaign
from merged;
