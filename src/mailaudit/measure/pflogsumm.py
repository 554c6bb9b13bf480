"""pflogsumm 1.1.5's grand totals, counted by its own definitions, and why ours differ.

pflogsumm counts lines: a mail that passes a content filter arrives twice and is delivered twice, a notice is a
delivery, mail thrown away by a filter is delivered.  It knows the tags `postfix/…`, and for arrivals and refusals only
`postfix/smtpd`, `postfix/smtps/smtpd` and `postfix/submission/smtpd`.  A queue id is one message for ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.model.answers import Table
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine

# What arrived: `client=` and `uid=` lines of the services it knows.
_ARRIVED = "origin is not null and instance = 'postfix' and (service is null or service in ('smtps', 'submission'))"
_OURS = "program like 'postfix/%'"
# Of deliveries joined with lives.
_OURS_D = "d.program like 'postfix/%'"
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
select count(distinct m.queue_id)
from deliveries d join lives m using (key)
where d.raw_event = 'deferred' and {_OURS_D}
"""
_REJECTS = f"""
coalesce(
    ({_DOOR} and raw_event = 'reject')
    or (program = 'postfix/cleanup' and raw_event in ('reject', 'milter-reject')), false
)
"""
_REFUSED = f"""
select
    count(*) filter ({_REJECTS}),
    count(*) filter (
        ({_DOOR} and raw_event = 'reject_warning') or (program = 'postfix/cleanup' and raw_event = 'warning')
    )
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
where d.raw_event = 'sent' and d.reply not like '%forwarded as %' and {_OURS_D}
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


_LIVES = "select count(*) from lives where"
_LIFE_OF_DELIVERY = "select count(*) from deliveries d join lives l using (key) where"
_USERS = "select count(*) from recipients where role = 'user' and"
_NOTICES = "select count(*) from recipients where role = 'notice' and"
_SENT = f"select count(*) from deliveries where raw_event = 'sent' and {_OURS} and"
_OWN = "select count(*) from refusals where event = 'rejected' and"
_SENT_BACK = "taken, and then sent back by a filter or the user's script"

_PARTS: dict[str, tuple[str, tuple[tuple[int, str, str], ...]]] = {
    # name: (our own number, parts of the difference: sign, number, what it is)
    "received": (
        f"{_LIVES} role = 'user'",
        (
            (1, f"{_LIVES} role = 'hop' and {_ARRIVED}", "second arrival of a mail that passed a filter (filter loop)"),
            (
                1,
                f"{_LIVES} role not in ('user', 'hop') and {_ARRIVED}",
                "transactions that never became mail, notices and address probes",
            ),
            (
                -1,
                f"{_LIVES} role = 'user' and not coalesce({_ARRIVED}, false)",
                "mail whose arrival is not in these logs, or of services that pflogsumm does not know",
            ),
        ),
    ),
    "delivered": (
        f"{_USERS} outcome = 'delivered'",
        (
            (1, f"{_SENT} event = 'relayed'", "handed to a filter: not yet delivered (filter loop)"),
            (
                1,
                f"{_LIFE_OF_DELIVERY} d.event = 'delivered' and l.role = 'notice' and {_OURS_D}",
                "notices (NDR, delay, success), not users' mail",
            ),
            (
                1,
                f"{_SENT} event = 'discarded'",
                "thrown away by a filter, the discard transport or the user's script (discards)",
            ),
            (1, f"{_SENT} event = 'bounced'", _SENT_BACK),
        ),
    ),
    "deferred": (f"{_USERS} deferrals > 0", ()),
    "bounced": (
        f"{_USERS} outcome = 'bounced'",
        (
            (1, f"{_NOTICES} outcome = 'bounced'", "notices that bounced"),
            (-1, f"{_SENT} event = 'bounced'", _SENT_BACK),
        ),
    ),
    "rejected": (
        f"{_OWN} true",
        (
            (-1, f"{_OWN} raw_event = 'auth'", "failed logins are refusals for mailaudit"),
            (-1, f"{_OWN} raw_event in ('limit', 'abort')", "limits of clients are refusals for mailaudit"),
            (
                -1,
                f"{_OWN} raw_event not in ('auth', 'limit', 'abort') and not {_REJECTS}",
                "refusals by milters at the door, and of services that pflogsumm does not know",
            ),
        ),
    ),
}
_REST = dict.fromkeys(_PARTS, "the same recipient or id counted more than once, or decided again later")
_REST["deferred"] = "queue ids ever put off, not recipients"
_PUT_OFF = f"{_OWN} raw_event <> 'auth' and smtp_code < 500"
_PUT_OFF_REASON = "`ours` of these were only put off (4xx, greylisting): pflogsumm counts them as rejected"


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


def answers(engine: Engine) -> list[Table]:
    """Answers the grand totals, and the parts of each difference to mailaudit's own numbers, by name."""
    counted = totals(engine)
    grand = Table(
        "grand_totals",
        "Grand totals as pflogsumm 1.1.5 counts them",
        "lines, ids and bytes, as pflogsumm defines each",
        "the whole log",
        COLUMNS,
        [(name, value) for name, value in counted.items()],
        total=len(counted),
    )
    why = _differences(engine, counted)
    return [
        grand,
        Table(
            "differences",
            "Why mailaudit's own numbers differ",
            "messages and recipients",
            "the whole log",
            WHY,
            why,
            total=len(why),
        ),
    ]


def _differences(engine: Engine, counted: dict[str, int]) -> list[tuple[str, int, int, int, str]]:
    """Counts the parts of each difference; what no part explains stands last, so that they always add up."""
    rows = []
    for name, (ours_sql, parts) in _PARTS.items():
        value, ours = counted[name], _one(engine, ours_sql)
        found = [(sign * _one(engine, sql), reason) for sign, sql, reason in parts]
        found.append((value - ours - sum(count for count, _ in found), _REST[name]))
        rows += [(name, value, ours, count, reason) for count, reason in found if count]
    if put_off := _one(engine, _PUT_OFF):
        rows.append(("rejected", counted["rejected"], put_off, 0, _PUT_OFF_REASON))
    return rows


def _one(engine: Engine, sql: str) -> int:
    return int(engine.rows(sql)[0][0] or 0)


def _lower_domain(address: str) -> str:
    local, at, domain = address.partition("@")
    return local + at + domain.lower() if domain else address


def _folded(host: str | None, address: str | None) -> str:
    """Cuts a client's name to two labels, or three for `xx.xx`; its address if it has no name."""
    if not host or host == "unknown":
        return address or ""
    found = _FOLD.match(host)
    return f"{found[2]}.{found[3]}".lower() if found else host
