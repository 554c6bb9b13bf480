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
    from mailaudit.measure.choose import Options
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
_LINES = """
select
    case when d.event = 'deferred' then 'deferred' else 'failed' end as kind, c.template, c.category, c.list,
    coalesce(d.enhanced_status, cast(d.smtp_code as varchar)) as code, d.recipient_domain, d.time_us, d."row",
    case when d.time_us >= {since:d} then 1 else 0 end as now, d.source, d."offset"
from story t
join (select distinct root, recipient_key from selected where role in {roles}) s
    on s.root = t.root and s.recipient_key = t.recipient_key
join deliveries d on d."row" = t."row"
left join causes c on c."row" = d."row"
where t.event in ('deferred', 'bounced', 'soft_bounced', 'hard_bounced', 'expired') and t.time_us < {until:d}
"""
_REPLIES = f"""
select
    kind, template, recipient_domain, cast(sum(now) as bigint) as now, cast(sum(1 - now) as bigint) as before,
    min(case when now = 1 then time_us end) as first_us, max(case when place = 1 then "row" end) as "row",
    max(case when place = 1 then code end) as code, max(case when place = 1 then category end) as category
from (
    select
        l.*,
        row_number() over (
            partition by kind, template order by now desc, time_us, source, "offset", "row"
        ) as place
    from ({_LINES}) l
    where template is not null and template <> ''
) p
group by kind, template, recipient_domain
order by first_us, recipient_domain
"""
"""The replies by template and domain; the earliest line of a template in the range, else before it, is its example."""
_LISTS = f"""
select
    list, cast(sum(now) as bigint) as now, cast(sum(1 - now) as bigint) as before,
    min(case when now = 1 then time_us end) as first_us
from ({_LINES}) l
where list is not null
group by list
"""
_EXAMPLES = 'select d."row", d.reply from deliveries d join examples e on e."row" = d."row"'
_DOMAINS = """
select
    r.recipient_domain, cast(sum(case when r.finished_us >= {since:d} then 1 else 0 end) as bigint) as now,
    cast(sum(case when r.finished_us < {since:d} then 1 else 0 end) as bigint) as before,
    min(case when r.finished_us >= {since:d} then r.finished_us end) as first_us
from recipients r
where r.outcome in ('bounced', 'expired') and r.role in {roles} and r.recipient_domain is not null and {conditions}
group by 1
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
    first_us: int | None = None
    row: int | None = None
    """The row of deliveries that has the example."""
    lines: int = 0
    before: int = 0
    """Lines before the range."""
    domains: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Replies:
    """All replies of failures and deferrals in the range, with what was seen before it."""

    replies: list[Reply]
    domains: list[tuple[str, int, int]]
    """Domains that failed (not only put off) in the range and never before: name, failures, first time in µs."""
    lists: list[tuple[str, int, int]]
    """Blocklists named in the range and never before, likewise."""


def failures(engine: Engine, options: Options) -> list[Failure]:
    """Returns recipients that bounced or expired in the range by cause, most first."""
    conditions = Conditions()
    conditions.between("r.finished_us", options.since_us, options.until_us)
    conditions.filters(options.filters, "r")
    causes(engine)
    sql = _FAILED.format(conditions=conditions.sql, roles=_roles(options))
    found: dict[tuple[str | None, ...], Failure] = {}
    for outcome, category, type_, party, action, code, reply, domain, _at in engine.rows(sql, conditions.values):
        key = (category, type_, action) if category else (code, None, None)
        failure = found.get(key)
        if failure is None:
            cause = Cause(category, type_, party, action, None if category else code)
            failure = found[key] = Failure(cause, reply)
        failure.recipients += 1
        failure.expired += outcome == "expired"
        failure.domains[domain or ""] += 1
    return sorted(found.values(), key=lambda failure: -failure.recipients)


def replies(engine: Engine, options: Options) -> Replies:
    """Returns what other servers answered to what they refused or put off, and what of it is new in the range.

    Reads the table `selected` of `measure.choose`: recipients that pass the filters.
    """
    since = options.since_us if options.since_us is not None else -FOREVER
    until = options.until_us if options.until_us is not None else FOREVER
    causes(engine)
    pieces = {"since": since, "until": until, "roles": _roles(options)}
    grouped: dict[tuple[str, str], Reply] = {}
    for kind, text, domain, now, before, first_us, row, code, category in engine.rows(_REPLIES.format(**pieces)):
        reply = grouped.setdefault((kind, text), Reply(kind, text))
        reply.lines += now
        reply.before += before
        if now:
            reply.domains[domain or ""] += now
            reply.first_us = min(first_us, reply.first_us or FOREVER)
        if row is not None:
            reply.row, reply.code, reply.category = row, code, category
    shown = [reply for reply in grouped.values() if reply.lines]
    _give_examples(engine, shown)
    lists = {
        name: [now, before, first_us or FOREVER] for name, now, before, first_us in engine.rows(_LISTS.format(**pieces))
    }
    ordered = sorted(shown, key=lambda reply: (-reply.lines, reply.first_us, reply.text))
    return Replies(ordered, _new(_domains(engine, options, since, until)), _new(lists))


def _give_examples(engine: Engine, found: list[Reply]) -> None:
    engine.table("examples", ('"row" bigint',), [(reply.row,) for reply in found])
    texts: dict[int | None, str] = dict(engine.rows(_EXAMPLES))
    for reply in found:
        reply.example = texts.get(reply.row) or reply.text


def _domains(engine: Engine, options: Options, since: int, until: int) -> dict[str, list[int]]:
    conditions = Conditions()
    conditions.between("r.finished_us", None, until)
    conditions.filters(options.filters, "r")
    sql = _DOMAINS.format(since=since, roles=_roles(options), conditions=conditions.sql)
    found: dict[str, list[int]] = {}
    for domain, now, before, first_us in engine.rows(sql, conditions.values):
        _add(found, domain, now, before, first_us)
    return found


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
