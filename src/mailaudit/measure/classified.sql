-- title: Recipients with the causes of their failures
-- Reads recipients_plain and causes (measure/causes.py).
create or replace view recipients as
select p.* exclude (cause_row), c.type, c.category
from recipients_plain p
left join causes c on c."row" = p.cause_row
