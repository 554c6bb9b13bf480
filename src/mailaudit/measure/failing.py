"""What failed in a range and why, and which of it had never failed before.

Causes come from `measure.causes`, where that has made its table; without it, failures are told apart by code.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.classify.templates import template
from mailaudit.measure.filters import Conditions

if TYPE_CHECKING:
    from mailaudit.measure.choose import Options
    from mailaudit.measure.engine import Engine

_CAUSES = "causes"
_FAILED = """
select
    r.outcome, {cause}, coalesce(r.enhanced_status, cast(r.smtp_code as varchar)) as code, r.reply, r.recipient_domain,
    r.finished_us
from recipients r
{join}
where r.outcome in ('bounced', 'expired') and r.role in {roles} and {conditions}
order by r.finished_us, r.source, r."offset", r.recipient
"""
_REPLIES = """
select
    case when d.event = 'deferred' then 'deferred' else 'failed' end as kind, d.reply, d.recipient_domain,
    coalesce(d.enhanced_status, cast(d.smtp_code as varchar)) as code, {cause},
    cast(sum(case when d.time_us >= {since:d} then 1 else 0 end) as bigint) as now,
    cast(sum(case when d.time_us < {since:d} then 1 else 0 end) as bigint) as before,
    min(case when d.time_us >= {since:d} then d.time_us end) as first_us
from story t
join (select distinct root, recipient_key from selected where role in {roles}) s
    on s.root = t.root and s.recipient_key = t.recipient_key
join deliveries d on d."row" = t."row"
{join}
where t.event in ('deferred', 'bounced', 'soft_bounced', 'hard_bounced', 'expired') and t.time_us < {until:d}
group by all
order by first_us, d.reply, d.recipient_domain
"""
_DOMAINS = """
select
    r.recipient_domain, cast(sum(case when r.finished_us >= {since:d} then 1 else 0 end) as bigint) as now,
    cast(sum(case when r.finished_us < {since:d} then 1 else 0 end) as bigint) as before,
    min(case when r.finished_us >= {since:d} then r.finished_us end) as first_us
from recipients r
where r.outcome in ('bounced', 'expired') and r.role in {roles} and r.recipient_domain is not null and {conditions}
group by 1
"""
_FIELDS = ("category", "type", "party", "action", "list")
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
    code: str | None
    category: str | None
    example: str
    first_us: int | None
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


def classified(engine: Engine) -> bool:
    """Makes the causes if this version can, and tells whether they are there."""
    from importlib import import_module, util  # noqa: PLC0415

    if util.find_spec("mailaudit.measure.causes") is None:
        return False
    import_module("mailaudit.measure.causes").causes(engine)
    return True


def failures(engine: Engine, options: Options) -> list[Failure]:
    """Returns recipients that bounced or expired in the range by cause, most first."""
    conditions = Conditions()
    conditions.between("r.finished_us", options.since_us, options.until_us)
    conditions.filters(options.filters, "r")
    fields, join = _causes(engine, "r.recipient_row")
    sql = _FAILED.format(cause=fields, join=join, conditions=conditions.sql, roles=_roles(options))
    found: dict[tuple[str | None, ...], Failure] = {}
    for outcome, category, type_, party, action, _list, code, reply, domain, _at in engine.rows(sql, conditions.values):
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
    fields, join = _causes(engine, 'd."row"')
    sql = _REPLIES.format(cause=fields, join=join, since=since, until=until, roles=_roles(options))
    grouped: dict[tuple[str, str], Reply] = {}
    lists: dict[str, list[int]] = {}
    for kind, text, domain, code, category, _type, _party, _action, list_, now, before, first_us in engine.rows(sql):
        if list_:
            _add(lists, list_, now, before, first_us)
        if not text:
            continue
        key = (kind, template(text))
        reply = grouped.setdefault(key, Reply(kind, key[1], code, category, text, first_us))
        reply.lines += now
        reply.before += before
        if now:
            reply.domains[domain or ""] += now
        if reply.first_us is None and first_us is not None:
            reply.first_us, reply.example = first_us, text
    ordered = sorted((reply for reply in grouped.values() if reply.lines), key=lambda reply: -reply.lines)
    return Replies(ordered, _new(_domains(engine, options, since, until)), _new(lists))


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


def _causes(engine: Engine, row: str) -> tuple[str, str]:
    """The fields of a cause, and the join that gives them."""
    if not classified(engine):
        return ", ".join(f"cast(null as varchar) as {name}" for name in _FIELDS), ""
    fields = ", ".join(f'c."{name}"' for name in _FIELDS)
    return fields, f'left join {_CAUSES} c on c."row" = {row}'


def _roles(options: Options) -> str:
    return "('user', 'notice')" if options.notices else "('user')"
