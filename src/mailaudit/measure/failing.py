"""What failed in a range and why, and which of it had never failed before.

Causes come from `measure.causes`, which makes its table when it is first needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled

if TYPE_CHECKING:
    from mailaudit.measure.choose import Choice, Options
    from mailaudit.measure.engine import Engine

_FAILED = """
select
    category, type, party, action, code, domain, expired, now, cast(count(*) as bigint) as n,
    min(finished_us) as first_us,
    min(cast(finished_us as hugeint) * 1180591620717411303424 + cast(tie as hugeint) * 256 + place) as "first"
from (
    select
        c.category, c.type, c.party, c.action,
        case when c.category is null then coalesce(
            case when x.event <> 'expired' then x.enhanced_status else d.enhanced_status end,
            cast(case when x.event <> 'expired' then x.smtp_code else d.smtp_code end as varchar)
        ) end as code,
        coalesce(d.recipient_domain, x.recipient_domain) as domain,
        case when r.fate = {expired} then 1 else 0 end as expired,
        case when r.finished_us >= {since} then 1 else 0 end as now, r.finished_us,
        case when d.matter is null then 0 else d."offset" - d."offset" % 4294967296 end as tie,
        coalesce(r.recipient_row, r.fact_row) as place
    from selected r
    left join deliveries d on d."row" = r.recipient_row
    left join fact_lines x on x."row" = r.fact_row
    left join causes c on c."row" = r.recipient_row
    where r.fate in ({bounced}, {expired}) and r.role in {roles} and r.finished_us < {until}
) f
group by category, type, party, action, code, domain, expired, now
order by "first"
"""
"""Of all times up to the end of the range: a domain that fails in the range may have failed before. `first`: time, tie
and row of the earliest in one number, as in chosen_replies.sql."""
_FAILED_EXAMPLES = """
select
    coalesce(r.recipient_row, r.fact_row),
    case when x.event <> 'expired' then x.reply else coalesce(d.reply, x.reply) end
from failed_examples e
join selected r on coalesce(r.recipient_row, r.fact_row) = e."row"
left join deliveries d on d."row" = r.recipient_row
left join fact_lines x on x."row" = r.fact_row
"""
_REPLIES = """
select
    kind, template, list, recipient_domain, cast(sum(now) as bigint) as now, cast(sum(1 - now) as bigint) as before,
    min(case when now = 1 then place end) as first
from (
    select
        case when d.event = 'deferred' then 'deferred' else 'failed' end as kind,
        case when t.event <> 'deferred' or t.tried = 1 then c.template end as template, c.list, d.recipient_domain,
        case when d.time_us >= {since:d} then 1 else 0 end as now,
        cast(d.time_us as hugeint) * {rows:d} + d."row" as place
    from story t
    join deliveries d on d."row" = t."row"
    join causes c on c."row" = d."row"
    where t.event in ('deferred', 'bounced', 'soft_bounced', 'hard_bounced', 'expired') and t.time_us < {until:d}
        and exists (
            select 1 from selected s where s.role in {roles} and s.root = t.root and s.recipient_key = t.recipient_key
        )
) l
group by kind, template, list, recipient_domain
order by first, template, recipient_domain
"""
"""The replies by template, list and domain, with time and row of the earliest line in one number.

Where delivery was suspended nobody was asked: the line repeats what another attempt was answered, and is no reply.
"""
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
    row: int | None
    """The row of deliveries that has the example."""
    example: str | None = None
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


def failures(choice: Choice) -> Failures:
    """Returns recipients that bounced or expired in the range."""
    engine, options = choice.engine, choice.options
    choice.need("selected")
    causes(engine)
    since = options.since_us if options.since_us is not None else -FOREVER
    until = options.until_us if options.until_us is not None else FOREVER
    sql = filled(_FAILED, since=f"{since:d}", until=f"{until:d}", roles=_roles(options), **FATES)
    found: dict[tuple[str | None, ...], Failure] = {}
    domains: dict[str, list[int]] = {}
    for category, type_, party, action, code, domain, expired, now, count, first_us, first in engine.rows(sql):
        if domain is not None:
            _add(domains, domain, count * now, count * (1 - now), first_us if now else None)
        if not now:
            continue
        key = (category, type_, action) if category else (code, None, None)
        failure = found.get(key)
        if failure is None:
            cause = Cause(category, type_, party, action, code)
            failure = found[key] = Failure(cause, None if first is None else first % _ROWS)
        failure.recipients += count
        failure.expired += count * expired
        failure.domains[domain or ""] += count
    causes_found = sorted(found.values(), key=lambda failure: -failure.recipients)
    engine.table("failed_examples", ('"row" bigint',), [(one.row,) for one in causes_found if one.row is not None])
    told: dict[int | None, str | None] = dict(engine.rows(_FAILED_EXAMPLES))
    for failure in causes_found:
        failure.example = told.get(failure.row)
    return Failures(causes_found, _new(domains))


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
