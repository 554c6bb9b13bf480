-- title: Mailboxes that one address of a message leads to
-- Reads deliveries. Makes mailboxes (by envelope: the mailbox, and a recipient key of its own).
-- OpenSMTPD logs an alias whose members are all here by its own name for each of them; the user stands apart, but not on the line
-- with which the queue gives the envelope up. Keys of recipients are hashes: small negative numbers are none of them.
create table mailboxes as
select d.key, d.recipient_key, d.event_id, n.mailbox, n.mailbox_key
from (
    select distinct key, recipient_key, event_id, mailbox
    from deliveries
    where mailbox is not null and event_id is not null
) d
join (
    select m.key, m.recipient_key, m.mailbox, -row_number() over (order by m.key, m.recipient_key, m.mailbox) as mailbox_key
    from (select distinct key, recipient_key, mailbox from deliveries where mailbox is not null) m
    join (
        select key, recipient_key
        from deliveries
        where mailbox is not null
        group by key, recipient_key
        having min(mailbox) <> max(mailbox)
    ) several on several.key = m.key and several.recipient_key = m.recipient_key
) n on n.key = d.key and n.recipient_key = d.recipient_key and n.mailbox = d.mailbox;
