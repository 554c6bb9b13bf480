"""What failed for good: recipients with the cause of their failure, grouped in the ways that are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError, nearest
from mailaudit.measure.causes import causes
from mailaudit.measure.dimensions import provider_table
from mailaudit.measure.filters import Conditions, Filters
from mailaudit.measure.texts import filled, statements
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.measure.engine import Engine, Row

KEYS = {
    "category": ("category",),
    "type": ("type",),
    "isp": ("isp",),
    "domain": ("domain",),
    "outcome": ("outcome",),
    "code": ("enhanced_status", "smtp_code"),
    "template": ("reply",),
    "list": ("list",),
}
"""What failures can be grouped by, and the columns that each stands for."""

ALIASES = {
    "text": "template",
    "reply": "template",
    "provider": "isp",
    "cause": "category",
    "recipient_domain": "domain",
}
USUAL = ("domain", "outcome", "code", "template", "category")

KEY_COLUMNS = {
    column.name: column
    for column in (
        Column("domain", "text", "recipients' domain"),
        Column("isp", "word", "mailbox provider, by the relay that answered, else by the recipient's domain"),
        Column("outcome", "word", "bounced, or expired: given up after temporary failures"),
        Column("enhanced_status", "word", "enhanced status code"),
        Column("smtp_code", "int", "reply code; null if none was given"),
        Column("reply", "text", "the reply without addresses, hosts, numbers, ids and URLs"),
        Column("category", "word", "kind of cause, one of 44"),
        Column("type", "word", "hard, soft, block, config or info"),
        Column("list", "word", "block list, or receiver's token, that the reply names"),
    )
}

MEASURES = (
    Column("recipients", "big", "recipients for whom mail failed so"),
    Column("messages", "big", "messages"),
    Column("rate", "real", "share of the recipients that reached an end (of the domain or provider, if grouped by it)"),
    Column("first", "time", "the earliest"),
    Column("last", "time", "the latest"),
    Column("earlier", "big", "recipients in the first half of the time"),
    Column("later", "big", "recipients in the second half"),
    Column("trend", "word", "new, rising, steady, falling or over: the second half beside the first"),
    Column("told", "big", "of these failures, those of which a notice went to the sender"),
    Column("told_whom", "text", "whom the notice of the example went to; null if no notice is in these logs"),
    Column("queue_id", "text", "queue id of the example, the earliest"),
    Column("recipient", "text", "its recipient"),
    Column("sender", "text", "its sender"),
    Column("example", "text", "its reply, whole"),
    Column("action", "text", "what to do next"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which failures."""

    filters: Filters = field(default_factory=Filters)
    since_us: int | None = None
    until_us: int | None = None
    notices: bool = False
    only: tuple[str, ...] = ()
    """Types or categories; none: all."""
    confidence: tuple[str, ...] = ()


def keys(given: Sequence[str]) -> tuple[str, ...]:
    """The keys by their names; raises UsageError for one that is none."""
    found = []
    for word in given:
        name = ALIASES.get(word, word)
        if name not in KEYS:
            raise UsageError(f"bounces cannot be grouped by {word!r}", hint=nearest(word, (*KEYS, *ALIASES)))
        found.append(name)
    return tuple(dict.fromkeys(found))


def columns(by: Sequence[str]) -> tuple[Column, ...]:
    """The columns of failures that are grouped so; the fixed ones follow the keys."""
    named = [name for key in by for name in KEYS[key]]
    if "category" in by and "type" not in by:
        named.append("type")
    return (*(KEY_COLUMNS[name] for name in named), *MEASURES)


def prepare(engine: Engine, wanted: Wanted) -> None:
    """Makes failed, failed_ends and failed_isps."""
    causes(engine)
    conditions = Conditions.on("r", wanted.filters, "r.finished_us", wanted.since_us, wanted.until_us)
    roles = "('user', 'notice')" if wanted.notices else "('user')"
    for statement in statements("failed.sql"):
        engine.run(filled(statement, failures=f"r.role in {roles} and {conditions.sql}"), conditions.values)
    provider_table(engine, "failed_isps", "select recipient_domain, relay_host from failed_ends")
    if wanted.only:
        marks = ", ".join("?" for _ in wanted.only)
        engine.run(
            f"delete from failed where type not in ({marks}) and category not in ({marks})",
            [*wanted.only, *wanted.only],
        )
    if wanted.confidence:
        marks = ", ".join("?" for _ in wanted.confidence)
        engine.run(f"delete from failed where coalesce(confidence, 'none') not in ({marks})", list(wanted.confidence))


def roots(engine: Engine) -> set[int]:
    """The messages of which `prepare` found a recipient for whom they failed."""
    return {root for (root,) in engine.rows("select distinct root from failed")}


_WITH_ISP = """
with told as (
    select f.*, i.isp
    from failed f
    left join failed_isps i on i.relay_host is not distinct from f.relay_host
        and i.recipient_domain is not distinct from f.domain
)"""

_GROUPED = (
    _WITH_ISP
    + """,
placed as (
    select t.*, row_number() over (partition by {keys} order by finished_us, source, "offset", recipient) as place
    from (select t.* exclude (reply), t.reply as whole, t.template as reply from told t) t
),
ends as (
    select {end_keys} sum(e.n) as n
    from failed_ends e
    left join failed_isps i on i.relay_host is not distinct from e.relay_host
        and i.recipient_domain is not distinct from e.recipient_domain
    group by {end_groups}
)
select {shown_keys}{type}, p.recipients, p.messages, cast(p.recipients as double) / e.n, p."first", p."last", p.earlier,
    p.recipients - p.earlier, p.told, p.noticed, p.queue_id, p.recipient, p.sender, p.example, p.action
from (
    select {keys}, cast(count(*) as bigint) as recipients, cast(count(distinct root) as bigint) as messages,
        min(finished_us) as "first", max(finished_us) as "last",
        cast(sum(case when finished_us < {middle} then 1 else 0 end) as bigint) as earlier,
        cast(sum(told) as bigint) as told, max(case when place = 1 then told end) as noticed,
        max(case when place = 1 then queue_id end) as queue_id,
        max(case when place = 1 then recipient end) as recipient,
        max(case when place = 1 then sender end) as sender, max(case when place = 1 then whole end) as example,
        max(case when place = 1 then action end) as action, max(case when place = 1 then type end) as kind
    from placed
    group by {keys}
) p
left join ends e on {end_join}
order by p.recipients desc, p."first", {shown_keys}
"""
)


def grouped(engine: Engine, by: Sequence[str], middle_us: int) -> list[Row]:
    """The rows of `columns(by)`, most recipients first."""
    named = [f'"{name}"' for key in by for name in KEYS[key]]
    shown_type = ", kind" if "category" in by and "type" not in by else ""
    ends = ["recipient_domain"] if "domain" in by else ["isp"] if "isp" in by else []
    end_keys = {"recipient_domain": "e.recipient_domain,", "isp": "i.isp,"}
    sql = filled(
        _GROUPED,
        keys=", ".join(named),
        shown_keys=", ".join(f"p.{name}" for name in named),
        type=shown_type,
        end_keys=end_keys[ends[0]] if ends else "",
        end_groups=end_keys[ends[0]].rstrip(",") if ends else "()",
        end_join=f"e.{ends[0]} is not distinct from p.{'domain' if ends == ['recipient_domain'] else 'isp'}"
        if ends
        else "true",
        middle=f"{middle_us:d}",
    )
    width = len(named) + bool(shown_type)
    return [_with_words(row[:width], row[width:]) for row in engine.rows(sql)]


def _with_words(key: Row, rest: Row) -> Row:
    recipients, messages, rate, first, last, earlier, later, told, noticed, queue_id, recipient, sender, *example = rest
    whom = (sender or "nobody (null sender)") if noticed else None
    return (
        *key, recipients, messages, rate, first, last, earlier, later, trend(earlier, later), told, whom, queue_id,
        recipient, sender, *example,
    )  # fmt: skip


FEW = 3
"""A difference up to this is no trend."""


def trend(earlier: int, later: int) -> str:
    """How the second half of the time looks beside the first."""
    if not earlier:
        return "new"
    if not later:
        return "over"
    if later - earlier > FEW and later > 1.5 * earlier:
        return "rising"
    if earlier - later > FEW and earlier > 1.5 * later:
        return "falling"
    return "steady"


def middle(engine: Engine, since_us: int | None, until_us: int | None, ends_us: int | None) -> int:
    """The middle of the range; where it is open, of what the logs cover."""
    first = since_us if since_us is not None else engine.rows("select min(first_us) from lives")[0][0]
    last = until_us if until_us is not None else ends_us
    return ((first or 0) + (last or first or 0)) // 2


ADDRESS_COLUMNS = (
    Column("recipient", "text", "address for which mail failed"),
    Column("domain", "text", "its domain"),
    Column("isp", "word", "mailbox provider"),
    Column("type", "word", "hard, soft, block, config or info, of the latest failure"),
    Column("category", "word", "kind of cause of the latest failure"),
    Column("suppress", "word", "now, repeat (after repeated failures) or never, as the latest failure says"),
    Column("confidence", "word", "high, medium, low or none"),
    Column("failures", "big", "messages that failed for this address"),
    Column("first", "time", "the first failure"),
    Column("last", "time", "the latest failure"),
    Column("delivered_since", "time", "a later delivery to the same address; null if there was none"),
    Column("smtp_code", "int", "reply code of the latest failure"),
    Column("enhanced_status", "word", "its enhanced status code"),
    Column("reply", "text", "its reply, whole"),
    Column("action", "text", "what to do next"),
)

_ADDRESSES = (
    _WITH_ISP
    + """,
placed as (
    select t.*, lower(recipient) as address,
        row_number() over (
            partition by lower(recipient) order by finished_us desc, source desc, "offset" desc, root desc
        ) as place
    from told t
    where recipient is not null
),
counted as (
    select address, cast(count(distinct root) as bigint) as failures, min(finished_us) as "first",
        max(finished_us) as "last"
    from placed
    group by address
),
delivered as (
    select c.address, max(d.time_us) as time_us
    from counted c
    join deliveries d on lower(d.recipient) = c.address
    where d.event = 'delivered' and d.time_us > c."last"
    group by c.address
)
select p.recipient, p.domain, p.isp, p.type, p.category, p.suppress, p.confidence, c.failures, c."first", c."last",
    d.time_us, p.smtp_code, p.enhanced_status, p.reply, p.action
from placed p
join counted c on c.address = p.address
left join delivered d on d.address = p.address
where p.place = 1
order by c.failures desc, p.recipient
"""
)


def addresses(engine: Engine) -> list[Row]:
    """The rows of `ADDRESS_COLUMNS`: each address once, upper and lower case alike, as its latest failure has it."""
    return engine.rows(_ADDRESSES)
