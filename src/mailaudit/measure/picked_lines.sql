join story s on s."row" = d."row"
join (select distinct root, recipient_key from picked) p on p.root = s.root and p.recipient_key = s.recipient_key
