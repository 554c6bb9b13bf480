-- title: What is counted by dimensions: recipients of the range, as r, with the columns that the dimensions need
-- Reads chosen, life, deliveries, fact_lines, recipients. Three pieces, each with more columns and more work than the one before: of
-- the message, of the line that decided, and all.
(
    select
        c.*, l.host, l.instance, l.service, l.sender, l.sender_domain, l.client_host, l.client_ip, l.sasl_user
    from chosen c
    join life l on l.key = c.root
) r;

(
    select
        c.*, l.host, l.instance, l.service, l.sender, l.sender_domain, l.client_host, l.client_ip, l.sasl_user,
        coalesce(d.recipient, x.recipient) as recipient,
        coalesce(d.recipient_domain, x.recipient_domain) as recipient_domain,
        d.relay_host, d.relay_ip
    from chosen c
    join life l on l.key = c.root
    left join deliveries d on d."row" = c.recipient_row
    left join fact_lines x on x."row" = c.fact_row
) r;

(
    select r.*, c.came, c.state
    from chosen c
    join recipients r on r.root = c.root and r.recipient_row is not distinct from c.recipient_row
) r;
