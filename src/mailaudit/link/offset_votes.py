"""The UTC offset of one source, block by block, from a zone's rules or from what the lines tell."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from mailaudit.link.anchors import ClockRevised
from mailaudit.link.ballots import Arrivals, Ballot, Tokens, agreed
from mailaudit.link.offsets import SECOND_US, Offsets, by_rules, offset_at
from mailaudit.link.survey import DAY_US, STEP_US
from mailaudit.link.world import instants, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from mailaudit.link.anchors import Confidence, Facts
    from mailaudit.link.ballots import Stretch
    from mailaudit.link.survey import Spent

_LONGEST_STEP_US = 4500 * SECOND_US


class OffsetVotes:
    """What is known of a source's offset so far."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._arrivals = Arrivals()
        self._tokens = Tokens()
        self._rules: tzinfo | None = facts.zone or (None if _inherited(facts) is not None else facts.local)
        self._offset = _inherited(facts) or 0
        self._last: Ballot | None = None
        self._begun = False

    def offsets(
        self, cast: Sequence[Ballot], spent: Sequence[tuple[Spent, int]], stretches: Sequence[Stretch]
    ) -> tuple[Offsets, list[Ballot]]:
        """The offsets for a block, whose lines are in the stretches, and the ballots that hold."""
        kept = agreed(cast)
        for ballot in kept:
            self._tokens.add(ballot.kind, ballot.token)
        if kept and self._last is None:
            self._meet(kept)
        self._arrivals.learn(spent, kept, self._last)
        delays = self._arrivals.ballots(spent)
        if delays:
            kept = agreed(sorted([*kept, *delays]))
        low = min(min(stretch.first_us, stretch.last_us) for stretch in stretches) - 2 * DAY_US
        high = max(max(stretch.first_us, stretch.last_us) for stretch in stretches) + 2 * DAY_US
        if self._rules not in (None, self._facts.zone) and not _fits(self._rules, kept):
            self._offset = offset_at(self._rules, low)
            self._rules = None
        if self._rules is not None:
            offsets = by_rules(self._rules, low, high)
        else:
            offsets = self._stepped(self._by_votes(kept, stretches), kept, stretches)
            self._offset = offsets.last()
        self._last = kept[-1] if kept else self._last
        self._begun = True
        return offsets, kept

    @property
    def known(self) -> bool:
        """Whether lines have told an offset."""
        return self._last is not None

    @property
    def zone(self) -> tzinfo | None:
        """The zone whose rules are applied, if any."""
        return self._rules

    def confidence(self) -> tuple[Confidence, str]:
        """How sure the offset is, and why."""
        if self._facts.zone is not None:
            return "certain", "as told"
        if self._tokens:
            return self._tokens.spoken()
        if self._facts.offset_s is not None:
            return "medium", "from later lines"
        if _inherited(self._facts) is not None:
            return "medium", "from the file before it"
        return "low", "this machine's zone"

    def _meet(self, kept: Sequence[Ballot]) -> None:
        """Takes the first ballots of the source in place of what was assumed."""
        if self._facts.zone is not None:
            return
        assumed = self._offset if self._rules is None else None
        if _fits(self._facts.local, kept):
            self._rules = self._facts.local
        else:
            self._rules = None
        first = kept[0].offset
        if self._begun and self._facts.offset_s is None and assumed != first and self._rules is None:
            raise ClockRevised(replace(self._facts, offset_s=first))
        self._offset = first

    def _by_votes(self, kept: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        offset, last = self._offset, self._last
        changes: list[tuple[int, int]] = []
        for ballot in kept:
            if ballot.offset != offset:
                changes.append((_when(last, ballot, offset, stretches), ballot.offset))
                offset = ballot.offset
            last = ballot
        return Offsets(self._offset, changes)

    def _stepped(self, offsets: Offsets, kept: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        """The offsets with changes after the last ballot, that show as a step only."""
        told = kept[-1].line if kept else 0
        for before, here in pairwise(stretches):
            step = abs(here.first_us - before.last_us)
            if here.line > told and STEP_US < step <= _LONGEST_STEP_US:
                change = shown(offsets.last(), before.last_us, here.first_us)
                if change is not None and (not offsets.changes or change[0] > offsets.changes[-1][0]):
                    offsets = Offsets(offsets.first, [*offsets.changes, change])
        return offsets


def _inherited(facts: Facts) -> int | None:
    """The offset found in a reading given up, or in the file before this one."""
    if facts.offset_s is not None:
        return facts.offset_s
    before = facts.before
    return None if before is None or before.confidence == "low" else before.offset_s


def _fits(zone: tzinfo, kept: Sequence[Ballot]) -> bool:
    return all(offset_at(zone, ballot.wall_us - ballot.offset * SECOND_US) == ballot.offset for ballot in kept)


def _when(last: Ballot | None, ballot: Ballot, offset: int, stretches: Sequence[Stretch]) -> int:
    """The instant (µs) between two ballots at which the offset changed."""
    high = ballot.wall_us - ballot.offset * SECOND_US
    if last is None:
        return high
    low = last.wall_us - offset * SECOND_US
    if low < high:
        known = instants(offset, ballot.offset, low, high)
        if known:
            return min(known, key=lambda instant: strain(Offsets(offset, [(instant, ballot.offset)]), stretches))
    between = [
        (after.first_us - before.last_us, after.first_us)
        for before, after in pairwise(stretches)
        if last.line < after.line <= ballot.line
    ]
    if not between:
        return high
    step = min(between) if ballot.offset < offset else max(between)
    return step[1] - ballot.offset * SECOND_US


def strain(offsets: Offsets, stretches: Sequence[Stretch]) -> int:
    """How far (µs) the lines go back in time if these are the offsets: too early or too late a change shows as that."""
    total = 0
    previous: int | None = None
    for stretch in stretches:
        utc = offsets.utc(stretch.first_us, previous)
        if previous is not None:
            total += max(0, previous - utc)
        previous = utc + stretch.last_us - stretch.first_us
    return total
