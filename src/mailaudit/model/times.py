"""Moments as all tables hold them, µs of UTC since 1970, and what calendars and people make of them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def micros(when: dt.datetime) -> int:
    """The µs of a moment with a zone."""
    return (when - EPOCH) // _MICROSECOND


def moment(at_us: int, zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    """The moment as the zone's clocks show it."""
    return (EPOCH + dt.timedelta(microseconds=at_us)).astimezone(zone)


def utc(at_us: int) -> str:
    """The moment as programs read it: `2026-05-31T04:26:22Z`; microseconds only if there are any."""
    minute, rest = divmod(at_us, MINUTE)
    second, fraction = divmod(rest, SECOND)
    if fraction:
        return f"{_minute(minute)}{second:02d}.{fraction:06d}Z"
    return f"{_minute(minute)}{second:02d}Z"


@lru_cache(maxsize=65536)
def _minute(minute: int) -> str:
    return (EPOCH + dt.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:")


def waited(seconds: float, units: int = 4) -> str:
    """A length of time in words: `3 m 58 s`, `4 h 8 m 5 s`, `2 d 4 h`; below ten seconds with two digits.

    `units`: from the largest that it has, so many at most.
    """
    if seconds < 0:
        return f"-{waited(-seconds, units)}"
    whole = int(seconds)
    if whole < 10 and seconds != whole:  # noqa: PLR2004 (see the docstring)
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    numbers = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    first = next((at for at, (number, _) in enumerate(numbers) if number), 3)
    parts = [f"{number} {unit}" for number, unit in numbers[first : first + units] if number]
    return " ".join(parts) or "0 s"
