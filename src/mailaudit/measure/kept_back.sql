-- title: Whom a filter kept the mail from that it handed on to others
-- Reads deliveries, telling, life, parents. Makes kept_back: rows and the event that they stand for.
-- amavis answers for all recipients at once (`queued as X, but 2 BOUNCE`): whom none of the lives that came of it names, the mail
-- was kept from. As long as one of these has not told of all its recipients, nobody knows whom that will be.
create table filtered as
select d."row", d.key, d.recipient_key, lower(d.recipient) as recipient,
    case when d.reply like '%, but % BOUNCE%' or d.reply like '%, but % REJECT%' then 'bounced' else 'discarded' end as event
from deliveries d
where d.event = 'relayed' and d.recipient_key is not null
    and (d.reply like '%, but % BOUNCE%' or d.reply like '%, but % REJECT%' or d.reply like '%, but % DISCARD%');

create table filtered_on as
select f.key, c.key as child_key, max(c.nrcpt) as nrcpt, count(distinct t.recipient_key) as told
from (select distinct key from filtered) f
join parents p on p.parent_key = f.key
join life c on c.key = p.child_key
left join telling t on t.key = c.key
group by f.key, c.key;

create table kept_back as
select f."row", f.event
from filtered f
join (select key, max(case when told >= nrcpt then 0 else 1 end) as silent from filtered_on group by key) o on o.key = f.key
where o.silent = 0 and not exists (
    select 1
    from filtered_on p
    join telling t on t.key = p.child_key
    where p.key = f.key and (t.recipient_key = f.recipient_key or lower(t.original_recipient) = f.recipient)
);
