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
        self._told = Offsets(_inherited(facts) or 0)
        self._last: Ballot | None = None
        self._begun = False

    def offsets(
        self, cast: Sequence[Ballot], spent: Sequence[tuple[Spent, int]], stretches: Sequence[Stretch]
    ) -> tuple[Offsets, list[Ballot]]:
        """The offsets for a block, whose lines are in the stretches, and the ballots that hold."""
        kept = agreed(cast)
        for ballot in kept:
            self._tokens.add(ballot.kind, ballot.token)
        if kept and self._last is None and self._facts.zone is None:
            self._meet(kept)
        self._arrivals.learn(spent, kept, self._last)
        delays = self._arrivals.ballots(spent)
        if delays:
            kept = agreed([*kept, *delays])
        low = min(min(stretch.first_us, stretch.last_us) for stretch in stretches) - 2 * DAY_US
        high = max(max(stretch.first_us, stretch.last_us) for stretch in stretches) + 2 * DAY_US
        if self._rules is not None and self._facts.zone is None and not _fits(self._rules, kept):
            self._told = by_rules(self._rules, low, self._last.utc_us if self._last else low)
            self._rules = None
        if self._rules is not None:
            offsets = by_rules(self._rules, low, high)
        else:
            offsets = self._told = self._stepped(self._by_votes(kept, stretches), kept, stretches)
        self._last = max([*kept[-1:], *([self._last] if self._last else [])], key=lambda it: it.utc_us, default=None)
        self._begun = True
        return offsets, kept

    @property
    def known(self) -> bool:
        """Whether lines have told an offset."""
        return self._last is not None

    @property
    def assumed(self) -> bool:
        """Whether nothing but this machine's zone speaks for the offset."""
        return self._facts.zone is None and not self._tokens and _inherited(self._facts) is None

    @property
    def foreign(self) -> int | None:
        """The first offset that the lines told, if it is not this machine's."""
        return self._told.first if self._tokens and self._rules is None else None

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
        first = kept[0]
        assumed = self._told.first if self._rules is None else offset_at(self._rules, first.utc_us)
        if self._begun and self._facts.offset_s is None and assumed != first.offset:
            raise ClockRevised(replace(self._facts, offset_s=first.offset))
        self._rules = self._facts.local if _fits(self._facts.local, kept) else None
        self._told = Offsets(first.offset)

    def _by_votes(self, kept: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        """What was told so far, with what the ballots of this block tell."""
        first, changes = self._told.lately()
        offset, last = self._told.last(), self._last
        for ballot in kept:
            if last is not None and ballot.utc_us < last.utc_us:
                continue  # in disorder with the block before
            if ballot.offset != offset:
                changes.append((_when(last, ballot, offset, stretches), ballot.offset))
                offset = ballot.offset
            last = ballot
        return Offsets(first, sorted(changes))

    def _stepped(self, offsets: Offsets, kept: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        """The offsets with changes after the last ballot, that show as a step only."""
        told = max((ballot.line for ballot in kept), default=0)
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
    return all(offset_at(zone, ballot.utc_us) == ballot.offset for ballot in kept)


def _when(last: Ballot | None, ballot: Ballot, offset: int, stretches: Sequence[Stretch]) -> int:
    """The instant (µs) between two ballots at which the offset changed."""
    high = ballot.utc_us
    if last is None:
        return high
    low = last.utc_us
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
