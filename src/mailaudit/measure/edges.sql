-- title: Which life follows from which
-- Reads named_ids, kin, deliveries. Makes edges.
-- A child has one parent: the nearest in time of those that name it (log-formats: links through filters, forwards, notices).
-- Its own `orig_queue_id=` beats what a reply of the parent names, and that beats an equal Message-ID. In a chain of
-- filters XFORWARD hands on the first id: of the lives that have the same `orig_queue_id=`, one may name the other as its next.
-- Where an id comes back within seconds, the life that is under way where the id is named comes before all others.
-- Windows in µs: a child begins while its parent is being delivered, so up to the delivery's delay before it.
create table edges as
with lives as (
    select * from kin
),
-- Sendmail tells the Message-ID of a divided message once, and none of its own notices'.
parts as (
    select c.key, min(p.message_id) as message_id
    from deliveries d
    join lives p on p.key = d.key
    join lives c on c.queue_id = d.next_id and c.host = p.host and c.message_id is null
    where d.event = 'expanded' and d.raw_event in ('split', 'clone')
    group by c.key
),
named as (
    select d.source, d.line, d.key, d.time_us, d.next_id, d.recipient_key, d.local_ip, p.host,
        coalesce(p.message_id, s.message_id) as message_id, p.first_us, p.previous_id, p.sender, d.event,
        coalesce(d.delay, 0) as delay, case when p.sender = '' and p.message_id is null then p.queue_id end as notice_id,
        case d.event when 'expanded' then 'forward' when 'notified' then 'notice' else 'hop' end as kind
    from named_ids d
    join lives p on p.key = d.key
    left join parts s on s.key = d.key
),
candidates as (
    select p.key as parent_key, c.key as child_key, 'hop' as kind, c.first_us as time_us, 0 as rank, 1 as farther,
        -- Of several lives of that id, the one with the same Message-ID, then one that is under way.
        case when c.message_id = p.message_id then 0 else 2 end + case when p.last_us >= c.first_us then 0 else 1 end as apart,
        abs(c.first_us - p.first_us) as distance, -1 as source, c.key as line, c.queue_id as next_id, null as between_lines
    from lives c
    join lives p on p.queue_id = c.previous_id and p.host = c.host
    where p.key <> c.key and p.first_us <= c.first_us + 60000000
    union all
    select n.key, c.key, n.kind, n.time_us, 1, case when c.previous_id = n.previous_id and c.host = n.host then 0 else 1 end,
        case when c.source = n.source and c.line <= n.line and c.last_us >= n.time_us then 0 else 1 end,
        abs(c.first_us - n.time_us), n.source, n.line, n.next_id,
        case when c.source = n.source then abs(c.line - n.line) end
    from named n
    join lives c on c.queue_id = n.next_id
    where c.key <> n.key
        -- A notice has no origin; nor has, in logs that begin just then, a mail of which the beginning is not in them.
        and (n.kind <> 'hop' or c.origin is not null or c.sender <> '' or (c.message_id is null and c.client_ip is null))
        and (n.kind = 'hop' or c.origin is null)
        and (n.kind = 'hop' or c.host = n.host)
        and c.first_us <= n.time_us + 120000000
        and c.first_us >= n.time_us - 120000000 - cast(n.delay as bigint) * 1000000
        and (
            n.kind = 'notice'
            or c.message_id = n.message_id
            or c.message_id like '%.' || n.notice_id || '@%' or c.message_id like n.notice_id || '@%'
            -- Who gets a mail without a Message-ID again may have given it one.
            or (
                c.host = n.host and n.event in ('relayed', 'expanded')
                and (coalesce(c.message_id, '') = '' or coalesce(n.message_id, '') = '')
            )
            -- A filter of this host may give the mail a new one.
            or (c.host = n.host and n.event = 'relayed' and c.sender = n.sender)
            -- It came from the very address that this host sent it from (OpenSMTPD tells it), and which is one of its own.
            or (c.host = n.host and c.client_ip = n.local_ip and c.sender = n.sender)
        )
    union all
    select n.key, c.key, 'hop', n.time_us, 2, 1, 1, abs(c.first_us - n.time_us), n.source, n.line, n.next_id,
        case when c.source = n.source then abs(c.line - n.line) end
    from named n
    join lives c on c.message_id = n.message_id and c.host = n.host
    where n.next_id = '' and c.key <> n.key
        -- A list sends on in its own name what it gets; a filter keeps the sender. No Message-ID is no proof of anything.
        and (n.message_id <> '' or c.sender = n.sender)
        -- What goes through amavis itself is another copy of the mail that the sender handed in, not what amavis did.
        and (n.event <> 'again' or c.key not in (select key from named_ids where event = 'again'))
        and (c.origin = 'local' or (c.client_ip in ('127.0.0.1', '::1') and c.sender = n.sender and c.first_us >= n.first_us))
        and c.first_us >= n.time_us - 5000000 - cast(n.delay as bigint) * 1000000 and c.first_us <= n.time_us + 60000000
    union all
    -- Mail without a Message-ID gets one when it is handed in here: then sender and recipient are all that is the same.
    select n.key, c.key, 'hop', n.time_us, 2, 1, 2, abs(c.first_us - n.time_us), n.source, n.line, n.next_id,
        case when c.source = n.source then abs(c.line - n.line) end
    from named n
    join lives c on c.sender = n.sender and c.host = n.host
    where n.next_id = '' and n.message_id = '' and c.message_id <> '' and c.origin = 'local' and c.key <> n.key
        and c.first_us >= n.time_us - 5000000 - cast(n.delay as bigint) * 1000000 and c.first_us <= n.time_us + 60000000
        and exists (select 1 from deliveries g where g.key = c.key and g.recipient_key = n.recipient_key)
),
ranked as (
    select parent_key, child_key, kind, time_us, rank as known_by,
        row_number() over (partition by child_key order by farther, rank, apart, distance, between_lines, parent_key) as place,
        -- A line may name several ids (an envelope that was split), each of them one life.
        row_number() over (
            partition by source, line, next_id order by farther, rank, apart, distance, between_lines, child_key
        ) as choice
    from (
        select *
        from (
            select *, min(rank) over (partition by child_key) as surest
            from (select distinct * from candidates) each  -- a line that names several recipients names its child once
        ) known
        -- A line that names no child does not mean one that another line names: in a chain of filters all of one Message-ID.
        where rank < 2 or surest = 2
    ) meant
)
select parent_key, child_key, kind, time_us, known_by from ranked where place = 1 and choice = 1
