-- title: Facts about whole messages
-- Reads deliveries, family, event_words (vocabulary: event, settles, rank, fate, tries). Makes facts.
-- The address on a hold or discard line is one of several, as it was first given.
create table facts as
select d."row", d.key, coalesce(f.root, d.key) as root, d.recipient_key, d.time_us, d.source, d."offset", d.event, w.settles, w.rank, w.fate,
    0 as told_by_notice
from deliveries d
join event_words w on w.event = d.event
left join family f on f.key = d.key
where (d.recipient_key is null and d.event in ('expired', 'held', 'released', 'deleted', 'discarded', 'rejected'))
    or (d.event in ('held', 'discarded') and d.attempted = false);
