"""Small worlds of messages and deliveries, for Hypothesis, and the engine that reads them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import strategies as st
from tests.measure.plain import World

from mailaudit.measure.derived import EDGES
from mailaudit.measure.engine import Engine
from mailaudit.model.columns import DELIVERIES, MESSAGES, REFUSALS, TABLES, TLS, Table
from mailaudit.store.temporary import POLARS, TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.measure.plain import Row

HOUR = 3_600_000_000
BEGIN = 1_761_400_000_000_000
"""25 October 2025, 13:46:40 UTC: the night after it, summer time ends in Europe."""

EVENTS = (
    "delivered",
    "deferred",
    "bounced",
    "expired",
    "relayed",
    "expanded",
    "held",
    "discarded",
    "other",
    "released",
)
WHOLE = ("expired", "held", "released", "deleted", "discarded", "rejected", "notified")
RECIPIENTS = ("ann@a.example", "bob@b.example", "eve@sub.b.example")
SENDERS = ("x@c.example", "y+1@c.example", "", None)


def blank(table: Table, **known: object) -> Row:
    """A row of a table: null where nothing is given."""
    return dict.fromkeys(table.names()) | {"source": 0, "line": 1, "offset": 0} | known


@st.composite
def worlds(draw: st.DrawFn, *, hops: bool = True) -> World:
    """Up to six lives with deliveries at few different times, so that ties are common."""
    hours = st.integers(0, 40)
    minutes = st.sampled_from((0, 0, 17, 30, 45))
    lives = draw(st.integers(1, 6))
    messages = []
    for number in range(1, lives + 1):
        first = BEGIN + draw(hours) * HOUR
        sender = draw(st.sampled_from(SENDERS))
        sent = draw(st.sampled_from(("smtp", "local", None)))
        messages.append(
            blank(
                MESSAGES,
                key=number * 7919,
                line=number,
                offset=number * 10,
                host=draw(st.sampled_from(("mx1", "mx2"))),
                queue_id=f"Q{number}",
                first_us=first,
                last_us=first + 50 * HOUR,
                accepted_us=draw(st.sampled_from((first, first, None))),
                ended_us=draw(st.sampled_from((None, first + 49 * HOUR))),
                sender=sender,
                sender_domain=sender.partition("@")[2] or None if sender else None,
                size=draw(st.sampled_from((None, 500, 5000, 123_456))),
                origin=sent,
                client_ip="192.0.2.1" if sent == "smtp" else None,
                sasl_user=draw(st.sampled_from((None, None, "ann"))) if sent == "smtp" else None,
                message_id=f"m{number}",
            ),
        )
    deliveries: list[Row] = []
    for row in range(draw(st.integers(0, 12))):
        whole = draw(st.integers(0, 4)) == 0
        recipient = None if whole else draw(st.sampled_from(RECIPIENTS))
        event = draw(st.sampled_from(WHOLE if whole else EVENTS))
        code = {"delivered": 250, "deferred": 450, "bounced": 550}.get(event)
        deliveries.append(
            blank(
                DELIVERIES,
                key=draw(st.integers(1, lives)) * 7919,
                row=row,
                line=row + 1,
                offset=row * 10,
                time_us=BEGIN + draw(hours) * HOUR + draw(minutes) * 60_000_000,
                program=draw(st.sampled_from(("postfix/smtp", "postfix/lmtp"))),
                event=event,
                raw_event=event,
                recipient=recipient,
                recipient_domain=recipient.partition("@")[2] if recipient else None,
                attempted=draw(st.sampled_from((True, True, False))),
                next_id=f"Q{draw(st.integers(1, lives + 1))}"
                if event in ("relayed", "expanded", "delivered")
                else None,
                relay_host=draw(st.sampled_from((None, "mx.a.example", "local"))),
                smtp_code=code,
                enhanced_status=None if code is None else f"{code // 100}.0.0",
                reply=f"reply {row}",
                delay=draw(st.sampled_from((0.5, 3.0, 61.0, 400.0, 5000.0))),
            ),
        )
    edges = [
        {
            "parent_key": draw(st.integers(1, lives)) * 7919,
            "child_key": draw(st.integers(1, lives)) * 7919,
            "kind": draw(st.sampled_from(("hop", "hop", "forward", "notice"))),
            "known_by": 1,
            "time_us": BEGIN + number % 3 * HOUR,
        }
        for number in range(draw(st.integers(0, 5)) if hops else 0)
    ]
    return World(messages, deliveries, edges)


def frame(rows: Sequence[Row], table: Table) -> pl.DataFrame:
    """The rows as flow hands them to the store."""
    schema = {column.name: POLARS[column.type] for column in table.columns}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


@contextmanager
def engine(
    world: World, *, refusals: Sequence[Row] = (), tls: Sequence[Row] = (), collapse: bool = True
) -> Iterator[Engine]:
    """An engine that has read the world, its edges as given."""
    with Engine(TemporaryStore(tables=(*TABLES, EDGES))) as made:
        made.append("messages", frame(world.messages, MESSAGES))
        made.append("deliveries", frame(world.deliveries, DELIVERIES))
        made.append("edges", frame(world.edges, EDGES))
        made.append("refusals", frame(refusals, REFUSALS))
        made.append("tls", frame(tls, TLS))
        made.finish(collapse=collapse)
        yield made
