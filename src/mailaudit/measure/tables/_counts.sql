-- What tables of messages count. Other tables include it as {counts}.
-- columns:
--   messages    big   messages accepted
--   recipients  big   their recipients
--   bytes       big   bytes accepted
--   mean_size   big   bytes per message whose size is known; null without one
--   {ends}
cast(sum(messages_n) as bigint) as messages, cast(sum(recipients_n) as bigint) as recipients,
    cast(sum(bytes_n) as bigint) as bytes, cast(sum(bytes_n) / nullif(sum(sized_n), 0) as bigint) as mean_size,
    {ends}
