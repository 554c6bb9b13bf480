"""How single values look."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from mailaudit.model.columns import Column
from mailaudit.model.times import utc
from mailaudit.writers.values import for_people, for_programs, local


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_496_204_782_000_000, "2017-05-31T04:26:22Z"),
        (1_496_204_782_000_001, "2017-05-31T04:26:22.000001Z"),
        (1_496_204_782_120_000, "2017-05-31T04:26:22.120000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_machine_times_are_utc(time_us: int, text: str) -> None:
    """Machine formats have ISO 8601 with Z, and microseconds only where there are any."""
    assert text == utc(time_us)


def test_times_for_people_are_in_the_zone() -> None:
    """The hour that occurs twice is shown as the clock showed it."""
    rome = zoneinfo.ZoneInfo("Europe/Rome")

    assert local(1_761_438_600_000_000, rome) == "2025-10-26 02:30:00"
    assert local(1_761_442_200_000_000, rome) == "2025-10-26 02:30:00"


@pytest.mark.parametrize(
    ("column", "value", "people", "programs"),
    [
        (Column("size", "big", ""), 1_234_567, "1234567", 1_234_567),
        (Column("rate", "real", ""), 0.9899, "98.99%", 0.9899),
        (Column("delay", "real", ""), 0.1 + 0.2, "0.30", 0.3),
        (Column("first_wait", "real", ""), 238.0, "3 m 58 s", 238.0),
        (Column("mean", "real", ""), 2.5, "2.50", 2.5),
        (Column("implied", "flag", ""), True, "yes", True),
        (Column("queue_id", "text", ""), "4E10", "4E10", "4E10"),
        (Column("time", "time", ""), 0, "1970-01-01 00:00:00", "1970-01-01T00:00:00Z"),
        (Column("reply", "text", ""), None, "", None),
        (Column("size", "big", ""), None, "", None),
    ],
)
def test_a_value_for_people_and_for_programs(column: Column, value: object, people: str, programs: object) -> None:
    """Counts stay integers, ids stay text, what is not known is empty or null."""
    assert people == for_people(column, dt.UTC)(value)
    assert programs == for_programs(column)(value)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100.00%"),
        (0.999999, "99.99%"),
        (0.98999, "98.99%"),
        (0.99, "99.00%"),
        (0.5, "50.00%"),
        (-0.25, "-25.00%"),
    ],
)
def test_a_share_is_not_rounded_to_what_it_is_not(share: float, text: str) -> None:
    """99.9999 % of the lines are not all of them, and 98.999 % delivered is not 99 %."""
    assert for_people(Column("rate", "real", ""), dt.UTC)(share) == text
