"""Which year each line of a year-less log belongs to.

Heads put stamps without a year into the leap year 2000. Lines follow each other, so their years follow too: each line
takes the earliest year in which it is not more than two days before the line above it. Lines where that leaps ahead by
more than two days cut a block into sections; ids in a section may tell that the leap was none (two excerpts, the later
one first), or a longer one.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import isleap, timegm
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mailaudit.link.survey import DAY_US, STEP_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.link.survey import Run, Sample

YEARLESS = 2
"""`floating` of a stamp with neither year nor zone."""

_BASE_US = timegm((2000, 1, 1, 0, 0, 0)) * 1_000_000
_CYCLE_US = 366 * DAY_US
_MARCH_US = 60 * DAY_US
_DISORDER_US = 2 * DAY_US
_EAST_US = 14 * 3_600_000_000
_OLD_US = 35 * DAY_US + _EAST_US
"""A line about a message is rarely younger than five weeks of queueing, plus the widest offset."""
_BACK_US = 2 * 3_600_000_000
_MANY = 3
_MOST_YEARS = 30


def shift_us(wall_us: int, year: int) -> int:
    """What to add to a stamp in the year 2000 to put it into `year`; 29 February of a common year becomes 1 March."""
    early, late = _shifts(year)
    return late if wall_us - _BASE_US >= _MARCH_US else early


@lru_cache(maxsize=256)
def _shifts(year: int) -> tuple[int, int]:
    """The same before and after the end of February."""
    early = timegm((year, 1, 1, 0, 0, 0)) * 1_000_000 - _BASE_US
    return early, early if isleap(year) else early - DAY_US


def is_leap_day(wall_us: int) -> bool:
    """Whether a stamp in the year 2000 is of 29 February."""
    return _MARCH_US - DAY_US <= wall_us - _BASE_US < _MARCH_US


def year_by(sample: Sample) -> tuple[int, int]:
    """The year that a sample's hint puts its line into, and wall clock less hint in it (µs): offset plus age."""
    utc = sample.hint.utc_us
    year = _year_of(utc) - 1
    if sample.hint.kind in ("stamp", "splogger"):  # written next to it, on either side
        gaps = ((abs(sample.wall_us + shift_us(sample.wall_us, y) - utc), y) for y in range(year, year + 3))
        nearest = min(gaps)[1]
        return nearest, sample.wall_us + shift_us(sample.wall_us, nearest) - utc
    while True:
        gap = sample.wall_us + shift_us(sample.wall_us, year) - utc
        if gap >= -_EAST_US and not (is_leap_day(sample.wall_us) and not isleap(year)):
            return year, gap
        year += 1


def last_year_before(wall_us: int, limit_us: int) -> int:
    """The last year in which a stamp is not after `limit_us`."""
    year = _year_of(limit_us) + 1
    while wall_us + shift_us(wall_us, year) > limit_us or (is_leap_day(wall_us) and not isleap(year)):
        year -= 1
    return year


def _year_of(utc_us: int) -> int:
    # 400 years of the Gregorian calendar are 146,097 days; good to one year everywhere, exact away from New Year.
    year = 1970 + utc_us * 400 // (146_097 * DAY_US)
    return year if utc_us >= timegm((year, 1, 1, 0, 0, 0)) * 1_000_000 else year - 1


class Section(NamedTuple):
    """Runs (from `first` on) that follow each other without a leap."""

    first: int
    leap: bool


class Outline:
    """Years of runs relative to the first line of the source, as their order alone tells."""

    def __init__(self) -> None:
        self.position: int | None = None
        self._before: tuple[int, int, int] | None = None
        self.unordered = False
        """Whether a block had lines in no order at all."""

    def walk(self, runs: Sequence[Run]) -> tuple[list[int], list[Section]]:
        """The relative year of each run, and the sections; goes on from the runs walked before."""
        start = self.position
        turns: list[int] = []
        sections = []
        for index, run in enumerate(runs):
            turn, leap = self._turn(run.first_us - _BASE_US)
            if leap or index == 0:
                sections.append(Section(index, leap))
            turns.append(turn)
            self.position = run.last_us - _BASE_US + turn * _CYCLE_US
        if abs(turns[-1] - turns[0]) > _MOST_YEARS:  # lines in no order at all: one year is as good as another
            self.unordered = True
            turn = 0 if start is None else start // _CYCLE_US
            self.position = runs[-1].last_us - _BASE_US + turn * _CYCLE_US
            return [turn] * len(runs), [Section(0, leap=True)]
        return turns, sections

    def _turn(self, day: int) -> tuple[int, bool]:
        """Relative year of a stamp (µs of the year), and whether it leaps ahead."""
        if self.position is None:
            return 0, False
        turn = -((day + _DISORDER_US - self.position) // _CYCLE_US)
        leap = day + turn * _CYCLE_US - self.position > _DISORDER_US
        if leap and self._before is not None:
            left, wall_turn, _ = self._before
            back = day + wall_turn * _CYCLE_US - left
            if -STEP_US <= back <= _BACK_US:  # a few lines of a wrong clock, and on as before
                self._before = None
                return wall_turn, True
        if leap:
            self._before = (self.position, self.position // _CYCLE_US, turn)
        return turn, leap


class Vote(NamedTuple):
    """A year for the first line of the source, and how good the evidence is for it."""

    origin: int
    fresh: bool
    sample: Sample


def votes(samples: Iterable[Sample], runs: Sequence[Run], turns: Sequence[int]) -> list[tuple[int, Vote]]:
    """For each useful year-less sample its run and the year that it gives to the source's first line."""
    starts = [run.line for run in runs]
    found = []
    for sample in samples:
        if sample.floating != YEARLESS:
            continue
        year, gap = year_by(sample)
        near = gap <= _EAST_US and sample.hint.fresh
        if not near and (gap > _OLD_US or sample.hint.kind == "reply"):
            continue
        index = bisect_right(starts, sample.line) - 1
        found.append((index, Vote(year - turns[index], near, sample)))
    return found


def decided(section: Sequence[Vote], expected: int | None) -> int | None:
    """The year of the first line that a section's votes agree on; against what is expected it takes several."""
    best = [vote for vote in section if vote.fresh] or list(section)
    if not best:
        return None
    origin, count = Counter(vote.origin for vote in best).most_common(1)[0]
    if 2 * count <= len(best):
        return None
    if expected is not None and origin != expected:
        against = {vote.sample.hint.token for vote in best if vote.origin == origin}
        if len(against) < _MANY:
            return None
    return origin
