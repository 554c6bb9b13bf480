-- title: What an agent says of which delivery
-- Reads filed, deliveries, messages. Makes the view filed_for: row, key and recipient of a delivery, and what the agent says of it.
-- The server's line names the session (LMTP), or only the command that it ran (LDA): then Message-ID, recipient and time tell, in µs.
create view filed_for as
select d."row", d.key, d.recipient, f.event, f.time_us, f.source, f.line, f.reply
from deliveries d
join filed f on f.session = split_part(d.reply, ' ', -2)
where f.agent = 'lmtp' and d.event = 'delivered' and d.reply like '% Saved'
union all
select distinct d."row", d.key, d.recipient, f.event, f.time_us, f.source, f.line, f.reply
from filed f
join messages m on m.message_id = f.message_id
join deliveries d on d.key = m.key
where f.agent <> 'lmtp' and d.event = 'delivered' and d.next_id = '' and abs(d.time_us - f.time_us) < 60000000
    and (
        lower(d.recipient) = lower(f.recipient) or split_part(lower(d.recipient), '@', 1) = lower(f.recipient)
        or lower(d.recipient) = split_part(lower(f.recipient), '@', 1)
    );
