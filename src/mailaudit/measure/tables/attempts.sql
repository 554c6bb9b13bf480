-- title: Attempts until it was decided
-- unit: recipients
-- time: when it was decided; still open ones: acceptance
-- reads: chosen
-- order: attempts
-- columns:
--   attempts    int   attempts that were really made
--   recipients  big   recipients with so many attempts
--   share       real  of all recipients
--   {ends}
select
    attempts, cast(count(*) as bigint) as recipients, cast(count(*) as double) / max(t.n) as share, {ends}
from chosen
cross join (select count(*) as n from chosen) t
group by attempts
