-- title: Directions
-- unit: recipients; bytes: size times recipients
-- time: acceptance; what became of them: when that was
-- note: in: from elsewhere into a mailbox here. out: from here (authenticated, local, private address) elsewhere. internal: both. undecided: the log does not tell.
-- reads: chosen direction_words
-- order: place
-- columns:
--   direction   word  in, out, internal or undecided
--   recipients  big   recipients of messages accepted
--   bytes       big   their sizes
--   {ends}
select
    w.direction, cast(coalesce(sum(recipients_n), 0) as bigint) as recipients,
    cast(coalesce(sum(bytes_n), 0) as bigint) as bytes, {ends}, w.place
from direction_words w
left join chosen d on d.direction = w.direction
group by w.direction, w.place
