-- title: Sizes of messages
-- unit: messages, recipients, bytes
-- time: acceptance; what became of them: when that was
-- reads: chosen_messages size_classes
-- order: class
-- columns:
--   size_class  word  class of size
--   from_bytes  big   its smallest size; null for unknown sizes
--   {counts}
--   share       real  of all messages
select c.name as size_class, c.low as from_bytes, {counts},
    cast(sum(messages_n) as double) / nullif(max(t.n), 0) as share, c.class
from (
    select
        *,
        case
            when size is null then 6
            when size < 1000 then 0
            when size < 10000 then 1
            when size < 100000 then 2
            when size < 1000000 then 3
            when size < 10000000 then 4
            else 5
        end as class
    from chosen_messages
) m
cross join (select sum(messages_n) as n from chosen_messages) t
join size_classes c on c.class = m.class
group by c.name, c.low, c.class
