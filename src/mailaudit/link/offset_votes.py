"""The UTC offset of one source, block by block, from a zone's rules or from what the lines tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from mailaudit.link.offsets import SECOND_US, Offsets, changes_of, instants, offset_at
from mailaudit.link.survey import DAY_US

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from mailaudit.link.anchors import Confidence, Facts
    from mailaudit.link.evidence import Kind

_GRAIN_US = 900 * SECOND_US
_EARLY_US = {"queue id": 5 * SECOND_US, "message-id": 5 * SECOND_US, "reply": 60 * SECOND_US, "stamp": 0}
_LATE_US = 90 * SECOND_US
_EAST_S, _WEST_S = 14 * 3600, -12 * 3600
_FEW = 3


class Ballot(NamedTuple):
    """One line's word on the offset (seconds)."""

    line: int
    wall_us: int
    offset: int
    kind: Kind
    token: str


class Stretch(NamedTuple):
    """A run (see `survey`) in its year."""

    line: int
    first_us: int
    last_us: int


def offset_by(kind: Kind, gap_us: int) -> int | None:
    """The offset that wall clock less hint tells, if the line was written within seconds of its hint."""
    early = _EARLY_US[kind]
    offset = (gap_us + early) // _GRAIN_US * _GRAIN_US
    if gap_us - offset > _LATE_US or not _WEST_S * SECOND_US <= offset <= _EAST_S * SECOND_US:
        return None
    return offset // SECOND_US


class OffsetVotes:
    """What is known of a source's offset so far."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._current: int | None = None
        self._last: Ballot | None = None
        self._local_fits = True
        self.voted = False
        self.tokens: dict[Kind, set[str]] = {}
        self.said: dict[int, int] = {}

    def offsets(self, ballots: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        """The offsets for a block, whose lines are in the stretches."""
        low = min(min(stretch.first_us, stretch.last_us) for stretch in stretches) - 2 * DAY_US
        high = max(max(stretch.first_us, stretch.last_us) for stretch in stretches) + 2 * DAY_US
        kept = agreed(ballots)
        for ballot in kept:
            self.tokens.setdefault(ballot.kind, set()).add(ballot.token)
        if self._facts.zone is not None:
            return by_rules(self._facts.zone, low, high)
        if kept:
            self.voted = True
            self._local_fits = self._local_fits and all(self._fits(ballot) for ballot in kept)
        if self.voted and not self._local_fits:
            return self._by_votes(kept, stretches)
        if not self.voted and self._assumed() is not None:
            return Offsets(self._assumed() or 0)
        return by_rules(self._facts.local, low, high)

    @property
    def zone(self) -> tzinfo | None:
        """The zone whose rules are applied, if any."""
        if self._facts.zone is not None:
            return self._facts.zone
        if self.voted:
            return self._facts.local if self._local_fits else None
        return None if self._assumed() is not None else self._facts.local

    def confidence(self) -> tuple[Confidence, str]:
        """How sure the offset is, and why."""
        if self._facts.zone is not None:
            return "certain", "as told"
        if self.voted:
            return spoken(self.tokens)
        if self._facts.offset_s is not None:
            return "medium", "from later lines"
        if self._assumed() is not None:
            return "medium", "from the file before it"
        return "low", "this machine's zone"

    def _assumed(self) -> int | None:
        if self._facts.offset_s is not None:
            return self._facts.offset_s
        before = self._facts.before
        if before is not None and before.confidence != "low":
            return before.offset_s
        return None

    def _fits(self, ballot: Ballot) -> bool:
        return offset_at(self._facts.local, ballot.wall_us - ballot.offset * SECOND_US) == ballot.offset

    def _by_votes(self, kept: Sequence[Ballot], stretches: Sequence[Stretch]) -> Offsets:
        first = self._current if self._current is not None else kept[0].offset
        offset, last = first, self._last
        changes: list[tuple[int, int]] = []
        for ballot in kept:
            if ballot.offset != offset:
                changes.append((self._when(last, ballot, stretches), ballot.offset))
                offset = ballot.offset
            last = ballot
        self._current, self._last = offset, last
        return Offsets(first, changes)

    def _when(self, last: Ballot | None, ballot: Ballot, stretches: Sequence[Stretch]) -> int:
        """The instant (µs) between two ballots at which the offset changed."""
        high = ballot.wall_us - ballot.offset * SECOND_US
        if last is None:
            return high
        low = last.wall_us - last.offset * SECOND_US
        if low < high:
            known = instants(last.offset, ballot.offset, low, high)
            if known:
                return min(
                    known, key=lambda instant: strain(Offsets(last.offset, [(instant, ballot.offset)]), stretches)
                )
        between = [
            (after.first_us - before.last_us, after.first_us)
            for before, after in zip(stretches, stretches[1:], strict=False)
            if last.line < after.line <= ballot.line
        ]
        if not between:
            return high
        step = min(between) if ballot.offset < last.offset else max(between)
        return step[1] - ballot.offset * SECOND_US


def by_rules(zone: tzinfo, low_us: int, high_us: int) -> Offsets:
    """A zone's offsets between two instants."""
    return Offsets(offset_at(zone, low_us), changes_of(zone, low_us, high_us))


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


def agreed(ballots: Sequence[Ballot]) -> list[Ballot]:
    """The ballots without those that stand alone: an offset counts where several lines one after another name it."""
    if not ballots:
        return []
    if len(ballots) < 2 * _FEW:
        most = Counter(ballot.offset for ballot in ballots).most_common(1)[0][0]
        return [ballot for ballot in ballots if ballot.offset == most]
    kept = list(ballots)
    while True:
        groups = _groups(kept)
        alone = [group for group in groups if len(group) < _FEW]
        if not alone:
            return kept
        if len(alone) == len(groups):
            most = Counter(ballot.offset for ballot in kept).most_common(1)[0][0]
            return [ballot for ballot in kept if ballot.offset == most]
        smallest = min(len(group) for group in alone)
        dropped = {ballot for group in alone if len(group) == smallest for ballot in group}
        kept = [ballot for ballot in kept if ballot not in dropped]


def _groups(ballots: Sequence[Ballot]) -> list[list[Ballot]]:
    groups: list[list[Ballot]] = []
    for ballot in ballots:
        if groups and groups[-1][-1].offset == ballot.offset:
            groups[-1].append(ballot)
        else:
            groups.append([ballot])
    return groups


_NAMES: dict[Kind, str] = {
    "queue id": "queue id",
    "message-id": "Message-ID of the MTA's own",
    "reply": "time in a reply",
    "stamp": "complete stamp beside it",
}
_PLURALS: dict[Kind, str] = {
    "queue id": "queue ids",
    "message-id": "Message-IDs of the MTA's own",
    "reply": "times in replies",
    "stamp": "complete stamps beside them",
}


def spoken(tokens: dict[Kind, set[str]]) -> tuple[Confidence, str]:
    """Confidence and reason for what these tokens agree on."""
    counts = {kind: len(names) for kind, names in tokens.items() if names}
    ids = counts.get("queue id", 0)
    if ids:
        counts = {"queue id": ids}
    parts = [f"{count} {(_NAMES if count == 1 else _PLURALS)[kind]}" for kind, count in sorted(counts.items())]
    return ("high" if ids >= _FEW else "medium"), "from " + " and ".join(parts)
