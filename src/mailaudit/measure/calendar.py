"""The report's calendar as tables: which local day and hour a moment belongs to, summer time included."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from mailaudit.model.times import DAY, HOUR, MINUTE, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine, Row

QUARTER = 15 * MINUTE
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def span(engine: Engine, since_us: int | None = None, until_us: int | None = None) -> tuple[int, int] | None:
    """Returns the first and last moment of the logs, both in the range; None if nothing of the range is in the logs."""
    first, last = engine.rows("select min(first_us), max(last_us) from life")[0]
    if first is None or last is None:  # no lives, or none of them has a time
        return None
    first = first if since_us is None else max(first, since_us)
    last = last if until_us is None else min(last, until_us - 1)
    return (first, last) if first <= last else None


def local_hours(
    engine: Engine, zone: dt.tzinfo, quarters: str, since_us: int | None = None, until_us: int | None = None
) -> None:
    """Makes zone_segments, calendar (one row a local day, mail or not) and day_hours (0 to 23).

    They reach over the part of the range that the logs cover, and over every quarter of an hour in the named table.
    """
    first, last = engine.rows(f"select min(quarter_us), max(quarter_us) from {quarters}")[0]
    known = [at for at in (first, last, *(span(engine, since_us, until_us) or ())) if at is not None]
    pieces = list(segments(zone, min(known), max(known))) if known else []
    engine.table("zone_segments", ("from_us bigint", "until_us bigint", "offset_us bigint"), pieces)
    engine.table(
        "calendar",
        ("day_number bigint", "month varchar", "day varchar", "weekday varchar", "weekday_number integer"),
        days(pieces, min(known), max(known)) if known else iter(()),
    )
    engine.table("day_hours", ("hour integer",), [(hour,) for hour in range(24)])


def clock_hours(engine: Engine) -> None:
    """Makes clock_hours: the beginning of every hour from the first to the last line of the logs."""
    found = span(engine)
    begins = range(found[0] - found[0] % HOUR, found[1] + 1, HOUR) if found else range(0)
    engine.table("clock_hours", ("hour_us bigint",), [(begin,) for begin in begins])


def segments(zone: dt.tzinfo, first_us: int, last_us: int) -> Iterator[Row]:
    """Yields (from, until, offset) in µs: the times between which the zone's offset does not change."""
    begin = first_us - first_us % QUARTER
    here = offset(zone, begin)
    at = begin
    while at <= last_us:
        later = min(at + DAY, last_us + QUARTER)
        if offset(zone, later) != here:
            change = _change(zone, at, later)
            yield begin, change, here
            begin, here = change, offset(zone, change)
            later = change
        at = later
        if later > last_us:
            break
    yield begin, last_us + QUARTER, here


def _change(zone: dt.tzinfo, low: int, high: int) -> int:
    """The first quarter of an hour with another offset than `low`, which lies in the quarters up to `high`."""
    before, low, high = offset(zone, low), low // QUARTER, -(-high // QUARTER)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle * QUARTER) == before:
            low = middle
        else:
            high = middle
    return high * QUARTER


def offset(zone: dt.tzinfo, at_us: int) -> int:
    """Returns the zone's offset from UTC at a moment, in µs."""
    return (moment(at_us, zone).utcoffset() or dt.timedelta()) // dt.timedelta(microseconds=1)


def days(pieces: list[Row], first_us: int, last_us: int) -> Iterator[Row]:
    """Yields a calendar row for every local day from the first moment to the last."""
    first, last = first_us + pieces[0][2], last_us + pieces[-1][2]
    for number in range(first // DAY, last // DAY + 1):
        day = dt.date(1970, 1, 1) + dt.timedelta(days=number)
        yield number, day.isoformat()[:7], day.isoformat(), WEEKDAYS[day.weekday()], day.weekday()
