-- title: Lines that Sendmail writes of addresses that are no recipients of the mail
-- Reads deliveries, life. Takes out of story.

-- A notice to a sender of its own that Sendmail does not know fails at once, under the id of the message: no mailer was called
-- (no `xdelay=`), and the sender is none of the recipients.
delete from story
where "row" in (
    select d."row"
    from deliveries d
    join life l on l.key = d.key
    where d.event = 'bounced' and d.raw_event <> 'bounced' and d.relay_host = 'local' and d.delay >= 0 and d.delay_d is null
        and lower(l.sender) in (lower(d.recipient), lower(d.original_recipient))
        and exists (select 1 from deliveries o where o.key = d.key and o.recipient_key <> d.recipient_key)
);

-- Mail that waits for its first queue run is logged as it was addressed (`stat=queued`); an alias among these addresses is none of
-- the recipients once such a run has met others, under this id or that of a list's owner (a clone).
delete from story
where event = 'pending' and "row" in (
    select q."row"
    from deliveries q
    join story s on s."row" = q."row"
    join life l on l.key = q.key
    join story o on o.root = s.root and o.event not in ('pending', 'relayed', 'expanded') and o.stands = 1 and o.time_us >= s.time_us
    join life c on c.key = o.key
    where q.event = 'pending' and q.raw_event = 'queued' and q.relay_host = 'local'
        and (o.key = q.key or lower(c.sender) <> lower(l.sender))
        and not exists (
            select 1 from deliveries w where w.key = q.key and w.event = 'pending' and w.recipient_key = o.recipient_key
        )
        and not exists (
            select 1 from story t where t.root = s.root and t.recipient_key = s.recipient_key and t.event <> 'pending'
        )
);
