"""The years of one source, block by block, from what its lines tell or from what is known about it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.link.anchors import ClockRevised, Ends, guess
from mailaudit.link.ballots import Tokens
from mailaudit.link.survey import DAY_US
from mailaudit.link.years import YEARLESS, Outline, decided, is_leap_day, last_year_before, shift_us, votes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.link.anchors import Confidence, Facts, Guess
    from mailaudit.link.survey import Run, Sample
    from mailaudit.link.years import Section, Vote


_MOST_READINGS = 3


class YearVotes:
    """What is known of a source's years so far."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._outline = Outline()
        self._first: int | None = None
        self._origin = 0
        self._told = 0
        self._guess: Guess | None = None
        self._tokens = Tokens()

    def years(self, runs: Sequence[Run], samples: Iterable[Sample]) -> list[int]:
        """The year of each year-less run of the next block."""
        turns, sections = self._outline.walk(runs)
        cast = _by_section(votes(samples, runs, turns), sections)
        if self._first is None:
            self._begin(runs, turns, [decided(ballots, None) for ballots in cast])
        if self._told and any(turn > 0 and turn == self._told for turn in turns):
            # The year that was told is reached by a later line of a log that dates itself: it dates itself, then.
            raise ClockRevised(replace(self._facts, first_year=self._first))
        found: list[int] = []
        ends = [*(section.first for section in sections[1:]), len(runs)]
        for section, end, ballots in zip(sections, ends, cast, strict=True):
            self._settle(section, ballots)
            found += (self._origin + self._told + turn for turn in turns[section.first : end])
        self._check(runs, found)
        return found

    def confidence(self) -> tuple[Confidence, str]:
        """How sure the years are, and why."""
        if self._facts.year is not None:
            return "certain", "as told"
        if self._tokens:
            return self._tokens.spoken()
        if self._guess is not None:
            return self._guess.confidence, self._guess.reason
        return "medium", "from later lines"

    def _settle(self, section: Section, ballots: Sequence[Vote]) -> None:
        """Moves the origin to where a section's votes put it."""
        origin = decided(ballots, None if section.leap else self._origin)
        if origin is not None and origin != self._origin:
            if self._guess is not None and self._facts.year is None:
                first = (self._first or 0) + origin - self._origin
                raise ClockRevised(replace(self._facts, first_year=first))
            self._origin = origin
        for vote in ballots:
            if vote.origin == self._origin:
                self._tokens.add(vote.sample.hint.kind, vote.sample.hint.token)

    def _begin(self, runs: Sequence[Run], turns: Sequence[int], named: Sequence[int | None]) -> None:
        """Finds the year of the first line."""
        if self._facts.tail is not None:
            runs = [run for run in self._facts.tail.runs if run.floating == YEARLESS] or runs
            turns, sections = Outline().walk(runs)
            cast = _by_section(votes(self._facts.tail.samples, runs, turns), sections)
            named = [decided(ballots, None) for ballots in cast]
        first = next((origin for origin in named if origin is not None), self._facts.first_year)
        if first is None and self._facts.year is None:
            self._guess = self._guessed(runs, turns)
            first = self._guess.year
        if self._facts.year is not None:
            self._told, first = self._as_told(first, runs, turns)
        self._first = self._origin = first if first is not None else 0

    def _as_told(self, first: int | None, runs: Sequence[Run], turns: Sequence[int]) -> tuple[int, int]:
        """What `--year` moves the years by, and the year of the first line before that."""
        told = self._facts.year or 0
        if first is None:
            latest = max(
                run.first_us + shift_us(run.first_us, told + turn) for run, turn in zip(runs, turns, strict=True)
            )
            future = latest > self._facts.now_us + DAY_US
            return 0, told - max(turns) if future else told
        if told in {first + turn for turn in turns} or self._facts.first_year is not None:  # the lines say the same
            return 0, first
        return told - first, first

    def _guessed(self, runs: Sequence[Run], turns: Sequence[int]) -> Guess:
        leap_days = tuple(
            (run.first_us, turn) for run, turn in zip(runs, turns, strict=True) if is_leap_day(run.first_us)
        )
        found = guess(Ends(runs[0].first_us, runs[-1].last_us, turns[-1], leap_days), self._facts)
        return found._replace(year=found.year - self._facts.more_years)

    def _check(self, runs: Sequence[Run], years: list[int]) -> None:
        """A guess is wrong if the lines go on for longer than it allows; but not forever: then they are in no order."""
        if self._guess is None:
            return
        limit = self._guess.limit_us + DAY_US
        latest = max(run.first_us + shift_us(run.first_us, year) for run, year in zip(runs, years, strict=True))
        if latest <= limit:
            return
        if self._facts.more_years < _MOST_READINGS and not self._outline.unordered:
            raise ClockRevised(replace(self._facts, more_years=self._facts.more_years + 1))
        for index, run in enumerate(runs):
            years[index] = min(years[index], last_year_before(run.first_us, limit))
        self._origin -= 1


def _by_section(found: Iterable[tuple[int, Vote]], sections: Sequence[Section]) -> list[list[Vote]]:
    starts = [section.first for section in sections]
    cast: list[list[Vote]] = [[] for _ in sections]
    for run, vote in found:
        cast[bisect_right(starts, run) - 1].append(vote)
    return cast
