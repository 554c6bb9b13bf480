"""What is known of a log apart from its lines, and the year that follows from that alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailaudit.link.offsets import SECOND_US, offset_at
from mailaudit.link.survey import DAY_US
from mailaudit.link.years import is_leap_day, last_year_before, shift_us

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from mailaudit.link.survey import Survey

Confidence = Literal["certain", "high", "medium", "low"]
"""certain: an option or the stamps themselves; high: several queue ids agree; medium: other times in the lines, a dated
name, files of the same set; low: the file's time, now, this machine's zone.
"""

_SKEW_US = 600 * SECOND_US
_FRESHLY_COPIED_US = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class Neighbour:
    """How the file before this one in the same rotated set ended."""

    last_us: int
    offset_s: int | None
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Facts:
    """What the clock is told about one source; times in µs of UTC."""

    source: int
    now_us: int
    local: tzinfo = UTC
    year: int | None = None
    """`--year`: of the first line without one (of the last, if the first would then lie in the future)."""
    zone: tzinfo | None = None
    """`--input-tz`."""
    named_date: date | None = None
    mtime_us: int | None = None
    before: Neighbour | None = None
    tail: Survey | None = None
    """An outline of the whole source, if it could be had: see `mailaudit.link.sampling`."""
    first_year: int | None = None
    """Year of the first line, found out from later lines in a reading that was given up."""
    more_years: int = 0
    """Years that the log turned out to be longer than thought, in the same way."""
    offset_s: int | None = None
    """UTC offset, found out in the same way."""


class ClockRevised(Exception):
    """Later lines show that earlier ones were dated wrongly: read the source again, with a clock of these facts."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts.source)
        self.facts = facts


class Guess(NamedTuple):
    """A year for the first line without one, and the local time that the log should not go beyond."""

    year: int
    limit_us: int
    confidence: Confidence
    reason: str


class Ends(NamedTuple):
    """First and last stamp of what is known of a log (year 2000), and how often the year turned between them."""

    first_us: int
    last_us: int
    turns: int
    leap_days: tuple[tuple[int, int], ...]
    """Stamps of 29 February with the turns before them."""


def guess(ends: Ends, facts: Facts) -> Guess:
    """The year that names, neighbours and file times make likely."""
    now = _local(facts, facts.now_us) + _SKEW_US
    if facts.named_date is not None:
        midnight = datetime(facts.named_date.year, facts.named_date.month, facts.named_date.day, tzinfo=UTC)
        end = int(midnight.timestamp()) * SECOND_US + 2 * DAY_US
        if end <= now + 2 * DAY_US:  # a date to come is none of rotation
            return _last_by(min(end, now), ends, "medium", "from the date in the file's name")
    written = facts.mtime_us
    if written is not None and written < facts.now_us - _FRESHLY_COPIED_US:
        by_time = _last_by(_local(facts, written) + _SKEW_US, ends, "low", "from the file's time")
    else:
        by_time = _last_by(now, ends, "low", "the last that is not in the future")
    if facts.before is not None:
        year = _first_after(_local(facts, facts.before.last_us) - 2 * DAY_US, ends)
        if year <= by_time.year:
            confidence: Confidence = "low" if facts.before.confidence == "low" else "medium"
            return Guess(year, by_time.limit_us, confidence, "from the file before it")
    return by_time


def _local(facts: Facts, utc_us: int) -> int:
    """The log's wall clock at an instant, as far as that is known."""
    offset = facts.offset_s
    if offset is None and facts.before is not None:
        offset = facts.before.offset_s
    if offset is None or facts.zone is not None:
        zone = facts.zone or facts.local
        # The last line may be of the end of summer time, and the instant of the first minutes after it.
        offset = max(offset_at(zone, utc_us), offset_at(zone, utc_us - 3600 * SECOND_US))
    return utc_us + offset * SECOND_US


def _last_by(limit_us: int, ends: Ends, confidence: Confidence, reason: str) -> Guess:
    year = last_year_before(ends.last_us, limit_us) - ends.turns
    return Guess(_with_leap_days(year, ends), limit_us, confidence, reason)


def _first_after(limit_us: int, ends: Ends) -> int:
    year = last_year_before(ends.first_us, limit_us)
    while ends.first_us + shift_us(ends.first_us, year) < limit_us:
        year += 1
    return year


def _with_leap_days(year: int, ends: Ends) -> int:
    """The last year not after `year` in which every 29 February of the log exists."""
    for earlier in range(year, year - 9, -1):
        if all(_leap(earlier + turns) for wall, turns in ends.leap_days if is_leap_day(wall)):
            return earlier
    return year


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
