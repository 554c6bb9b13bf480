"""When the lines of a log were written: year and UTC offset of stamps that lack them, and how sure that is.

Evidence in this order: options; queue ids that hold a time; other times in the lines; the date in the file's name; the
files of the same set; the file's time; now. Nothing is dated later than the evidence allows.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from mailaudit.link.anchors import Facts, Neighbour
from mailaudit.link.ballots import Hosts, Stretch, ballots, dated
from mailaudit.link.offset_votes import OffsetVotes
from mailaudit.link.offsets import SECOND_US, spell
from mailaudit.link.survey import DAY_US, Run, Survey
from mailaudit.link.year_votes import YearVotes
from mailaudit.link.years import YEARLESS, shift_us
from mailaudit.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.link.anchors import Confidence
    from mailaudit.link.ballots import Ballot
    from mailaudit.link.offsets import Offsets

_RANK: dict[Confidence, int] = {"low": 0, "medium": 1, "high": 2, "certain": 3}
_MANY_RUNS = 5_000
_COMMON_YEAR = 2001


@dataclass(frozen=True, slots=True)
class Decision:
    """What the stamps of a source were taken to mean, up to its last line so far."""

    year: int | None
    """Of the last line."""
    offset_s: int | None
    """UTC offset that was applied at the last line; None if the stamps have their own."""
    zone: str | None
    """The zone whose rules were applied, by its name, if there is one."""
    confidence: Confidence
    reason: str
    offsets: tuple[int, ...] = ()
    """All UTC offsets in force in it, applied or its own (seconds)."""


class Segment(NamedTuple):
    """From this line on, what to add (µs) to stamps that lack the zone only, and to those that lack the year too."""

    line: int
    dated: int
    yearless: int


@dataclass(frozen=True, slots=True)
class Segments:
    """Piecewise constants for a block, by line number."""

    parts: tuple[Segment, ...]


class Clock:
    """The clock of one source. It sees the surveys of its blocks in order."""

    def __init__(self, facts: Facts) -> None:
        self._years = YearVotes(facts)
        self._offsets = OffsetVotes(facts)
        self._previous: int | None = None
        self._used: dict[int, None] = {}
        self._own: set[int] = set()
        self._hosts = Hosts()
        self._offset = 0
        self._yearless = self._floating = False

    def advance(self, block: Survey) -> Segments:
        """What to add to the stamps of the next block.

        Raises `ClockRevised` if it shows that the blocks before it were dated wrongly.
        """
        self._own |= block.offsets
        if not block.runs:
            self._previous = self._previous if block.last_complete_us is None else block.last_complete_us
            return Segments(())
        self._floating = True
        runs = _outlined(block)
        shifts = self._shifts(runs, block)
        cast, spent = ballots(block, runs, shifts, known=self._offsets.known), dated(block, runs, shifts)
        self._hosts.add(cast)
        stretches = _stretches(runs, shifts)
        offsets, kept = self._offsets.offsets(cast, spent, stretches)
        if offsets.changes and len(runs) < len(block.runs):
            shifts = [shifts[0]] * len(block.runs)
            stretches = _stretches(block.runs, shifts)
        segments = self._segments(stretches, shifts, offsets, kept)
        if block.last_complete_us is not None and self._previous is not None:
            self._previous = max(self._previous, block.last_complete_us)
        return segments

    @property
    def decision(self) -> Decision:
        """Year, offset, confidence and reason as far as the source was read."""
        year = None
        if self._previous is not None:
            offset = next(iter(self._own)) if not self._floating and len(self._own) == 1 else self._offset
            year = moment(self._previous + offset * SECOND_US).year
        if not self._floating:
            return Decision(year, None, None, "certain", "year and offset in the stamps", tuple(sorted(self._own)))
        sure, why = self._years.confidence() if self._yearless else ("certain", "in the stamps")
        offset_sure, offset_why = self._offsets.confidence()
        spelled = " then ".join(spell(offset) for offset in self._used)
        reason = f"year {year} ({why}), offset {spelled} ({offset_why})"
        weaker = min(sure, offset_sure, key=lambda word: _RANK[word])
        zone = getattr(self._offsets.zone, "key", None)
        return Decision(year, self._offset, zone, weaker, reason, tuple(sorted({*self._used, *self._own})))

    def elsewhere(self) -> list[tuple[str, int]]:
        """Hosts whose own queue ids tell another offset than was applied, and that offset (seconds)."""
        return self._hosts.elsewhere(self._used)

    @property
    def assumed(self) -> bool:
        """Whether stamps without an offset were given this machine's, for want of anything better."""
        return self._floating and self._offsets.assumed

    @property
    def foreign(self) -> int | None:
        """The offset (seconds) that the lines themselves told, if it is not this machine's."""
        return self._offsets.foreign if self._floating else None

    def neighbour(self) -> Neighbour | None:
        """What the clock of the next file of the same set is told."""
        if self._previous is None:
            return None
        decision = self.decision
        return Neighbour(self._previous, decision.offset_s, decision.confidence)

    def _shifts(self, all_runs: Sequence[Run], block: Survey) -> list[int]:
        """What brings each run into its year (µs)."""
        runs = [run for run in all_runs if run.floating == YEARLESS]
        if not runs:
            return [0] * len(all_runs)
        self._yearless = True
        years = iter(self._years.years(runs, block.samples))
        return [shift_us(run.first_us, next(years)) if run.floating == YEARLESS else 0 for run in all_runs]

    def _segments(
        self, stretches: Sequence[Stretch], shifts: Sequence[int], offsets: Offsets, kept: Sequence[Ballot]
    ) -> Segments:
        parts: list[Segment] = []
        last_add: tuple[int, int] | None = None
        kept = sorted(kept)
        lines = [ballot.line for ballot in kept] if offsets.changes else []
        ends = [*(stretch.line for stretch in stretches[1:]), stretches[-1].line + (1 << 32)]
        for stretch, end, shift in zip(stretches, ends, shifts, strict=True):
            said = kept[bisect_left(lines, stretch.line) : bisect_left(lines, end)] if lines else ()
            away = 0
            for line, wall, offset in _points(stretch, said, offsets):
                utc = offsets.utc(wall, self._previous, offset)
                away = utc - wall
                self._used[-away // SECOND_US] = None
                if (shift, away) != last_add:
                    parts.append(Segment(line, away, away + shift))
                    last_add = (shift, away)
                self._previous = utc
            self._previous = stretch.last_us + away
            self._offset = -away // SECOND_US
        return Segments(tuple(parts))


def _outlined(block: Survey) -> Sequence[Run]:
    """The runs; one instead of very many if they cannot differ in year.

    So it is where lines of two hosts alternate whose clocks are an hour apart.
    """
    first, last = block.runs[0], block.runs[-1]
    if len(block.runs) < _MANY_RUNS or block.high_us - block.low_us > 2 * DAY_US or first.floating != last.floating:
        return block.runs
    if shift_us(block.low_us, _COMMON_YEAR) != shift_us(block.high_us, _COMMON_YEAR):
        return block.runs
    return [Run(first.line, first.first_us, last.last_us, first.floating)]


def _stretches(runs: Sequence[Run], shifts: Sequence[int]) -> list[Stretch]:
    return [
        Stretch(run.line, run.first_us + shift, run.last_us + shift) for run, shift in zip(runs, shifts, strict=True)
    ]


def _points(stretch: Stretch, said: Sequence[Ballot], offsets: Offsets) -> list[tuple[int, int, int | None]]:
    """Lines of a stretch, with their wall clock, at which the offset may change; and what is said of it there."""
    if not said or len(offsets.possible(stretch.first_us)) == len(offsets.possible(stretch.last_us)) == 1:
        return [(stretch.line, stretch.first_us, None)]
    points: list[tuple[int, int, int | None]] = [(ballot.line, ballot.wall_us, ballot.offset) for ballot in said]
    return points if points[0][0] == stretch.line else [(stretch.line, stretch.first_us, None), *points]


def apply(frame: pl.DataFrame, segments: Segments) -> pl.DataFrame:
    """The frame with `time_us` in UTC and without `floating`."""
    parts = segments.parts
    if not parts:
        return frame.drop("floating")
    dated: pl.Expr | pl.Series = pl.lit(parts[0].dated, pl.Int64)
    yearless: pl.Expr | pl.Series = pl.lit(parts[0].yearless, pl.Int64)
    if len(parts) > 1:
        starts = pl.Series([part.line for part in parts], dtype=frame["no"].dtype)
        index = (starts.search_sorted(frame["no"], side="right").cast(pl.Int64) - 1).clip(0)
        columns = pl.DataFrame(parts, schema={"line": pl.Int64, "dated": pl.Int64, "yearless": pl.Int64}, orient="row")
        rows = columns[index]
        dated, yearless = rows["dated"], rows["yearless"]
    kind = pl.col("floating")
    add = pl.when(kind == YEARLESS).then(yearless).when(kind > 0).then(dated).otherwise(0)
    return frame.with_columns(time_us=pl.col("time_us") + add).drop("floating")
