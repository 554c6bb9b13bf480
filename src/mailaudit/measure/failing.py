"""What failed in a range and why, and which of it had never failed before.

Causes come from `measure.causes`, which makes its table when it is first needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions

if TYPE_CHECKING:
    from mailaudit.measure.choose import Choice, Options
    from mailaudit.measure.engine import Engine

_FAILED = """
select
    r.outcome, c.category, c.type, c.party, c.action,
    coalesce(r.enhanced_status, cast(r.smtp_code as varchar)) as code, r.reply, r.recipient_domain,
    r.finished_us
from recipients r
left join causes c on c."row" = r.recipient_row
where r.outcome in ('bounced', 'expired') and r.role in {roles} and {conditions}
order by r.finished_us, r.source, r."offset", r.recipient
"""
"""Of all times up to the end of the range: a domain that fails in the range may have failed before."""
_REPLIES = """
select
    kind, template, list, recipient_domain, cast(sum(now) as bigint) as now, cast(sum(1 - now) as bigint) as before,
    min(case when now = 1 then place end) as first
from (
    select
        case when d.event = 'deferred' then 'deferred' else 'failed' end as kind, c.template, c.list,
        d.recipient_domain,
        case when d.time_us >= {since:d} then 1 else 0 end as now,
        cast(d.time_us as hugeint) * {rows:d} + d."row" as place
    from story t
    join (select distinct root, recipient_key from selected where role in {roles}) s
        on s.root = t.root and s.recipient_key = t.recipient_key
    join deliveries d on d."row" = t."row"
    join causes c on c."row" = d."row"
    where t.event in ('deferred', 'bounced', 'soft_bounced', 'hard_bounced', 'expired') and t.time_us < {until:d}
) l
group by kind, template, list, recipient_domain
order by first, template, recipient_domain
"""
"""The replies by template, list and domain, with time and row of the earliest line in one number."""
_ROWS = 1 << 40
_EXAMPLES = """
select d."row", d.reply, coalesce(d.enhanced_status, cast(d.smtp_code as varchar)), c.category
from deliveries d
join examples e on e."row" = d."row"
join causes c on c."row" = d."row"
"""
FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a failure was one; without a classification only the code is known."""

    category: str | None
    type: str | None
    party: str | None
    action: str | None
    code: str | None


@dataclass(slots=True)
class Failure:
    """Recipients that failed for one cause; the example is the earliest reply."""

    cause: Cause
    example: str | None
    recipients: int = 0
    expired: int = 0
    domains: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Reply:
    """Delivery lines with the same reply, but for names and numbers."""

    kind: str
    """deferred or failed."""
    text: str
    code: str | None = None
    category: str | None = None
    example: str = ""
    first: int | None = None
    """Time and row of the earliest line in the range."""
    lines: int = 0
    before: int = 0
    """Lines before the range."""
    domains: Counter[str] = field(default_factory=Counter)

    @property
    def first_us(self) -> int:
        """The time of the earliest line in the range."""
        return (self.first or 0) // _ROWS

    @property
    def row(self) -> int:
        """The row of deliveries that has the example: the earliest line in the range."""
        return (self.first or 0) % _ROWS


@dataclass(slots=True)
class Replies:
    """All replies of failures and deferrals in the range, with what was seen before it."""

    replies: list[Reply]
    lists: list[tuple[str, int, int]]
    """Blocklists named in the range and never before: name, lines, first time in µs."""


@dataclass(slots=True)
class Failures:
    """The recipients that bounced or expired in the range, by cause and by domain."""

    causes: list[Failure]
    """Most recipients first."""
    domains: list[tuple[str, int, int]]
    """Domains that failed (were not only put off) in the range and never before: name, failures, first time in µs."""


def failures(engine: Engine, options: Options) -> Failures:
    """Returns recipients that bounced or expired in the range."""
    since = options.since_us if options.since_us is not None else -FOREVER
    conditions = Conditions.on("r", options.filters, "r.finished_us", None, options.until_us)
    causes(engine)
    sql = _FAILED.format(conditions=conditions.sql, roles=_roles(options))
    found: dict[tuple[str | None, ...], Failure] = {}
    domains: dict[str, list[int]] = {}
    for outcome, category, type_, party, action, code, reply, domain, at_us in engine.rows(sql, conditions.values):
        now = at_us >= since
        if domain is not None:
            _add(domains, domain, int(now), int(not now), at_us if now else None)
        if not now:
            continue
        key = (category, type_, action) if category else (code, None, None)
        failure = found.get(key)
        if failure is None:
            cause = Cause(category, type_, party, action, None if category else code)
            failure = found[key] = Failure(cause, reply)
        failure.recipients += 1
        failure.expired += outcome == "expired"
        failure.domains[domain or ""] += 1
    return Failures(sorted(found.values(), key=lambda failure: -failure.recipients), _new(domains))


def replies(choice: Choice) -> Replies:
    """Returns what other servers answered to what they refused or put off, and what of it is new in the range."""
    engine, options = choice.engine, choice.options
    choice.need("selected")
    since = options.since_us if options.since_us is not None else -FOREVER
    until = options.until_us if options.until_us is not None else FOREVER
    causes(engine)
    sql = _REPLIES.format(since=since, until=until, rows=_ROWS, roles=_roles(options))
    grouped: dict[tuple[str, str], Reply] = {}
    lists: dict[str, list[int]] = {}
    for kind, text, blocklist, domain, now, before, first in engine.rows(sql):
        first_us = None if first is None else first // _ROWS
        if blocklist is not None:
            _add(lists, blocklist, now, before, first_us)
        if not text:
            continue
        reply = grouped.setdefault((kind, text), Reply(kind, text))
        reply.lines += now
        reply.before += before
        if now:
            reply.domains[domain or ""] += now
            reply.first = min(first, reply.first or first)
    shown = [reply for reply in grouped.values() if reply.lines]
    _give_examples(engine, shown)
    ordered = sorted(shown, key=lambda reply: (-reply.lines, reply.first_us, reply.text))
    return Replies(ordered, _new(lists))


def _give_examples(engine: Engine, found: list[Reply]) -> None:
    engine.table("examples", ('"row" bigint',), [(reply.row,) for reply in found])
    told = {row: rest for row, *rest in engine.rows(_EXAMPLES)}
    for reply in found:
        reply.example, reply.code, reply.category = told[reply.row]
        reply.example = reply.example or reply.text


def _add(seen: dict[str, list[int]], name: str, now: int, before: int, first_us: int | None) -> None:
    counts = seen.setdefault(name, [0, 0, FOREVER])
    counts[0] += now
    counts[1] += before
    counts[2] = min(counts[2], first_us if first_us is not None else FOREVER)


def _new(seen: dict[str, list[int]]) -> list[tuple[str, int, int]]:
    found = [(name, now, first_us) for name, (now, before, first_us) in seen.items() if now and not before]
    return sorted(found, key=lambda item: (-item[1], item[2], item[0]))


def _roles(options: Options) -> str:
    return "('user', 'notice')" if options.notices else "('user')"
