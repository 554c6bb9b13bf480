"""The list behind the numbers: a row per message and recipient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from mailaudit.measure.causes import causes, refusal_causes
from mailaudit.measure.filters import Conditions, Filters, raised_by
from mailaudit.measure.pieces import Piece, pieces
from mailaudit.model.columns import Column
from mailaudit.model.statuses import NATIVE, TELLING, origins, translated
from mailaudit.model.times import MINUTE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mailaudit.measure.engine import Engine
    from mailaudit.model.request import InputReport

LOG_COLUMNS = (
    Column("queue_id", "text", "queue id; of a message that went through a filter, the first one"),
    Column("queue_ids", "text", "all queue ids of the message in order of time, separated by blanks"),
    Column("message_id", "text", "Message-ID without brackets"),
    Column("sender", "text", "envelope sender; empty for the null sender; null if unknown"),
    Column("recipient", "text", "final recipient"),
    Column("original_recipient", "text", "recipient as first given, where it differs"),
    Column("submitted_at", "time", "accepted into the queue; first seen, if that is not in these logs"),
    Column("finished_at", "time", "when it was settled; null while open"),
    Column("outcome", "word", "how it ended, or how it stands"),
    Column("status", "word", "complained, unsubscribed, clicked or opened if that happened, else the outcome"),
    Column("attempts", "int", "attempts that were really made"),
    Column("smtp_code", "int", "reply code of the deciding event"),
    Column("enhanced_status", "word", "enhanced status code of the deciding event"),
    Column("reply", "text", "reply or reason of the deciding event, whole"),
    Column("relay_host", "text", "host that answered, or local, virtual, a transport's name"),
    Column("category", "word", "kind of cause of a failure, one of 44; null without one"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("host", "word", "host that logged it"),
    Column("source", "word", "kind of log it stands in"),
)
AUDIT_COLUMNS = (
    Column("raised_by", "text", "who had it sent: what --raised-by-key names"),
    Column("subject", "text", "its subject, where the source tells it"),
)
"""What an audit shows besides."""

_LOG_ROWS = """(
    select root, queue_id, queue_ids, message_id, sender, recipient, recipient_domain, original_recipient, submitted_us,
        finished_us, outcome, status, attempts, smtp_code, enhanced_status, reply, relay_host, relay_ip, category, type,
        host, source, line, "offset", sasl_user, client_host, client_ip, event, raised_by, origin, subject
    from recipients
    where role in ({roles})
    {refused}
) r"""

_PIVOT = "lower(r.recipient) in (select address from pivot_addresses)"

_TIMES = "select submitted_us as time_us from settled where role in ({roles})"
_TIMES_REFUSED = " union all select time_us from refused"

_LOG_ORDER = """order by submitted_us {way}, source {way}, "offset" {way}, recipient {way}
"""

_PIVOT_ORDER = """order by lower(recipient) {way}, submitted_us {way}, source {way}, "offset" {way}
"""

_LOG_FIELDS = """
    queue_id, queue_ids, message_id, sender, recipient, original_recipient, submitted_us, finished_us, outcome,
    status, attempts, smtp_code, enhanced_status, reply, relay_host, category, type, host, source, event, origin"""

_REFUSED = """union all
    select null, r.queue_id, r.queue_id, null, r.sender, r.recipient, r.recipient_domain, null, r.time_us,
        r.time_us, 'rejected', 'rejected', 0, r.smtp_code, r.enhanced_status, r.reply, null, null, {category}, {type},
        r.host, r.source, r.line, r."offset", r.sasl_user, r.client_host, r.client_ip, r.event, null, null, null
    from refused r{causes}
    where r.event = 'rejected'"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of the log: filters, a range of the time of acceptance, and what is left out unless asked for."""

    filters: Filters = field(default_factory=Filters)
    since_us: int | None = None
    until_us: int | None = None
    rejects: bool = False
    notices: bool = False
    last: int | None = None
    """Only so many rows, the latest."""
    first: int | None = None
    """Of these, only so many, the earliest."""
    vocabulary: str = NATIVE
    """In whose words the status is told, and may be asked for; ours are taken for what the service has no word."""
    pivot: bool = False
    """All mail to the addresses of the rows that pass the filters, instead of these rows alone."""
    audit: bool = False
    """With `AUDIT_COLUMNS` too."""
    ends_us: int | None = None
    """When the logs end: of mail that a provider took, the status of what is pending for long by then says so."""


def log(engine: Engine, inputs: Sequence[InputReport], selection: Selection) -> Iterator[tuple[object, ...]]:
    """The rows of `LOG_COLUMNS`, for an audit of `AUDIT_COLUMNS` too, by time of acceptance."""
    raised = f"coalesce({', '.join(raised_by('r', selection.filters.raised_by_key))})"
    more = f", {raised} as who, subject" if selection.audit else ""
    rows = _named(_selected(engine, selection, f"{_LOG_FIELDS}{more}"), inputs, selection)
    if selection.last is not None:
        rows = reversed(list(rows))
    yield from rows if selection.first is None else islice(rows, selection.first)


def log_count(engine: Engine, selection: Selection) -> int:
    """How many rows the log has, `first` aside."""
    count: int = sum(number for (number,) in _selected(engine, replace(selection, last=None, first=None), "count(*)"))
    return count if selection.last is None else min(count, selection.last)


def log_lines(engine: Engine, selection: Selection) -> tuple[set[int], set[tuple[int, int]]]:
    """Where the lines behind the log stand: the messages' keys, and (source, line) of what was refused at the door."""
    roots: set[int] = set()
    refused: set[tuple[int, int]] = set()
    for root, source, line in _selected(engine, selection, "root, source, line"):
        if root is None:
            refused.add((source, line))
        else:
            roots.add(root)
    return lives_of(engine, roots), refused


def lives_of(engine: Engine, roots: Collection[int]) -> set[int]:
    """The keys of all lives of these messages."""
    few = len(roots) <= MANY
    marks = f"where root in ({', '.join('?' * len(roots))})" if few else ""
    if not roots:
        return set()
    return {
        key
        for key, root in engine.stream(f"select key, root from lives {marks}", [*roots] if few else [])
        if root in roots
    }


MANY = 500
"""Keys up to which a query names each."""


def _selected(engine: Engine, selection: Selection, columns: str) -> Iterable[Sequence[Any]]:
    ours = replace(selection.filters, status=())
    conditions = Conditions.on("r", ours, "r.submitted_us", selection.since_us, selection.until_us)
    conditions.any_of(_status(selection.vocabulary, word) for word in selection.filters.status)
    roles = ["'user'", "'hop'", *(["'notice'"] if selection.notices else [])]
    told = "category" in columns or selection.vocabulary == "bloomreach"  # hard and soft are told apart by the cause
    if told:
        causes(engine)
    refused = ""
    if selection.rejects and told:
        refusal_causes(engine)
        join = ' left join refusal_causes c on c."row" = r."row"'
        refused = _REFUSED.format(category="c.category", type="c.type", causes=join)
    elif selection.rejects:
        refused = _REFUSED.format(category="null", type="null", causes="")
    shape = _LOG_ROWS.format(roles=", ".join(roles), refused=refused)
    times = _TIMES.format(roles=", ".join(roles)) + (_TIMES_REFUSED if selection.rejects else "")
    if selection.pivot:
        _gather_addresses(engine, shape, conditions, pieces(engine, times))
    if columns.startswith("count"):
        where, values = (_PIVOT, []) if selection.pivot else (conditions.sql, list(conditions.values))
        if columns == _COUNT_OVERDUE:
            where, values = f"{where} and {_OVERDUE}", [*values, (selection.ends_us or 0) - PENDING_US]
        return engine.stream(f"select {columns} from {shape} where {where}", values)
    backwards = selection.last is not None
    order = (_PIVOT_ORDER if selection.pivot else _LOG_ORDER).format(way="desc" if backwards else "asc")
    if selection.pivot:
        _gather_rows(engine, shape, pieces(engine, times))
        found = engine.stream(f"select {columns} from pivot_rows r {order}")
    else:
        parts = pieces(engine, times, Piece(selection.since_us, selection.until_us))
        sql = f"select {columns} from {shape} where {conditions.sql} and "
        asked = (f"{sql}{part.holds('submitted_us')} {order}" for part in (reversed(parts) if backwards else parts))
        found = chain.from_iterable(engine.stream(one, conditions.values) for one in asked)
    return islice(found, selection.last if backwards else selection.first)


def _gather_addresses(engine: Engine, shape: str, conditions: Conditions, parts: Sequence[Piece]) -> None:
    """Makes `pivot_addresses`: the addresses of the rows that pass the conditions."""
    engine.run("create or replace table pivot_addresses (address varchar)")
    for part in parts:
        engine.run(
            f"insert into pivot_addresses select distinct lower(r.recipient) from {shape} "
            f"where {conditions.sql} and {part.holds('submitted_us')}",
            conditions.values,
        )


def _gather_rows(engine: Engine, shape: str, parts: Sequence[Piece]) -> None:
    """Makes `pivot_rows`: all rows to these addresses, of all times."""
    for number, part in enumerate(parts):
        into = "insert into pivot_rows" if number else "create or replace table pivot_rows as"
        engine.run(f"{into} select r.* from {shape} where {_PIVOT} and {part.holds('submitted_us')}")


def _status(vocabulary: str, word: str) -> tuple[str, list[object]]:
    """The status is this word of the service, or of ours if the service has none like it."""
    found = origins(vocabulary, word)
    if not found:
        return "r.status = ?", [word]
    marks = ", ".join("?" for _ in found)
    return f"{_TOLD} in ({marks})", [" ".join(kind) for kind in found]


_TOLD = (
    f"concat_ws(' ', r.status, case when r.event in {TELLING!r} then r.event else '' end, "
    "case when r.type = 'hard' then 'hard' else '' end)"
)


def _named(
    rows: Iterable[Sequence[Any]], inputs: Sequence[InputReport], selection: Selection
) -> Iterator[tuple[object, ...]]:
    """Puts the kind of log in the place of its number, and the status in the words asked for."""
    kinds = [report.format for report in inputs]
    names = [column.name for column in LOG_COLUMNS]
    status, kind, submitted = names.index("status"), names.index("type"), names.index("submitted_at")
    for row in rows:
        known = list(row[: len(names) - 1])
        number, event, origin, *more = row[len(names) - 1 :]
        late = known[status] == PENDING and is_overdue(origin, known[submitted], selection.ends_us)
        if selection.vocabulary != NATIVE:
            known[status] = translated(selection.vocabulary, known[status], event, known[kind])
        if late:
            known[status] = f"{known[status]}, {OVERDUE}"
        yield (*known, kinds[number] if isinstance(number, int) else None, *more)


def overdue(engine: Engine, selection: Selection) -> int:
    """How many rows of the log have been pending for longer than they should when the logs end, as providers tell."""
    if selection.ends_us is None:
        return 0
    return sum(number for (number,) in _selected(engine, replace(selection, last=None, first=None), _COUNT_OVERDUE))


def is_overdue(origin: str | None, submitted_us: int | None, ends_us: int | None) -> bool:
    """Tells whether mail that is pending has been so for longer than it should."""
    return (
        origin == "provider"
        and submitted_us is not None
        and ends_us is not None
        and submitted_us < ends_us - PENDING_US
    )


PENDING = "pending"
OVERDUE = "over 10 min"
"""What the status of mail says that a provider took long ago."""
PENDING_US = 10 * MINUTE
"""µs after which a mail that is still pending deserves a look."""
_COUNT_OVERDUE = "count(*) as overdue"
_OVERDUE = f"r.status = '{PENDING}' and r.origin = 'provider' and r.submitted_us < ?"
