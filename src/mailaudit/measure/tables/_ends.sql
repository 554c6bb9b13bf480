-- What became of recipients. Other tables include it as {ends}.
-- columns:
--   delivered   big   recipients delivered
--   bounced     big   recipients that bounced
--   expired     big   recipients given up after a time
--   deferred    big   recipients put off and still waiting at the end of the range
--   other       big   recipients in any other state
--   rate        real  delivered of delivered, bounced and expired; null where there are none
--   deferrals   big   attempts that failed for now
cast(sum(delivered_n) as bigint) as delivered, cast(sum(bounced_n) as bigint) as bounced,
    cast(sum(expired_n) as bigint) as expired, cast(sum(deferred_n) as bigint) as deferred,
    cast(sum(other_n) as bigint) as other,
    cast(sum(delivered_n) as double) / nullif(sum(delivered_n) + sum(bounced_n) + sum(expired_n), 0) as rate,
    cast(sum(deferrals_n) as bigint) as deferrals
