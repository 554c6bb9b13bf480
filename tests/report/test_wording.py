"""Numbers and times in sentences."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from mailaudit.report import wording

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (3369, 3448, "97.71 %"),
        (98_999, 100_000, "98.99 %"),
        (99_000, 100_000, "99.00 %"),
        (97_999, 100_000, "97.99 %"),
        (999_999, 1_000_000, "99.99 %"),
        (1, 1, "100.00 %"),
        (0, 0, "–"),
    ],
)
def test_rounding_never_crosses_a_band(part: int, whole: int, text: str) -> None:
    """What is a little less than 99 % is not shown as 99 %."""
    assert wording.per_cent(part, whole) == text


def us(text: str) -> int:
    """A local time in Rome as µs."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-05-11 00:00", "2026-05-12 00:00", "Monday, 2026-05-11"),
        ("2026-05-04 00:00", "2026-05-11 00:00", "2026-05-04 to 2026-05-10, 7 days"),
        ("2026-10-24 00:00", "2026-10-26 00:00", "2026-10-24 to 2026-10-25, 2 days"),  # summer time ends
        ("2026-05-11 09:30", "2026-05-12 09:30", "2026-05-11 09:30 to 2026-05-12 09:30"),
    ],
)
def test_ranges_are_named_as_people_do(since: str, until: str, text: str) -> None:
    """By their first and last day, where they are whole days of the zone."""
    assert wording.span(us(since), us(until), ROME) == text


def test_sizes_and_lists() -> None:
    """Powers of ten; a few names, and how many more."""
    assert [wording.size(n) for n in (1, 999, 1500, 321_612_704)] == ["1 byte", "999 bytes", "1.5 KB", "321.6 MB"]
    assert wording.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert wording.counted(1, "reply", "replies") == "1 reply"
    assert wording.counted(2, "reply", "replies") == "2 replies"


def test_logs_without_a_time_have_no_range() -> None:
    """Empty logs were not written in 1970."""
    assert "1970" not in wording.span(0, 1, ROME)
    assert "1970" in wording.span(0, 60_000_000, ROME)
