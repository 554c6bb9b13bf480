"""The recipients table says of every recipient what the contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.effort import examples
from tests.measure import plain
from tests.measure.plain import World
from tests.measure.worlds import BEGIN, HOUR, blank, engine, worlds

from mailaudit.measure.derived import LIVES, RECIPIENTS
from mailaudit.model.columns import DELIVERIES, MESSAGES

if TYPE_CHECKING:
    from tests.measure.plain import Row

    from mailaudit.model.columns import Table

FIELDS = ("root", "role", "recipient", "outcome", "finished_us", "attempts", "deferrals")
QUESTION = f"select {', '.join(FIELDS)} from recipients"


def rows_of(world: World, *, collapse: bool = True) -> list[tuple[Any, ...]]:
    """The fields above, in a fixed order."""
    with engine(world, collapse=collapse) as made:
        return sorted(made.rows(QUESTION), key=str)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_every_recipient_is_as_the_plain_reading_says(world: World) -> None:
    """Outcome, end and attempts are those of the plain reference, whatever hops, facts and ties there are."""
    expected = sorted((tuple(row[name] for name in FIELDS) for row in plain.recipients(world)), key=str)

    assert rows_of(world) == expected


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_without_collapsing_each_life_is_a_message(world: World) -> None:
    """With --no-collapse every root is its own life, and no user's message is without a row."""
    with engine(world, collapse=False) as made:
        assert made.rows("select count(*) from recipients where root <> key") == [(0,)]
        assert made.rows(
            "select count(*) from lives l where role = 'user' and key not in (select root from recipients)",
        ) == [(0,)]


def message(number: int, **known: object) -> Row:
    """A life that was accepted over SMTP."""
    first = BEGIN + number * 1_000_000
    row = blank(
        MESSAGES, key=number, queue_id=f"Q{number}", first_us=first, last_us=first + HOUR, accepted_us=first,
        origin="smtp", client_ip="192.0.2.1", sender="x@c.example", host="mx1", message_id="m",
    )  # fmt: skip
    return row | known


def delivery(row: int, key: int, event: str, recipient: str | None = "ann@a.example", **known: object) -> Row:
    """One line, later than those with smaller numbers."""
    made = blank(
        DELIVERIES, row=row, key=key, offset=row, line=row, time_us=BEGIN + row * 60_000_000, event=event,
        raw_event=event, recipient=recipient, attempted=recipient is not None, program="postfix/smtp",
    )  # fmt: skip
    return made | known


def edge(parent: int, child: int, kind: str = "hop") -> Row:
    """The child follows from the parent."""
    return {"parent_key": parent, "child_key": child, "kind": kind, "time_us": BEGIN}


def outcomes(world: World) -> dict[str | None, str]:
    """The outcome by recipient."""
    with engine(world) as made:
        return dict(made.rows("select recipient, outcome from recipients"))


def test_an_expired_message_settles_those_that_wait() -> None:
    """Expiry is one line for the whole message; it leaves alone who was delivered."""
    world = World(
        [message(1, ended_us=BEGIN + HOUR)],
        [
            delivery(0, 1, "delivered", "ann@a.example"),
            delivery(1, 1, "deferred", "bob@b.example", reply="450 busy"),
            delivery(2, 1, "expired", None),
        ],
    )

    assert outcomes(world) == {"ann@a.example": "delivered", "bob@b.example": "expired"}


def test_an_expired_recipient_shows_the_failure_it_expired_of() -> None:
    """The reply of an expired recipient is that of its last attempt, the event is the expiry."""
    world = World([message(1)], [delivery(0, 1, "deferred", reply="450 busy"), delivery(1, 1, "expired", None)])

    with engine(world) as made:
        assert made.rows("select event, reply, attempts from recipients") == [("expired", "450 busy", 1)]


def test_a_filter_loop_is_one_message() -> None:
    """The child's recipient stands for the one that was handed on; the address as first given is kept."""
    world = World(
        [message(1), message(2, client_ip="127.0.0.1")],
        [
            delivery(0, 1, "relayed", "list@a.example", next_id="Q2"),
            delivery(1, 2, "deferred", "ann@a.example"),
            delivery(2, 2, "delivered", "ann@a.example"),
        ],
        [edge(1, 2)],
    )

    with engine(world) as made:
        assert made.rows(
            "select queue_id, queue_ids, recipient, original_recipient, outcome, attempts, deferrals from recipients",
        ) == [("Q1", "Q1 Q2", "ann@a.example", "list@a.example", "delivered", 2, 1)]


def test_a_handover_into_the_unknown_is_pending() -> None:
    """Handing on is no delivery: without the next life in these logs nobody knows."""
    world = World([message(1, ended_us=BEGIN + HOUR)], [delivery(0, 1, "relayed", next_id="elsewhere")])

    assert outcomes(world) == {"ann@a.example": "pending"}


def test_a_handover_to_a_life_without_lines_waits_there() -> None:
    """The recipient is known from the hand-over; where it stands is the child's affair."""
    handed = [delivery(0, 1, "relayed", next_id="Q2")]
    waiting = World([message(1), message(2)], handed, [edge(1, 2)])
    gone = World([message(1), message(2, ended_us=BEGIN + HOUR)], handed, [edge(1, 2)])
    held = World([message(1), message(2)], [*handed, delivery(1, 2, "held", None)], [edge(1, 2)])

    assert [outcomes(world)["ann@a.example"] for world in (waiting, gone, held)] == ["pending", "unknown", "held"]


def test_lives_in_a_circle_stand_for_themselves() -> None:
    """A log that claims A came from B and B from A gives two messages, and ends."""
    world = World(
        [message(1), message(2)],
        [delivery(0, 1, "delivered"), delivery(1, 2, "delivered")],
        [edge(1, 2), edge(2, 1)],
    )

    with engine(world) as made:
        assert made.rows("select root, key from recipients order by 1") == [(1, 1), (2, 2)]


def test_a_hold_line_names_recipients_of_a_message_without_deliveries() -> None:
    """Held and then deleted: each address on a hold line has a row, and the deletion settles it."""
    world = World(
        [message(1, accepted_us=None)],
        [delivery(0, 1, "held", "ann@a.example", attempted=False), delivery(1, 1, "deleted", None)],
    )

    assert outcomes(world) == {"ann@a.example": "deleted"}


def test_a_probe_is_no_mail() -> None:
    """Address verification leaves no row."""
    world = World([message(1)], [delivery(0, 1, "other", raw_event="deliverable")])

    assert outcomes(world) == {}


def test_rows_of_one_life_are_merged() -> None:
    """A life seen in two blocks is one life: first lines first, the latest line last, gaps filled."""
    early = message(1, sender=None, size=None, last_us=BEGIN + HOUR)
    late = message(
        1, accepted_us=BEGIN + 5, first_us=BEGIN + HOUR, last_us=BEGIN + 2 * HOUR, ended_us=BEGIN + 2 * HOUR, size=7
    )

    with engine(World([early, late], [])) as made:
        assert made.rows("select sender, size, accepted_us, first_us, last_us, ended_us from lives") == [
            ("x@c.example", 7, BEGIN + 1_000_000, BEGIN + 1_000_000, BEGIN + 2 * HOUR, BEGIN + 2 * HOUR),
        ]


@pytest.mark.parametrize("table", [LIVES, RECIPIENTS], ids=lambda table: table.name)
def test_the_declared_columns_are_there(table: Table) -> None:
    """The views lives and recipients have every declared column."""
    with engine(World([message(1)], [delivery(0, 1, "delivered")])) as made:
        assert set(table.names()) <= set(made.names(f"select * from {table.name}"))
