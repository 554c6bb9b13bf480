"""The facts behind the list: a row for each thing that a source said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes, refusal_causes
from mailaudit.measure.filters import Conditions, Filters
from mailaudit.measure.pieces import Piece, pieces
from mailaudit.measure.texts import filled, statements
from mailaudit.model.columns import Column
from mailaudit.model.nested import Nested

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mailaudit.measure.engine import Engine
    from mailaudit.model.request import InputReport

COLUMNS = (
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
    Column(
        "event_id",
        "text",
        "the provider's id of the event, or the server's of message and recipient (OpenSMTPD's evpid)",
    ),
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
        l.raised_by, 0 as "row", 0 as remote, null as cause
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
        coalesce(c.type, case when {good} then 'info' end), d.tls, d.notice, nullif(d.next_id, '') as next_id, l.root,
        l.raised_by, case when d.matter is null then 0 else d."row" end as "row", {remote} as remote, null as cause
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
        r.key, null, 0, 0, r.cause
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

_FILE, _LINE, _TAGS, _VARS = (
    [column.name for column in COLUMNS].index(name) for name in ("source_file", "line", "tags", "vars")
)


def places(rows: Iterable[Sequence[object]], inputs: Sequence[InputReport]) -> set[tuple[int, int]]:
    """Where these rows of `events` stand: number of the input, and line."""
    numbers = {report.path: number for number, report in enumerate(inputs)}
    return {(numbers[str(row[_FILE])], int(str(row[_LINE]))) for row in rows}


@dataclass(frozen=True, slots=True)
class Only:
    """Which of the facts are wanted; nothing: all."""

    events: tuple[str, ...] = ()
    """Their event words."""
    causes: tuple[str, ...] = ()
    """Refusals at the door for these causes."""
    replies: bool = False
    """What other servers and mailboxes answered to users' mail."""


def events(
    engine: Engine,
    inputs: Sequence[InputReport],
    filters: Filters | None = None,
    only: Only = Only(),
    *,
    since_us: int | None = None,
    until_us: int | None = None,
) -> Iterator[tuple[object, ...]]:
    """The rows of `COLUMNS`, by time; `status` and `outcome` keep the facts about recipients that have them now."""
    causes(engine)
    refusal_causes(engine)
    given = filters or Filters()
    conditions = Conditions.on("t", given.without_end(), "t.time_us", since_us, until_us)
    for name, words in (("status", given.status), ("outcome", given.outcome)):
        if words:
            conditions.add(
                "exists (select 1 from recipients s where s.root = t.root and s.recipient = t.recipient "
                f"and s.{name} in ({', '.join('?' * len(words))}))",
                *words,
            )
    conditions.any_of(("t.event = ?", [word]) for word in only.events)
    conditions.any_of(("t.cause = ?", [word]) for word in only.causes)
    remote = "0"
    if only.replies:
        conditions.add("t.remote = 1")
        told = 'd."row" in (select "row" from echoes)'  # what a bounce mail tells of what the log tells, too
        remote = f"case when {told} then 0 else {filled(statements('remote.sql')[0], role='l.role')} end"
    kinds = [report.format for report in inputs]
    paths = [report.path for report in inputs]
    engine.run(_ATTEMPT_NUMBERS)
    asked = (
        _EVENTS.format(good=_GOOD, remote=remote, conditions=conditions.sql, piece=piece.holds("t.time_us"))
        for piece in pieces(engine, _EVENT_TIMES, Piece(since_us, until_us))
    )
    for source, form, *row in chain.from_iterable(engine.stream(sql, conditions.values) for sql in asked):
        if form is not None:
            for place in (_TAGS - 2, _VARS - 2):
                row[place] = None if row[place] is None else Nested(json.loads(row[place]))
        yield (form or kinds[source], paths[source], *row)
