"""Lines that stand in two files are read once: `mail.log` and `mail.info`, a log and the copy that copytruncate made.

A line of one input counts only as often as it was not in an earlier one: with n of it there and m here, max(n, m) in
all. Within one input nothing is ever left out. Lines are compared as they stand, so they are of one host and second.

Nothing is hashed until the stamps of a block lie in the same time, on the same host, as a block of an earlier input;
then that block is read once more.
"""

from __future__ import annotations

import weakref
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.request import Warning as InputWarning
from mailaudit.model.times import DAY, SECOND
from mailaudit.read import prefixes, stamps, wrappers
from mailaudit.read.blocks import Block
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines
from mailaudit.read.raw import Forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.read.sources import Source

_SAMPLE = 24
_SLACK = 5 * SECOND
"""µs by which lines may stand out of order at the border of two files."""

_WHOLE = 180 * DAY
_SHORTEST = 20
"""Bytes of the shortest line that is compared: a stamp and something more."""

_KEPT = 24
"""Blocks of which the hashes are kept."""

Span = tuple[int, int, int]
"""floating, first and last µs."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A block that went by."""

    source: int
    number: int
    offset: int
    size: int
    spans: tuple[Span, ...]
    hosts: frozenset[str]

    def overlaps(self, other: _Seen) -> bool:
        """True if some of their lines could be the same."""
        if self.hosts and other.hosts and not self.hosts & other.hosts:
            return False
        return any(
            mine[0] == theirs[0] and mine[1] <= theirs[2] + _SLACK and theirs[1] <= mine[2] + _SLACK
            for mine in self.spans
            for theirs in other.spans
        )


class Duplicates:
    """Is shown every block of every source in reading order, and says which of its lines were there before."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = {source.number: source for source in sources}
        self._seen: list[_Seen] = []
        self._last: Block | None = None
        self._hashes: OrderedDict[tuple[int, int], pl.DataFrame] = OrderedDict()
        self._readers: dict[int, tuple[int, Forward]] = {}
        self._left_out: Counter[tuple[int, int]] = Counter()
        weakref.finalize(self, _close, self._readers)

    def of(self, block: Block) -> pl.Series | None:
        """The numbers of the block's lines that an earlier source had; None (nearly always) if there are none."""
        if len(self._sources) < 2:  # noqa: PLR2004
            return None
        seen = _look(block)
        earlier = [other for other in self._seen if other.source != block.source and seen.overlaps(other)]
        before = self._seen[-1] if self._seen and self._seen[-1].source == block.source else None
        numbers = self._among(block, seen, before, earlier) if earlier else None
        self._seen.append(seen)
        self._last = block
        return numbers

    def warnings(self) -> list[InputWarning]:
        """What to say at the end, one warning for each pair of sources."""
        return [
            InputWarning(
                "duplicate",
                f"{count} lines of {self._sources[one].path} are also in {self._sources[other].path}; counted once",
                self._sources[one].path,
            )
            for (one, other), count in sorted(self._left_out.items())
        ]

    def _among(self, block: Block, seen: _Seen, before: _Seen | None, earlier: list[_Seen]) -> pl.Series | None:
        table = _hashed(block)
        self._keep(seen, table.group_by("hash").len())
        counts = [
            pl.concat([self._counts(one) for one in earlier if one.source == source])
            .group_by("hash")
            .agg(pl.col("len").sum())
            .with_columns(source=pl.lit(source))
            for source in sorted({one.source for one in earlier})
        ]
        there = (
            pl.concat(counts)
            .sort("len", "source", descending=[True, False])
            .unique("hash", keep="first", maintain_order=True)
        )
        mine = table.join(there, on="hash", how="inner", maintain_order="left")
        if mine.is_empty():
            return None
        nth = pl.int_range(pl.len()).over("hash")
        if before is not None and before.overlaps(seen):
            gone = self._counts(before).rename({"len": "gone"})
            mine = mine.join(gone, on="hash", how="left", maintain_order="left")
            nth = nth + pl.col("gone").fill_null(0)
        mine = mine.filter(nth < pl.col("len"))
        for source, count in mine.group_by("source").len().iter_rows():
            self._left_out[block.source, source] += count
        return mine["no"] if len(mine) else None

    def _counts(self, seen: _Seen) -> pl.DataFrame:
        """How often each line is in a block: columns hash and len."""
        key = seen.source, seen.number
        if key in self._hashes:
            self._hashes.move_to_end(key)
            return self._hashes[key]
        if self._last is not None and (self._last.source, self._last.number) == key:
            data = self._last.data
        else:
            data = self._read(seen)
        counts = _hashed(Block(seen.source, seen.number, data, 1, seen.offset)).group_by("hash").len()
        self._keep(seen, counts)
        return counts

    def _keep(self, seen: _Seen, counts: pl.DataFrame) -> None:
        self._hashes[seen.source, seen.number] = counts
        while len(self._hashes) > _KEPT:
            self._hashes.popitem(last=False)

    def _read(self, seen: _Seen) -> bytes:
        """The block's bytes once more; blocks are mostly asked for in order, so the reader stays open."""
        at, reader = self._readers.get(seen.source, (-1, None))
        if reader is None or at > seen.offset:
            if reader is not None:
                reader.close()
            reader = Forward(self._sources[seen.source].open())
        reader.to(seen.offset)
        self._readers[seen.source] = seen.offset, reader
        return reader.take(seen.size)


def _close(readers: dict[int, tuple[int, Forward]]) -> None:
    for _, reader in readers.values():
        reader.close()


def without(table: pl.DataFrame, numbers: pl.Series | None) -> pl.DataFrame:
    """The lines of a block without those left out."""
    return table if numbers is None else table.filter(~pl.col("no").is_in(numbers.implode()))


def _hashed(block: Block) -> pl.DataFrame:
    """Number and hash of each line that can be compared."""
    table = lines(block)
    long = table["line"].str.len_bytes() >= _SHORTEST
    return table.filter(long).select("no", hash=pl.col("line").hash())


def _look(block: Block) -> _Seen:
    """The times and hosts of a few lines of a block, the first and the last among them."""
    found = []
    hosts = set()
    for line in _sample(block.data):
        for time, floating, host in _heads_of(line):
            found.append((floating, time))
            hosts.add(host)
    hosts.discard("")
    return _Seen(block.source, block.number, block.offset, len(block.data), tuple(_spans(found)), frozenset(hosts))


def _sample(data: bytes) -> Iterable[str]:
    last = data.rfind(b"\n", 0, len(data) - 1) + 1
    starts = {0, last}
    for step in range(1, _SAMPLE):
        at = data.find(b"\n", len(data) * step // _SAMPLE) + 1
        starts.add(at if at < len(data) else last)
    for start in sorted(starts):
        end = data.find(b"\n", start)
        yield data[start : end if end >= 0 else None][:4096].lstrip(b"\0").decode("utf-8", "replace")


def _heads_of(line: str) -> Iterable[tuple[int, int, str]]:
    if wrappers.find(line) or line.startswith("<"):
        frame = heads(lines(Block(0, 0, line.encode(), 1, 0))).frame
        for time, floating, host in frame.select("time_us", "floating", "host").iter_rows():
            if time is not None:
                yield time, floating, host or ""
    elif time := stamps.time_of(line):
        words = line[time[2] :].split(" ", 2)
        prefix = prefixes.find(line)
        named = len(words) > 1 and not words[1].endswith(":") and (prefix is None or prefix.tail is not prefixes.EXIM)
        yield time[0], time[1], words[1] if named else ""


def _spans(found: list[tuple[int, int]]) -> Iterable[Span]:
    """First and last time of each kind of stamp; two spans where stamps without a year go over New Year."""
    for kind in sorted({floating for floating, _ in found}):
        times = sorted(time for floating, time in found if floating == kind)
        if kind == stamps.NO_YEAR and times[-1] - times[0] > _WHOLE:
            middle = (times[0] + times[-1]) // 2
            early, late = [time for time in times if time < middle], [time for time in times if time >= middle]
            yield kind, early[0], early[-1]
            yield kind, late[0], late[-1]
        else:
            yield kind, times[0], times[-1]
