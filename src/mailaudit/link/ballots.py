"""What single lines say about the UTC offset, and what several of them agree on."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailaudit.link.offsets import SECOND_US
from mailaudit.link.world import instants

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from mailaudit.link.anchors import Confidence
    from mailaudit.link.evidence import Kind
    from mailaudit.link.survey import Run, Sample, Spent, Survey

_GRAIN_US = 900 * SECOND_US
_EARLY_US = {
    "queue id": 5 * SECOND_US,
    "message-id": 5 * SECOND_US,
    "reply": 60 * SECOND_US,
    "stamp": 0,
    "splogger": 5 * SECOND_US,
}
"""How far a hint may lie after its line: other hosts have other clocks."""
_LATE_US = 90 * SECOND_US
_DELAY_US = 3 * SECOND_US
_EAST_US, _WEST_US = 14 * 3600 * SECOND_US, -12 * 3600 * SECOND_US
_SUMMER_TIME_S = 7200
_MOST_CHANGES = 4
_MOST_ARRIVALS = 50_000
_MOST_HOSTS = 1_000
FEW = 3
"""Several: as many lines, or ids, must agree before they are believed against what else is known."""


class Ballot(NamedTuple):
    """One line's word on the offset (seconds)."""

    line: int
    wall_us: int
    offset: int
    kind: Kind | Literal["delay"]
    token: str
    host: str | None = None

    @property
    def utc_us(self) -> int:
        """The instant, by its own word."""
        return self.wall_us - self.offset * SECOND_US


class Stretch(NamedTuple):
    """A run (see `survey`) in its year."""

    line: int
    first_us: int
    last_us: int


def ballots(block: Survey, runs: Sequence[Run], shifts: Sequence[int], *, known: bool = False) -> list[Ballot]:
    """The ballots of a block, whose runs are brought into their years by `shifts` (µs).

    Lines that are written when a message comes in decide. Where there are none, and nothing is known yet, ids of any
    age must do: no line is older than its id, so the smallest difference counts, if several ids have it.
    """
    starts = [run.line for run in runs]
    found = _cast((sample for sample in block.samples if sample.hint.fresh), starts, shifts)
    if found or known:
        return found
    ids = [sample for sample in block.samples if sample.hint.kind == "queue id"]
    gaps = [_wall(sample, starts, shifts) - sample.hint.utc_us for sample in ids]
    smallest = _offset("queue id", min(gaps)) if gaps else None
    found = [ballot for ballot in _cast(ids, starts, shifts) if ballot.offset == smallest]
    return found if len({ballot.token for ballot in found}) > 1 else []


def dated(block: Survey, runs: Sequence[Run], shifts: Sequence[int]) -> list[tuple[Spent, int]]:
    """The lines that tell a delay, with their wall clock in their year (µs)."""
    starts = [run.line for run in runs]
    return [(line, _wall(line, starts, shifts)) for line in block.spent]


def _wall(sample: Sample | Spent, starts: Sequence[int], shifts: Sequence[int]) -> int:
    return sample.wall_us + shifts[bisect_right(starts, sample.line) - 1]


def _cast(samples: Iterable[Sample], starts: Sequence[int], shifts: Sequence[int]) -> list[Ballot]:
    found = []
    for sample in samples:
        wall = _wall(sample, starts, shifts)
        offset = _offset(sample.hint.kind, wall - sample.hint.utc_us)
        if offset is not None:
            found.append(Ballot(sample.line, wall, offset, sample.hint.kind, sample.hint.token, sample.host))
    return found


def _offset(kind: Kind, gap_us: int) -> int | None:
    """The offset that wall clock less hint tells, if the line was written within seconds of its hint."""
    early = _EARLY_US[kind]
    offset = (gap_us + early) // _GRAIN_US * _GRAIN_US
    if gap_us - offset > _LATE_US or not _WEST_US <= offset <= _EAST_US:
        return None
    return offset // SECOND_US


class Arrivals:
    """When messages arrived, by queue id: what `delay=` on two lines of a message tells about the time between them."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def learn(self, spent: Iterable[tuple[Spent, int]], kept: Sequence[Ballot], last: Ballot | None) -> None:
        """Takes the arrival of messages not known yet from lines (with their wall clock) whose offset is in no doubt.

        Those are the lines between two ballots (`last` is of an earlier block) for the same offset.
        """
        kept = sorted(kept)
        lines = [ballot.line for ballot in kept]
        for line, wall in spent:
            if line.queue_id in self._known or len(self._known) >= _MOST_ARRIVALS:
                continue
            place = bisect_right(lines, line.line)
            before = kept[place - 1] if place else last
            if place < len(kept) and (before is None or before.offset == kept[place].offset):
                self._known[line.queue_id] = wall - (kept[place].offset + line.seconds) * SECOND_US

    def ballots(self, spent: Iterable[tuple[Spent, int]]) -> list[Ballot]:
        """What lines (with their wall clock) of known messages say about the offset."""
        found = []
        for line, wall in spent:
            arrival = self._known.get(line.queue_id)
            if arrival is None:
                continue
            gap = wall - arrival - line.seconds * SECOND_US
            offset = (gap + _DELAY_US) // _GRAIN_US * _GRAIN_US
            if gap - offset <= 2 * _DELAY_US and _WEST_US <= offset <= _EAST_US:
                found.append(Ballot(line.line, wall, offset // SECOND_US, "delay", line.queue_id))
        return found


def agreed(cast: Sequence[Ballot]) -> list[Ballot]:
    """The ballots without those that stand alone, by time.

    An offset counts where several lines one after another name it, or where clocks somewhere in the world changed to or
    from it between these lines and the next.
    """
    kept = sorted(cast, key=lambda ballot: (ballot.utc_us, ballot.line))
    while True:
        groups = _groups(kept)
        if len(groups) < 2:  # noqa: PLR2004 - nothing to agree on
            return kept
        links = [False, *(_changed(before[-1], after[0]) for before, after in pairwise(groups)), False]
        alone = [
            group
            for group, *linked in zip(groups, links, links[1:], strict=False)
            if len(group) < FEW and not any(linked)
        ]
        if not alone:
            # Hosts of several zones in one log: there is no one clock, so the most common offset is the least wrong.
            return _most(kept) if len(groups) - sum(links) > _MOST_CHANGES else kept
        if len(alone) == len(groups):
            return _most(kept)
        smallest = min(len(group) for group in alone)
        lines = {group[0].line for group in alone if len(group) == smallest}
        kept = [ballot for group in groups if group[0].line not in lines for ballot in group]


def _changed(before: Ballot, after: Ballot) -> bool:
    return abs(before.offset - after.offset) <= _SUMMER_TIME_S and bool(
        instants(before.offset, after.offset, before.utc_us, after.utc_us)
    )


def _most(cast: Sequence[Ballot]) -> list[Ballot]:
    count = Counter(ballot.offset for ballot in cast).most_common(1)
    return [ballot for ballot in cast if ballot.offset == count[0][0]]


def _groups(cast: Sequence[Ballot]) -> list[list[Ballot]]:
    groups: list[list[Ballot]] = []
    for ballot in cast:
        if groups and groups[-1][-1].offset == ballot.offset:
            groups[-1].append(ballot)
        else:
            groups.append([ballot])
    return groups


class Hosts:
    """Which offset the ids of each host tell: a log of several hosts may hold several zones."""

    def __init__(self) -> None:
        self._told: dict[str | None, Counter[int]] = {}

    def add(self, cast: Iterable[Ballot]) -> None:
        """Counts ballots; only ids of the host's own, for replies are other hosts' words."""
        for ballot in cast:
            if ballot.kind != "reply" and (ballot.host in self._told or len(self._told) < _MOST_HOSTS):
                self._told.setdefault(ballot.host, Counter())[ballot.offset] += 1

    def elsewhere(self, used: Collection[int]) -> list[tuple[str, int]]:
        """Hosts whose ids agree on an offset (seconds) that was never applied, and that offset.

        Or one that was, but is further from that of the host with most ids than any summer time is.
        """
        agree = {}
        for host, offsets in self._told.items():
            offset, count = offsets.most_common(1)[0]
            if count >= FEW and count * 5 >= offsets.total() * 4:
                agree[host] = (count, offset)
        _, usual = max(agree.values(), default=(0, 0))
        return sorted(
            (host, offset)
            for host, (_, offset) in agree.items()
            if host is not None and (offset not in used or abs(offset - usual) > _SUMMER_TIME_S)
        )


_BEST = ("splogger", "queue id")
"""What each line says of itself, and what the server that wrote it made."""
_NAMES: dict[str, tuple[str, str]] = {
    "queue id": ("queue id", "queue ids"),
    "message-id": ("Message-ID of the MTA's own", "Message-IDs of the MTA's own"),
    "reply": ("time in a reply", "times in replies"),
    "splogger": ("stamp of splogger's", "stamps of splogger's"),
    "stamp": ("complete stamp beside it", "complete stamps beside them"),
}


class Tokens:
    """What has been believed: counts each id once, to say how sure a decision is."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._names)

    def add(self, kind: str, token: str) -> None:
        """Counts a token, until there are so many that the number says nothing more."""
        names = self._names.setdefault(kind, set())
        if len(names) < _MOST_ARRIVALS:
            names.add(token)

    def spoken(self) -> tuple[Confidence, str]:
        """Confidence and reason: the best kind alone where there is any of it."""
        counts = {kind: len(names) for kind, names in self._names.items()}
        best = next((kind for kind in _BEST if kind in counts), None)
        ids = counts[best] if best else 0
        if best:
            counts = {best: ids}
        parts = [f"{count:,} {_NAMES[kind][count > 1]}" for kind, count in sorted(counts.items())]
        return ("high" if ids >= FEW else "medium"), "from " + " and ".join(parts)
