-- title: Lines of whom requeued mail has no more among its recipients
-- Reads deliveries, requeued. Takes out of story.

-- Requeued mail is addressed anew: whom the old id names and the newer ones only as the first address of others is none of
-- its recipients any more.
delete from story
where settles < 1 and "row" in (
    select d."row"
    from requeued r
    join deliveries d on d.key = r.key
    join deliveries n on n.key = r.later and lower(n.original_recipient) = lower(d.recipient)
    where not exists (
        select 1
        from requeued q
        join deliveries o on o.key = q.later
        where q.key = d.key and o.recipient_key = d.recipient_key
    )
);
