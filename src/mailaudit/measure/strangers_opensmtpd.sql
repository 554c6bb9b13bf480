-- title: Lines that OpenSMTPD writes of addresses that are no recipients of the mail
-- Reads deliveries. Takes out of story.

-- Mail is accepted for an address as it was given. An alias among these is none of the recipients once one that it leads to is
-- named (`rcpt=`); the same envelope may turn up with a final address of its own.
delete from story
where event = 'pending' and "row" in (
    select p."row"
    from deliveries p
    join deliveries o on o.key = p.key
    where p.event = 'pending' and p.raw_event = 'envelope' and o.raw_event <> 'envelope' and o.recipient_key <> p.recipient_key
        and (lower(o.original_recipient) = lower(p.recipient) or o.event_id = p.event_id)
);
