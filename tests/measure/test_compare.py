"""Tables of two ranges side by side."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from tests.measure import plain
from tests.measure.test_recipients import message
from tests.measure.worlds import engine

from mailaudit.measure import compare
from mailaudit.measure.choose import Options
from mailaudit.model.times import micros, moment

ROME = ZoneInfo("Europe/Rome")


def at(text: str, zone: dt.tzinfo = ROME) -> int:
    """A local time in µs of UTC."""
    return micros(dt.datetime.fromisoformat(text).replace(tzinfo=zone))


def accepted(*times: int, sender: str = "x@c.example") -> list[plain.Row]:
    """Messages accepted at these times."""
    return [message(n, accepted_us=t, first_us=t, last_us=t, sender=sender) for n, t in enumerate(times, start=1)]


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ("2026-03-01", "2026-04-01", "2026-02-01"),
        ("2026-01-01", "2027-01-01", "2025-01-01"),
        ("2026-03-30", "2026-04-06", "2026-03-23"),
        ("2026-03-30T12:00", "2026-03-30T18:00", "2026-03-30T06:00"),
    ],
)
def test_the_previous_range_counts_in_days_and_months(since: str, until: str, before: str) -> None:
    """A month before is a month, a week before a week of local days, an hour before an hour."""
    world = plain.World(accepted(at("2026-03-30T13:00")), [])

    with engine(world) as made:
        found = compare.previous(made, Options(zone=ROME, since_us=at(since), until_us=at(until)))

    assert found is not None
    assert [moment(end, ROME) for end in found] == [moment(at(before), ROME), moment(at(since), ROME)]


def test_a_range_without_logs_has_no_previous_one() -> None:
    """Nothing to compare."""
    with engine(plain.World([], [])) as made:
        assert compare.previous(made, Options()) is None


def test_numbers_stand_beside_those_of_before() -> None:
    """Each number is followed by the earlier one and the difference; what vanished is listed too."""
    old = accepted(at("2026-05-01T10:00"), at("2026-05-01T11:00"))
    new = message(
        9, accepted_us=at("2026-05-02T10:00"), first_us=at("2026-05-02T10:00"), last_us=at("2026-05-02T10:00")
    )
    gone = message(
        8, accepted_us=at("2026-05-01T10:00"), first_us=at("2026-05-01T10:00"), last_us=at("2026-05-01T10:00")
    )
    messages = [*old, new, gone | {"sender": "gone@c.example"}]
    world = plain.World([message | {"size": 700} for message in messages], [])
    options = Options(zone=ROME, since_us=at("2026-05-02"), until_us=at("2026-05-03"))

    with engine(world) as made:
        (found,) = compare.compute(made, ["sender"], options, (at("2026-05-01"), at("2026-05-02")))

    names = [column.name for column in found.columns]
    shown = ("sender", "messages", "messages_before", "messages_change", "mean_size", "mean_size_change")
    assert [tuple(row[names.index(name)] for name in shown) for row in found.rows] == [
        ("x@c.example", 1, 2, -1, 700, 0),
        ("gone@c.example", 0, 1, -1, None, None),
    ]


def test_days_are_compared_by_their_place() -> None:
    """The first day stands beside the first day of the range before."""
    world = plain.World(accepted(at("2026-05-01T10:00"), at("2026-05-03T10:00"), at("2026-05-03T12:00")), [])
    options = Options(zone=ROME, since_us=at("2026-05-03"), until_us=at("2026-05-04"))

    with engine(world) as made:
        (found,) = compare.compute(made, ["day"], options, (at("2026-05-01"), at("2026-05-02")))

    names = [column.name for column in found.columns]
    (row,) = found.rows
    assert (row[0], row[names.index("messages")], row[names.index("messages_before")]) == ("2026-05-03", 2, 1)
