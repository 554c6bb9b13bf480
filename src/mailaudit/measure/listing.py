"""The two lists behind the numbers: `log`, a row per message and recipient, and `events`, a row per fact."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from mailaudit.measure.causes import causes, refusal_causes
from mailaudit.measure.filters import Conditions, Filters
from mailaudit.measure.pieces import Piece, pieces
from mailaudit.model.columns import Column
from mailaudit.model.nested import Nested
from mailaudit.model.statuses import NATIVE, TELLING, origins, translated

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
    Column("attempts", "int", "delivery attempts that were really made"),
    Column("smtp_code", "int", "reply code of the deciding event"),
    Column("enhanced_status", "word", "enhanced status code of the deciding event"),
    Column("reply", "text", "reply or reason of the deciding event, whole"),
    Column("relay_host", "text", "host that answered, or local, virtual, a transport's name"),
    Column("category", "word", "kind of cause of a failure, one of 44; null without one"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("host", "word", "host that logged it"),
    Column("source", "word", "kind of log it stands in"),
)

_LOG_ROWS = """(
    select root, queue_id, queue_ids, message_id, sender, recipient, recipient_domain, original_recipient, submitted_us,
        finished_us, outcome, status, attempts, smtp_code, enhanced_status, reply, relay_host, relay_ip, category, type,
        host, source, line, "offset", sasl_user, client_host, client_ip, event, raised_by
    from recipients
    where role in ({roles})
    {refused}
) r"""

_PIVOT = "lower(r.recipient) in (select lower(r.recipient) from {rows} where {conditions})"

_TIMES = "select submitted_us as time_us from settled where role in ({roles})"
_TIMES_REFUSED = " union all select time_us from refused"

_LOG_ORDER = """order by submitted_us {way}, source {way}, "offset" {way}, recipient {way}
"""

_PIVOT_ORDER = """order by lower(recipient) {way}, submitted_us {way}, source {way}, "offset" {way}
"""

_LOG_FIELDS = """
    queue_id, queue_ids, message_id, sender, recipient, original_recipient, submitted_us, finished_us, outcome,
    status, attempts, smtp_code, enhanced_status, reply, relay_host, category, type, host, source, event"""

_REFUSED = """union all
    select null, r.queue_id, r.queue_id, null, r.sender, r.recipient, r.recipient_domain, null, r.time_us,
        r.time_us, 'rejected', 'rejected', 0, r.smtp_code, r.enhanced_status, r.reply, null, null, {category}, {type},
        r.host, r.source, r.line, r."offset", r.sasl_user, r.client_host, r.client_ip, r.event, null
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


def log(engine: Engine, inputs: Sequence[InputReport], selection: Selection) -> Iterator[tuple[object, ...]]:
    """The rows of `LOG_COLUMNS`, by time of acceptance."""
    rows = _named(_selected(engine, selection, _LOG_FIELDS), inputs, selection.vocabulary)
    if selection.last is not None:
        rows = reversed(list(rows))
    yield from rows if selection.first is None else islice(rows, selection.first)


def log_count(engine: Engine, selection: Selection) -> int:
    """How many rows the log has, `first` aside."""
    count: int = sum(number for (number,) in _selected(engine, replace(selection, last=None, first=None), "count(*)"))
    return count if selection.last is None else min(count, selection.last)


def log_lines(engine: Engine, selection: Selection) -> tuple[set[int], set[tuple[int, int]]]:
    """Where the lines behind the log stand: the messages' keys, and (source, line) of what was refused at the door."""
    rows = list(_selected(engine, selection, "root, source, line"))
    roots = {root for root, _, _ in rows if root is not None}
    return lives_of(engine, roots), {(source, line) for root, source, line in rows if root is None}


def lives_of(engine: Engine, roots: Collection[int]) -> set[int]:
    """The keys of all lives of these messages."""
    few = len(roots) <= MANY
    marks = f"where root in ({', '.join('?' * len(roots))})" if few else ""
    if not roots:
        return set()
    return {
        key
        for key, root in engine.rows(f"select key, root from lives {marks}", [*roots] if few else [])
        if root in roots
    }


MANY = 500
"""Keys up to which a query names each."""


def _selected(engine: Engine, selection: Selection, columns: str) -> Iterable[Sequence[Any]]:
    conditions = Conditions()
    conditions.between("r.submitted_us", selection.since_us, selection.until_us)
    conditions.filters(selection.filters.without_status(), "r")
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
    if columns.startswith("count"):
        where = _PIVOT.format(rows=shape, conditions=conditions.sql) if selection.pivot else conditions.sql
        return engine.stream(f"select {columns} from {shape} where {where}", conditions.values)
    backwards = selection.last is not None
    order = (_PIVOT_ORDER if selection.pivot else _LOG_ORDER).format(way="desc" if backwards else "asc")
    if selection.pivot:
        where = _PIVOT.format(rows=shape, conditions=conditions.sql)
        found = engine.stream(f"select {columns} from {shape} where {where} {order}", conditions.values)
    else:
        times = _TIMES.format(roles=", ".join(roles)) + (_TIMES_REFUSED if selection.rejects else "")
        parts = pieces(engine, times, Piece(selection.since_us, selection.until_us))
        sql = f"select {columns} from {shape} where {conditions.sql} and "
        asked = (f"{sql}{part.holds('submitted_us')} {order}" for part in (reversed(parts) if backwards else parts))
        found = chain.from_iterable(engine.stream(one, conditions.values) for one in asked)
    return islice(found, selection.last if backwards else selection.first)


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
    rows: Iterable[Sequence[Any]], inputs: Sequence[InputReport], vocabulary: str
) -> Iterator[tuple[object, ...]]:
    """Puts the kind of log in the place of its number, and the status in the words asked for."""
    kinds = [report.format for report in inputs]
    names = [column.name for column in LOG_COLUMNS]
    status, kind = names.index("status"), names.index("type")
    for row in rows:
        *known, number, event = row
        if vocabulary != NATIVE:
            known[status] = translated(vocabulary, known[status], event, known[kind])
        yield (*known, kinds[number] if isinstance(number, int) else None)


def overdue(engine: Engine, now_us: int) -> int:
    """How many recipients have been pending for longer than they should, as providers tell."""
    ((count,),) = engine.rows(_OVERDUE, [now_us - PENDING_US])
    return int(count)


PENDING_US = 10 * 60 * 1_000_000
"""µs after which a mail that is still pending deserves a look."""
_OVERDUE = "select count(*) from recipients where outcome = 'pending' and origin = 'provider' and submitted_us < ?"

EVENT_COLUMNS = (
    Column("source", "word", "kind of log it stands in, or format id of the record"),
    Column("source_file", "text", "the input"),
    Column("line", "int", "line number in the input, or number of the record, from 1"),
    Column("host", "word", "host that logged it"),
    Column("program", "word", "program that logged it, or the provider"),
    Column("queue_id", "text", "queue id"),
    Column("time", "time", "when"),
    Column("event", "word", "one of the 27 event words"),
    Column("raw_event", "word", "the source's own word"),
    Column("sender", "text", "envelope sender; empty for the null sender"),
    Column("recipient", "text", "final recipient"),
    Column("original_recipient", "text", "recipient as first given, where it differs"),
    Column("subject", "text", "subject"),
    Column("message_id", "text", "Message-ID without brackets"),
    Column("provider_message_id", "text", "the provider's own id of the message"),
    Column("event_id", "text", "the provider's id of the event"),
    Column("smtp_code", "int", "three-digit reply code"),
    Column("provider_code", "int", "code that the provider made up for what no server said"),
    Column("enhanced_status", "word", "RFC 3463 code"),
    Column("reply", "text", "reply or reason, whole"),
    Column("bounce_class", "text", "the provider's own class of a failure, in its words"),
    Column("attempt", "int", "which attempt for this recipient, from 1"),
    Column("attempted", "flag", "false for a decision without an attempt"),
    Column("relay_host", "text", "host that answered, or local, virtual, a transport's name"),
    Column("relay_ip", "text", "its address"),
    Column("local_ip", "text", "address it was sent from"),
    Column("client_host", "text", "name of the client that handed it in"),
    Column("client_ip", "text", "address of that client"),
    Column("sasl_user", "text", "authenticated user"),
    Column("size", "big", "bytes"),
    Column("delay", "real", "seconds since the message arrived"),
    Column("url", "text", "link that was followed"),
    Column("tags", "text", "tags, categories, campaign: a list"),
    Column("vars", "text", "the sender's own variables: an object"),
    Column("late", "flag", "true for a bounce that came after the delivery had been reported"),
    Column("machine", "flag", "true for an open or click by a machine, as the provider says"),
    Column("cumulative", "flag", "true for a soft bounce that counts towards a suppression"),
    Column("valid_until", "time", "end of a suppression"),
    Column("suppressed_by", "word", "app or provider: who decided not to send"),
    Column("category", "word", "kind of cause of a failure, one of 44; null without one"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("tls", "word", "TLS summary on the line"),
    Column("notice", "word", "for notified: failure, delay or success"),
    Column("next_id", "text", "queue id this fact names: next hop, forwarded copy, or notice"),
)

_GOOD = "d.event = 'delivered' or (d.notice = 'success' and d.event in ('relayed', 'expanded'))"
"""What is no failure, and said to be none: a receipt may tell of a hop or a list as well."""

# What an export's record says is shown as that record has it; filters look at what is known of its message.
_EVENTS = """
with told as (
    select l.source, l.line, l."offset", null as format, l.host, null as program, l.queue_id, l.accepted_us as time_us,
        'accepted' as event, l.origin as raw_event, l.sender, l.sender as said_sender, null as recipient,
        null as recipient_domain, null as original_recipient, null as subject, l.message_id,
        null as provider_message_id, null as event_id, null as smtp_code, null as provider_code,
        null as enhanced_status, null as reply, null as bounce_class, null as attempt, null as attempted,
        null as relay_host, null as relay_ip, null as local_ip, l.client_host, l.client_ip, l.sasl_user, l.size,
        null as delay, null as url, null as tags, null as vars, null as late,
        null as machine, null as cumulative, null as valid_until, null as suppressed_by,
        null as category, null as type, null as tls, null as notice, null as next_id, l.root,
        l.raised_by, 0 as "row"
    from lives l
    where l.accepted_us is not null and l.role <> 'aborted' and l.origin is distinct from 'provider'
    union all
    select d.source, d.line, d."offset", d.format, l.host, d.program, l.queue_id, d.time_us,
        d.event, d.raw_event, l.sender, case when d.matter is null then l.sender else d.sender end, d.recipient,
        d.recipient_domain, d.original_recipient, d.subject,
        case when d.matter is null then l.message_id else d.message_id end, d.provider_message_id,
        d.event_id, d.smtp_code, d.provider_code, d.enhanced_status, d.reply, d.bounce_class,
        case
            when d.matter is not null then d.attempt
            when d.attempted and d.recipient is not null then coalesce(a.attempt, 1)
        end,
        d.attempted, d.relay_host, d.relay_ip, d.local_ip, l.client_host, l.client_ip,
        l.sasl_user, l.size, d.delay, d.url, d.tags, d.vars, d.late, d.machine, d.cumulative, d.valid_until,
        d.suppressed_by, coalesce(c.category, case when {good} then 'delivered' end),
        coalesce(c.type, case when {good} then 'info' end), d.tls, d.notice, d.next_id, l.root,
        l.raised_by, case when d.matter is null then 0 else d."row" end as "row"
    from deliveries d
    join lives l on l.key = d.key
    left join causes c on c."row" = d."row"
    left join attempt_numbers a on a."row" = d."row"
    union all
    select r.source, r.line, r."offset", null, r.host, r.program, r.queue_id, r.time_us,
        r.event, r.raw_event, r.sender, r.sender, r.recipient, r.recipient_domain,
        null, null, null, null, null, r.smtp_code, null, r.enhanced_status, r.reply, null,
        null, null, null, null, null, r.client_host, r.client_ip,
        r.sasl_user, null, null, null, null, null, null, null, null, null, null, c.category, c.type, null, null, null,
        r.key, null, 0
    from refused r
    left join refusal_causes c on c."row" = r."row"
)
select t.source, t.format, t.line, t.host, t.program, t.queue_id, t.time_us, t.event, t.raw_event, t.said_sender,
    t.recipient, t.original_recipient, t.subject, t.message_id, t.provider_message_id, t.event_id, t.smtp_code,
    t.provider_code, t.enhanced_status, t.reply, t.bounce_class, cast(t.attempt as bigint), t.attempted,
    t.relay_host, t.relay_ip, t.local_ip, t.client_host, t.client_ip, t.sasl_user, t.size, t.delay, t.url, t.tags,
    t.vars, t.late, t.machine, t.cumulative, t.valid_until, t.suppressed_by, t.category, t.type, t.tls,
    t.notice, t.next_id
from told t
where {conditions} and {piece}
order by t.time_us, t.source, t.line, t."row", t.recipient, t.queue_id, t.event, t.next_id
"""

_EVENT_TIMES = """
select accepted_us as time_us from lives where accepted_us is not null
union all select time_us from deliveries
union all select time_us from refused
"""

# Counted once, and only where there are several: a piece of the events does not see all attempts.
_ATTEMPT_NUMBERS = """
create or replace table attempt_numbers as
select
    d."row",
    cast(sum(1) over (
        partition by d.key, d.recipient_key order by d.time_us, d.source, d."offset"
        rows between unbounded preceding and current row
    ) as integer) as attempt
from deliveries d
join (
    select key, recipient_key
    from deliveries
    where attempted and recipient_key is not null and matter is null
    group by key, recipient_key
    having count(*) > 1
) again on again.key = d.key and again.recipient_key = d.recipient_key
where d.attempted and d.matter is null
"""

_TAGS, _VARS = (next(at for at, column in enumerate(EVENT_COLUMNS) if column.name == name) for name in ("tags", "vars"))


def events(
    engine: Engine,
    inputs: Sequence[InputReport],
    filters: Filters | None = None,
    *,
    since_us: int | None = None,
    until_us: int | None = None,
) -> Iterator[tuple[object, ...]]:
    """The rows of `EVENT_COLUMNS`, by time; `status` keeps the facts about recipients that have it now."""
    causes(engine)
    refusal_causes(engine)
    given = filters or Filters()
    conditions = Conditions()
    conditions.between("t.time_us", since_us, until_us)
    conditions.filters(given.without_status(), "t")
    if given.status:
        marks = ", ".join("?" for _ in given.status)
        conditions.add(
            "exists (select 1 from recipients s where s.root = t.root and s.recipient = t.recipient "
            f"and s.status in ({marks}))",
            *given.status,
        )
    kinds = [report.format for report in inputs]
    paths = [report.path for report in inputs]
    engine.run(_ATTEMPT_NUMBERS)
    asked = (
        _EVENTS.format(good=_GOOD, conditions=conditions.sql, piece=piece.holds("t.time_us"))
        for piece in pieces(engine, _EVENT_TIMES, Piece(since_us, until_us))
    )
    for source, form, *row in chain.from_iterable(engine.stream(sql, conditions.values) for sql in asked):
        if form is not None:
            for place in (_TAGS - 2, _VARS - 2):
                row[place] = None if row[place] is None else Nested(json.loads(row[place]))
        yield (form or kinds[source], paths[source], *row)
