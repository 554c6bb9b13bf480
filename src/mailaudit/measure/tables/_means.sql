-- Totals per day that occurred. Other tables include it as {means}.
-- columns:
--   days             big   days of this kind in the range, with or without mail
--   mean_messages    real  messages per such day
--   mean_recipients  real  their recipients per such day
--   mean_delivered   real  recipients delivered per such day
cast(count(distinct day_number) as bigint) as days,
    cast(sum(messages_n) as double) / count(distinct day_number) as mean_messages,
    cast(sum(recipients_n) as double) / count(distinct day_number) as mean_recipients,
    cast(sum(delivered_n) as double) / count(distinct day_number) as mean_delivered
