-- title: Notices of OpenSMTPD, which no line joins with the mail that they are about
-- Reads life, deliveries. Adds to edges.
-- It writes a notice of failure a second or so after it gave somebody up, to the sender of that mail, and logs nothing that names
-- both. So each is about the mail of its recipient that failed last before it, within ten seconds (`time`, likely); in buckets of
-- that length, so that values are equal.
insert into edges
with failures as (
    select l.key, coalesce(l.host, '') as host, lower(l.sender) as sender, d.time_us, d.time_us - d.time_us % 10000000 as bucket
    from life l
    join deliveries d on d.key = l.key
    where l.instance = 'opensmtpd' and l.sender <> '' and d.event in ('bounced', 'expired')
),
around as (
    select * from failures
    union all
    select key, host, sender, time_us, bucket + 10000000 from failures
),
written as (
    select
        l.key, coalesce(l.host, '') as host, lower(d.recipient) as sender, l.first_us as time_us,
        l.first_us - l.first_us % 10000000 as bucket
    from life l
    join deliveries d on d.key = l.key
    where l.instance = 'opensmtpd' and l.sender = '' and l.origin is null and l.client_ip is null and d.raw_event = 'envelope'
),
candidates as (
    select a.key as parent_key, w.key as child_key, max(a.time_us) as time_us, min(w.time_us - a.time_us) as distance
    from written w
    join around a on a.host = w.host and a.sender = w.sender and a.bucket = w.bucket
    where a.time_us between w.time_us - 10000000 and w.time_us
    group by a.key, w.key
)
select parent_key, child_key, 'notice', time_us, 6
from (
    select
        *,
        row_number() over (partition by child_key order by distance, parent_key) as place,
        row_number() over (partition by parent_key, time_us order by distance, child_key) as choice
    from candidates
) ranked
where place = 1 and choice = 1;
