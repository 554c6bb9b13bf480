-- title: The tables of joins between systems, while there are none
-- Makes joins, joined_rows, moved, moved_lives, join_named.
create table joins (parent_key bigint, child_key bigint, known_by integer, time_us bigint);
create table joined_rows ("row" bigint, child_key bigint);
create table moved ("row" bigint, key bigint, recipient_key bigint, recipient varchar);
create table moved_lives (key bigint, into_key bigint, begun_us bigint, accepted_us bigint);
create table join_named ("row" bigint, id varchar);
