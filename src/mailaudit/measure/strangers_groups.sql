-- title: Groups that providers name beside their members
-- Reads deliveries, messages. Takes out of story.

-- A group is none of the recipients once its members are named: those who have it as theirs first given, or, where only its being
-- expanded is told, whoever else the message has. What became of the group itself stays.
create table groups as
select distinct p.key, p.recipient_key
from deliveries p
join deliveries o on o.key = p.key and o.recipient_key <> p.recipient_key
where p.key in (select key from messages where origin = 'provider')
    and ((p.event = 'expanded' and o.event <> 'expanded') or lower(o.original_recipient) = lower(p.recipient));

delete from story
where event in ('pending', 'accepted', 'processed', 'relayed', 'expanded') and "row" in (
    select d."row"
    from deliveries d
    join groups g on g.key = d.key and g.recipient_key = d.recipient_key
);
