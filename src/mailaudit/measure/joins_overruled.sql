-- title: Deliveries that a late bounce undid, once its message is known
-- Reads deliveries. Adds to overruled.
insert into overruled
select d."row"
from deliveries d
join (
    select distinct key, recipient_key from deliveries where late and recipient_key is not null
) l on l.key = d.key and l.recipient_key = d.recipient_key
where d.event = 'delivered' and d."row" not in (select "row" from overruled)
