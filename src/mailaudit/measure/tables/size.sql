-- title: Sizes of messages
-- unit: messages, recipients, bytes
-- time: messages, recipients, bytes: acceptance; what became of them: when that was
-- reads: chosen_messages size_classes
-- order: from_bytes, size_class
-- columns:
--   size_class  word  class of size
--   from_bytes  big   its smallest size
--   {counts}
--   share       real  of all messages
select
    coalesce(c.name, 'unknown') as size_class, coalesce(c.low, 9223372036854775807) as from_bytes, {counts},
    cast(sum(messages_n) as double) / nullif(max(t.n), 0) as share
from chosen_messages m
cross join (select sum(messages_n) as n from chosen_messages) t
left join size_classes c on m.size >= c.low and m.size < c.high
group by c.name, c.low
