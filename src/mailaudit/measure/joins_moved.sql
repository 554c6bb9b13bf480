-- title: Nothing to be moved any more
-- Makes moved and moved_lives anew, empty.
create table moved ("row" bigint, key bigint, recipient_key bigint, recipient varchar);
create table moved_lives (key bigint, into_key bigint, begun_us bigint, accepted_us bigint);
