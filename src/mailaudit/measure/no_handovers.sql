-- title: The tables of handovers.sql for logs without a filter or a forward: empty, and made in no time
create table handed_on (key bigint, recipient_key bigint);
create table handed_to ("row" bigint, child_key bigint);
create table chains (root bigint, message_id varchar, queue_ids varchar);
create table given (child_key bigint, recipient_key bigint, address varchar, sole boolean, copied integer);
create table requeued (key bigint, later bigint);
create table newest (key bigint, later bigint, ended_us bigint);
