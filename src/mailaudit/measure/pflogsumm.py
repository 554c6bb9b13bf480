"""pflogsumm 1.1.5's grand totals, counted by its own definitions, and why ours differ.

pflogsumm counts lines: a mail that passes a content filter arrives twice and is delivered twice, a notice is a
delivery, mail thrown away by a filter is delivered.  It knows the tags `postfix/…`, and for arrivals and refusals only
`postfix/smtpd`, `postfix/smtps/smtpd` and `postfix/submission/smtpd`.  A queue id is one message for ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.measure.tables import Answer
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine

# What arrived: `client=` and `uid=` lines of the services it knows.
_ARRIVED = "origin is not null and instance = 'postfix' and (service is null or service in ('smtps', 'submission'))"
_OURS = "program like 'postfix/%'"
_DOOR = "program in ('postfix/smtpd', 'postfix/smtps/smtpd', 'postfix/submission/smtpd', 'postfix/postscreen')"

_LINES = f"""
select
    count(*) filter (raw_event = 'sent' and reply not like '%forwarded as %'),
    count(*) filter (raw_event = 'sent' and reply like '%forwarded as %'),
    count(*) filter (raw_event = 'deferred'),
    count(*) filter (raw_event = 'bounced')
from deliveries where {_OURS}
"""
_DEFERRED = f"""
select count(distinct m.queue_id) from deliveries d join lives m using (key) where d.raw_event = 'deferred' and {_OURS.replace("program", "d.program")}
"""
_REFUSED = f"""
select
    count(*) filter (({_DOOR} and raw_event = 'reject') or (program = 'postfix/cleanup' and raw_event in ('reject', 'milter-reject'))),
    count(*) filter (({_DOOR} and raw_event = 'reject_warning') or (program = 'postfix/cleanup' and raw_event = 'warning'))
from refusals
"""
_KEPT = f"""
select
    count(*) filter (raw_event in ('hold', 'milter-hold')), count(*) filter (raw_event in ('discard', 'milter-discard'))
from deliveries where ({_DOOR} or program = 'postfix/cleanup')
"""
# The first size that an id ever had, and whether its arrival was seen before that.
_SIZES = f"""
sizes as (
    select queue_id, arg_min(size, accepted_us) as size, min(accepted_us) as at, arg_min(sender, accepted_us) as sender,
        arg_min(key, accepted_us) as key
    from lives where size > 0 and accepted_us is not null and instance = 'postfix' group by queue_id
),
arrivals as (
    select queue_id, min(first_us) as first_us from lives where {_ARRIVED} group by queue_id
)
"""
_SENDERS = f"""
with {_SIZES}
select s.sender, l.client_host, l.client_ip, l.origin, cast(sum(s.size) as bigint)
from sizes s
join arrivals a on a.queue_id = s.queue_id and a.first_us <= s.at
join lives l on l.key = s.key
group by all
"""
_RECIPIENTS = f"""
with {_SIZES}
select d.recipient, cast(sum(coalesce(s.size, 0)) as bigint)
from deliveries d
join lives l on l.key = d.key
left join sizes s on s.queue_id = l.queue_id and s.at <= d.time_us
where d.raw_event = 'sent' and d.reply not like '%forwarded as %' and {_OURS.replace("program", "d.program")}
group by 1
"""
_FOLD = re.compile(r"(.*)\.([^.]+)\.([^.]{3}|[^.]{2,3}\.[^.]{2})$")

COLUMNS = (
    Column("name", "word", "the total, in pflogsumm's words"),
    Column("value", "big", "as pflogsumm counts it, not shortened to k and m"),
)
WHY = (
    Column("name", "word", "the total, in pflogsumm's words"),
    Column("value", "big", "as pflogsumm counts it"),
    Column("ours", "big", "what mailaudit counts instead"),
    Column("of_which", "big", "part of the difference"),
    Column("reason", "text", "what that part is"),
)


def totals(engine: Engine) -> dict[str, int]:
    """Counts the sixteen totals, in pflogsumm's order and words; bytes are bytes."""
    received = engine.rows(f"select count(*) from lives where {_ARRIVED}")[0][0]
    delivered, forwarded, deferrals, bounced = engine.rows(_LINES)[0]
    rejected, warned = engine.rows(_REFUSED)[0]
    held, discarded = engine.rows(_KEPT)[0]
    senders, hosts, in_bytes = set(), set(), 0
    for sender, host, address, origin, size in engine.rows(_SENDERS):
        name = _lower_domain(sender or "") or "from=<>"
        senders.add(name)
        hosts.add(name.partition("@")[2] or (name if origin == "local" else _folded(host, address)))
        in_bytes += size
    recipients, domains, out_bytes = set(), set(), 0
    for recipient, size in engine.rows(_RECIPIENTS):
        name = _lower_domain(recipient or "")
        local, _, domain = name.partition("@")
        recipients.add(name)
        domains.add((domain if local else "") or name)
        out_bytes += size
    return {
        "received": received,
        "delivered": delivered,
        "forwarded": forwarded,
        "deferred": engine.rows(_DEFERRED)[0][0],
        "deferrals": deferrals,
        "bounced": bounced,
        "rejected": rejected,
        "reject warnings": warned,
        "held": held,
        "discarded": discarded,
        "bytes received": in_bytes,
        "bytes delivered": out_bytes,
        "senders": len(senders),
        "sending hosts/domains": len(hosts),
        "recipients": len(recipients),
        "recipient hosts/domains": len(domains),
    }


def answers(engine: Engine) -> list[Answer]:
    """Answers the grand totals, and the parts of each difference to mailaudit's own numbers, by name."""
    counted = totals(engine)
    grand = Answer(
        "grand_totals", "Grand totals as pflogsumm 1.1.5 counts them", "lines, ids and bytes, as pflogsumm defines each",
        "the whole log", COLUMNS, [(name, value) for name, value in counted.items()], len(counted),
    )
    why = _differences(engine, counted)
    return [grand, Answer(
        "differences", "Why mailaudit's own numbers differ", "messages and recipients", "the whole log", WHY, why, len(why),
    )]


def _differences(engine: Engine, counted: dict[str, int]) -> list[tuple[str, int, int, int, str]]:
    def one(sql: str) -> int:
        return int(engine.rows(sql)[0][0] or 0)

    messages = one("select count(*) from lives where role = 'user'")
    parts = {
        "received": (messages, [
            (one(f"select count(*) from lives where role = 'hop' and {_ARRIVED}"), "second arrival of a mail that passed a filter or was handed on (filter loop)"),
            (one(f"select count(*) from lives where role not in ('user', 'hop') and {_ARRIVED}"), "transactions that never became mail, notices and address probes"),
            (-one(f"select count(*) from lives where role = 'user' and not coalesce({_ARRIVED}, false)"), "mail whose arrival is not in these logs, or of services that pflogsumm does not know"),
        ]),
        "delivered": (one("select count(*) from recipients where role = 'user' and outcome = 'delivered'"), [
            (one(f"select count(*) from deliveries where raw_event = 'sent' and event = 'relayed' and {_OURS}"), "handed to a filter: not yet delivered (filter loop)"),
            (one(f"select count(*) from deliveries d join lives l using (key) where d.event = 'delivered' and l.role = 'notice' and {_OURS.replace('program', 'd.program')}"), "notices (NDR, delay, success), not users' mail"),
            (one(f"select count(*) from deliveries where raw_event = 'sent' and event = 'discarded' and {_OURS}"), "thrown away by a filter or the discard transport (discards)"),
        ]),
        "bounced": (one("select count(*) from recipients where role = 'user' and outcome = 'bounced'"), [
            (one("select count(*) from recipients where role = 'notice' and outcome = 'bounced'"), "notices that bounced"),
        ]),
        "deferred": (one("select count(*) from recipients where role = 'user' and deferrals > 0"), [
            (one("select -count(*) from recipients where role = 'user' and deferrals > 0") + counted["deferred"], "queue ids ever put off, not recipients"),
        ]),
        "rejected": (one("select count(*) from refusals where event = 'rejected'"), [
            (-one("select count(*) from refusals where event = 'rejected' and raw_event = 'auth'"), "failed logins are refusals for mailaudit"),
            (-one(f"select count(*) from refusals where event = 'rejected' and raw_event <> 'auth' and not coalesce(({_DOOR} and raw_event = 'reject') or (program = 'postfix/cleanup' and raw_event in ('reject', 'milter-reject')), false)"), "refusals by milters at the door, and of services that pflogsumm does not know"),
        ]),
    }  # fmt: skip
    rows = []
    for name, (ours, reasons) in parts.items():
        value = counted[name]
        left = value - ours - sum(count for count, _ in reasons)
        for count, reason in [*reasons, (left, "the same recipient or id counted more than once, or decided again later")]:
            if count:
                rows.append((name, value, ours, count, reason))
    temporary = one("select count(*) from refusals where event = 'rejected' and raw_event <> 'auth' and smtp_code < 500")
    if temporary:
        rows.append(("rejected", counted["rejected"], temporary, 0, "`ours` of these were only put off (4xx, greylisting): pflogsumm counts them as rejected"))
    return rows


def _lower_domain(address: str) -> str:
    local, at, domain = address.partition("@")
    return local + at + domain.lower() if domain else address


def _folded(host: str | None, address: str | None) -> str:
    """Cuts a client's name to two labels, or three for `xx.xx`; its address if it has no name."""
    if not host or host == "unknown":
        return address or ""
    found = _FOLD.match(host)
    return f"{found[2]}.{found[3]}".lower() if found else host
