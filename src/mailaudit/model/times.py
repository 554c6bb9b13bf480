"""Moments as all tables hold them, µs of UTC since 1970, and what calendars and people make of them."""

from __future__ import annotations

import datetime as dt
import re
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


_SPELLINGS = (
    re.compile(r"(?P<s>[0-9]{1,12}(?:\.[0-9]{1,12})?)"),
    re.compile(r"(?:(?P<d>[0-9]{1,6})\+)?(?P<h>[0-9]{1,6}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})"),
    re.compile(
        r"(?=.)(?:(?P<w>[0-9]{1,6})w)?(?:(?P<d>[0-9]{1,6})d)?(?:(?P<h>[0-9]{1,6})h)?(?:(?P<m>[0-9]{1,6})m)?"
        r"(?:(?P<s>[0-9]{1,6}(?:\.[0-9]{1,12})?)s)?"
    ),
)
_LENGTHS = {"w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}


def spelled(text: str) -> float | None:
    """Seconds from what servers write: `0.32`, `00:00:04`, `1+02:03:04`, `10m12s`, `0.289s`; None if that is none."""
    for spelling in _SPELLINGS:
        if found := spelling.fullmatch(text):
            parts = ((_LENGTHS[unit], number) for unit, number in found.groupdict().items() if number)
            return round(sum(seconds * float(number) for seconds, number in parts), 6)
    return None
