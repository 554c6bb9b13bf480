-- title: Whether another server's (or a mailbox's) answer to users' mail stands on a line: 1 or 0
-- A piece of other queries: of the line d, whose life has the {role}. What was put off without an attempt repeats an earlier answer,
-- and what is held or discarded without one is a rule of ours.
case
    when d.recipient_key is null or d.event in ('relayed', 'expanded', 'other') then 0
    when {role} in ('notice', 'probe') then 0
    when not d.attempted and d.matter is null then 0
    else 1
end
