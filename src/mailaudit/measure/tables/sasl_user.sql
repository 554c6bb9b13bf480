-- title: Authenticated users
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- note: Many addresses of one user, or bounces far above the others, may mean a stolen password.
-- reads: chosen_messages
-- order: messages desc, recipients desc, bytes desc, sasl_user
-- columns:
--   sasl_user  text  authenticated user
--   addresses  big   client addresses the user came from
--   senders    big   different envelope senders the user wrote as
--   {counts}
select
    l.sasl_user, cast(count(distinct l.client_ip) as bigint) as addresses,
    cast(count(distinct l.sender) as bigint) as senders, {counts}
from chosen_messages m
join life l on l.key = m.root
where l.sasl_user is not null
group by l.sasl_user
