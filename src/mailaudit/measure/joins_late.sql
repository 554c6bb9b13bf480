-- title: Late bounces of mail that went on
-- Reads deliveries, family. Adds to overruled: a late bounce undoes the delivery wherever on the way that is told; but it says
-- nothing new where a log or a provider on the way tells of a failure.
create temp table late_told as
select d."row", coalesce(f.root, d.key) as root, d.recipient_key
from deliveries d
left join family f on f.key = d.key
where d.late and d.recipient_key is not null and d.event in ('bounced', 'hard_bounced', 'soft_bounced', 'expired')
    and (f.key is not null or d.key in (select root from family));

create temp table failed_on_the_way as
select distinct coalesce(f.root, d.key) as root, d.recipient_key
from deliveries d
left join family f on f.key = d.key
where d.late is distinct from true and d.recipient_key is not null
    and d.event in ('bounced', 'hard_bounced', 'soft_bounced', 'expired', 'rejected')
    and coalesce(f.root, d.key) in (select root from late_told);

insert into overruled
select t."row"
from late_told t
join failed_on_the_way w on w.root = t.root and w.recipient_key = t.recipient_key;

insert into overruled
select d."row"
from deliveries d
left join family f on f.key = d.key
join (select distinct root, recipient_key from late_told) t
    on t.root = coalesce(f.root, d.key) and t.recipient_key = d.recipient_key
left join failed_on_the_way w on w.root = t.root and w.recipient_key = t.recipient_key
where d.event = 'delivered' and w.root is null and d."row" not in (select "row" from overruled);

drop table late_told;
drop table failed_on_the_way;
