"""The world's clocks: when they were set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.link.logs import us

from mailaudit.link.offsets import Offsets, by_rules, changes_of
from mailaudit.link.world import _PLACES, changes_in, instants, shown

NEW_YORK = us(datetime(2024, 11, 3, 6, tzinfo=UTC))


def test_every_place_has_rules() -> None:
    """Each name stands for a rule of its own."""
    assert len(_PLACES) == len(set(_PLACES))
    assert all(ZoneInfo(name) for name in _PLACES)


def test_summer_time_ends_where_it_is_known_to() -> None:
    """Between two instants, from one offset to another."""
    day = 86_400_000_000

    assert NEW_YORK in instants(-14_400, -18_000, NEW_YORK - day, NEW_YORK + day)
    assert instants(-14_400, -18_000, NEW_YORK - day // 24, NEW_YORK + day)[0] == NEW_YORK
    assert instants(-14_400, -18_000, NEW_YORK + day, NEW_YORK + 9 * day) == []
    assert 30 < len(changes_in(2024)) < 80


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2024-11-03T01:59:00", "2024-11-03T01:00:00", (NEW_YORK, -18_000)),
        ("2024-11-03T01:54:00", "2024-11-03T01:31:00", (NEW_YORK, -18_000)),
        ("2024-11-04T01:59:00", "2024-11-04T01:00:00", None),
        ("2024-11-03T02:30:00", "2024-11-03T01:31:00", None),
    ],
)
def test_a_step_back_shows_the_end_of_summer_time(before: str, after: str, expected: tuple[int, int] | None) -> None:
    """If both times are in the hour that occurred twice."""
    assert expected == shown(-14_400, us(datetime.fromisoformat(before)), us(datetime.fromisoformat(after)))


def test_a_step_over_the_hour_left_out_shows_the_beginning() -> None:
    """If the lines come right before and right after it."""
    moments = [us(datetime.fromisoformat(f"2024-03-10T{time}")) for time in ("01:59:00", "03:01:00", "04:00:00")]

    assert (us(datetime(2024, 3, 10, 7, tzinfo=UTC)), -14_400) == shown(-18_000, moments[0], moments[1])
    assert shown(-18_000, moments[0], moments[2]) is None


def test_a_time_that_occurs_twice_follows_the_line_above() -> None:
    """The earlier one, unless the clock went back to get there, or evidence says which."""
    offsets = Offsets(-14_400, [(NEW_YORK, -18_000)])
    wall = us(datetime(2024, 11, 3, 1, 30))  # noqa: DTZ001

    assert offsets.possible(wall) == [NEW_YORK - 1_800_000_000, NEW_YORK + 1_800_000_000]
    assert offsets.utc(wall, None) == NEW_YORK - 1_800_000_000
    assert offsets.utc(wall, NEW_YORK) == NEW_YORK + 1_800_000_000
    assert offsets.utc(wall, None, -18_000) == NEW_YORK + 1_800_000_000


def test_a_time_that_was_left_out_is_read_as_before() -> None:
    """A clock that was not set forward goes on."""
    zone = ZoneInfo("Europe/Berlin")
    wall = us(datetime(2025, 3, 30, 2, 30))  # noqa: DTZ001
    offsets = by_rules(zone, wall - 86_400_000_000, wall + 86_400_000_000)

    assert [us(datetime(2025, 3, 30, 1, 30, tzinfo=UTC))] == offsets.possible(wall)
    assert [(us(datetime(2025, 3, 30, 1, tzinfo=UTC)), 7200)] == changes_of(zone, wall - 10**11, wall + 10**11)
