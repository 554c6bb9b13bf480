-- title: Lines that Exim writes of addresses that are no recipients of the mail
-- Reads deliveries. Takes out of story.

-- Where one of those whom an alias leads to waits, it is the alias that is put off in the next queue run: it is none of the recipients
-- once one that it leads to is named.
delete from story
where event = 'deferred' and "row" in (
    select p."row"
    from deliveries p
    join (
        select distinct key, recipient_key, lower(original_recipient) as given
        from deliveries
        where program like 'exim%' and original_recipient is not null
    ) o on o.key = p.key and o.recipient_key <> p.recipient_key and o.given = lower(p.recipient)
    where p.event = 'deferred' and p.program like 'exim%'
);
