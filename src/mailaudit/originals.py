"""The lines of an answer as they stand in the inputs: read once more, byte for byte."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import count
from typing import TYPE_CHECKING

from mailaudit import exports
from mailaudit.measure import origins
from mailaudit.parsing import kind_of
from mailaudit.read.blocks import blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mailaudit.flow import Run

Place = tuple[int, int]
"""Source and line number."""
BLOCK = 4 << 20
"""Bytes that are searched at once."""
FEW = 64
"""Queue ids up to which it is faster to search for each than to look at every line."""
ID = re.compile(rb"(?<![\w@.<-])([0-9A-Za-z][0-9A-Za-z-]{4,24})(?=: )")
"""What may be a queue id in front of the text of a line."""
FRONT = 400
"""Bytes of a line in which its queue id stands."""


def lines_of(run: Run, keys: Collection[int], places: Collection[Place]) -> Iterator[bytes]:
    """The lines of these lives, and those at these places, in input order.

    A queue id may be used again, so a line belongs to the last life of its id that began at or before it. Mails are no
    lines: they have numbers, too, but of another kind.
    """
    wanted = frozenset(keys)
    lives = _Lives(run, wanted)
    exact = frozenset(places)
    sources = {number for number, _ in exact} | lives.sources
    few = list(lives.begins) if len(lives.begins) <= FEW and not exact else None
    for source in run.sources:
        kind = kind_of(source, run.request.input_format)
        if kind == "records":
            named = {line for number, line in exact if number == source.number}
            yield from exports.raw(source, named | origins.records(run.engine, source.number, wanted))
            continue
        if kind == "mails" or source.number not in sources:
            continue
        for block in blocks(source, BLOCK):
            for number, line in _lines(block.data, block.first_line, few):
                if (source.number, number) in exact or lives.claim(line, (source.number, number)):
                    yield line


def _lines(data: bytes, first: int, words: list[bytes] | None) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; if words are given, only those that hold one."""
    if words is None:
        begin = 0
        for number in count(first):
            end = data.find(b"\n", begin) + 1 or len(data)
            if begin == end:
                return
            yield number, data[begin:end]
            begin = end
    hits = {data.rfind(b"\n", 0, at) + 1 for word in words or () for at in _positions(data, word)}
    number, counted = first, 0
    for begin in sorted(hits):
        number, counted = number + data.count(b"\n", counted, begin), begin
        yield number, data[begin : data.find(b"\n", begin) + 1 or len(data)]


def _positions(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + len(word))


class _Lives:
    """Which life each line with a queue id belongs to, and whether that one was asked for."""

    def __init__(self, run: Run, keys: frozenset[int]) -> None:
        self.keys = keys
        self.begins: dict[bytes, list[tuple[Place, int, bytes | None]]] = {}
        self.sources: set[int] = set()
        if not keys:
            return
        ids = {life.queue_id for life in origins.beginnings(run.engine) if life.key in keys}
        for key, queue_id, source, line, host in origins.beginnings(run.engine):
            if queue_id in ids:
                place = self.begins.setdefault(queue_id.encode(), [])
                place.append(((source, line), key, host.encode() if host else None))
        for lives in self.begins.values():
            lives.sort(key=lambda life: life[0])
        # A life may go on in any later input.
        first = min((lives[0][0][0] for lives in self.begins.values()), default=0)
        self.sources = {source.number for source in run.sources if source.number >= first}

    def claim(self, line: bytes, place: Place) -> bool:
        """True if the line belongs to a life that was asked for."""
        for found in ID.finditer(line, 0, FRONT):
            lives = self.begins.get(found[1])
            if lives is None:
                continue
            here = [life for life in lives if life[2] is None or life[2] in line]
            at = bisect_right([life[0] for life in here], place)
            if here:
                return here[max(at - 1, 0)][1] in self.keys
        return False
