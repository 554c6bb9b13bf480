-- title: Recipients of the range, one row each, with a 1 in the columns where they count
-- Reads selected. Pieces: came and went test submitted_us and finished_us, state is the fate as it stood at the end of the
-- range, roles says whose mail; the outcomes' names stand for their numbers.
create or replace view chosen as
select
    root, key, recipient_key, recipient_row, fact_row, size, submitted_us, finished_us, attempts, direction, accepted, came, state,
    came as recipients_n,
    case when came = 1 then size else 0 end as bytes_n,
    case when fate = {delivered} then went else 0 end as delivered_n,
    case when fate = {bounced} then went else 0 end as bounced_n,
    case when fate = {expired} then went else 0 end as expired_n,
    case when state = {deferred} then came else 0 end as deferred_n,
    case when state in ({pending}, {held}) then came else 0 end as open_n,
    case when fate in ({delivered}, {bounced}, {expired}) then 0 else went end as odd_n,
    case when state in ({pending}, {held}) then came else 0 end
        + case when fate in ({delivered}, {bounced}, {expired}) then 0 else went end as other_n,
    case when came = 1 then deferrals else 0 end as deferrals_n,
    case when came = 1 then begun_before else 0 end as begun_before_n
from (
    select
        *,
        case when {came} then 1 else 0 end as came,
        case when finished_us is not null and {went} then 1 else 0 end as went,
        {state} as state
    from selected
    where role in {roles}
) s
where came = 1 or went = 1
