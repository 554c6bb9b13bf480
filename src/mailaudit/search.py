"""Finds the lines that hold a token in the bytes of a source, whatever its size, and samples it on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import stringzilla

from mailaudit.read.blocks import Block, blocks, count_lines
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from mailaudit.read.sources import Source

BLOCK = 4 << 20
"""Bytes that are searched at once."""
SPOTS = 48
"""Places of a source at which its clock is read, apart from the lines searched for."""
SPOT = 16 << 10
"""Bytes of such a place."""
EARLIER = 1 << 20
"""Bytes before the line that gives out a queue id in which smtpd may have told of the message's fate."""
_BEGUN = re.compile(rb"(/smtpd\[[0-9]+\]: )[0-9A-Za-z]+: client=")
_EARLY = re.compile(rb"/smtpd\[[0-9]+\]: NOQUEUE: (?:hold|discard|milter-discard): ")


_GIVEN_UP = re.compile(
    rb"[0-9a-f]{16} m[td]a (?:event=)?delivery evpid=[0-9a-f]{16} from=<([^>]+)> .*result=\"?(?:PermFail|LoopDetected)"
    rb"|[a-z]+: (?:Expire|PermFail) for [0-9a-f]{16}: .*?from=<(?P<also>[^>]+)>"
)
_TO_SENDER = re.compile(rb" from=<> to=<[^>]*>")
LATER = 1 << 20
"""Bytes behind the line with which OpenSMTPD gave mail up within which its notice to the sender stands."""

Hit = tuple[int, int, bytes, bool]
"""Offset, line number, line, and whether it is only a sample."""


@dataclass(slots=True)
class Lines:
    """Whole lines of one source, by byte offset: their number and bytes."""

    at: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    counted: dict[tuple[int, int], int] = field(default_factory=dict)
    """How many lines the blocks of the source have, by offset and size."""


@dataclass(slots=True)
class Notices:
    """OpenSMTPD's notices to the senders of what it gave up: no line names both, but they stand close together."""

    tokens: set[bytes] = field(default_factory=set)
    given_up: dict[int, list[int]] = field(default_factory=dict)
    """By source, where the lines stand with which mail was given up."""

    def told(self, source: int, new: dict[int, tuple[int, bytes]]) -> set[bytes]:
        """What stands on the lines of notices about mail that these lines give up."""
        found = {at: failed for at, (_, line) in new.items() if (failed := _GIVEN_UP.search(line)) is not None}
        self.given_up.setdefault(source, []).extend(found)
        tokens = {b" from=<> to=<" + (failed[1] or failed["also"]) + b">" for failed in found.values()}
        self.tokens |= tokens
        return tokens

    def without_others(self, source: int, hits: Iterable[Hit], tokens: Iterable[bytes]) -> Iterator[Hit]:
        """Leaves out notices to the same senders about other mail, on which none of the other tokens stands."""
        others = [token for token in tokens if token not in self.tokens]
        for hit in hits:
            offset, _, line, sample = hit
            to = _TO_SENDER.search(line) if self.tokens and not sample else None
            alone = to is not None and to[0] in self.tokens and not any(token in line for token in others)
            if not alone or any(0 <= offset - at <= LATER for at in self.given_up.get(source, ())):
                yield hit


def search(
    source: Source, tokens: list[bytes], known: Lines | None = None, *, sample: bool = False, folded: bool = False
) -> Generator[Hit]:
    """Yields (offset, line number, line, whether it is only a sample) of every line that holds one of the tokens.

    `folded`: in upper or lower case. What was counted of the source in searches before is `known`, and added to.
    """
    counted = {} if known is None else known.counted
    tokens = [token.lower() for token in tokens] if folded else tokens
    every = max((source.size or 0) // SPOTS, SPOT) if sample else 0
    due, offset, first_line, data = 0, 0, 1, b""
    for block in blocks(source, BLOCK, counted=False):
        first_line += counted.get((offset, len(data)), 0)
        offset, data = block.offset, block.data
        if (offset, len(data)) not in counted:
            counted[offset, len(data)] = count_lines(data)
        line, last = first_line, 0
        searched = data.lower() if folded else data
        found = {_bounds(data, at) for token in tokens for at in _each(searched, token)}
        for begin, stop in sorted(found | {early for line in found for early in _said_before(data, *line)}):
            line, last = line + data.count(b"\n", last, begin), begin
            yield offset + begin, line, data[begin:stop], False
        begin = 0  # of a block, its beginning will do, whose line number is known
        while sample and due < offset + len(data):
            yield from _spot(data, begin, offset, first_line)
            due += every
            begin = due - offset
    if sample:
        yield from _spot(data, max(len(data) - SPOT, 0), offset, first_line)


def _each(data: bytes, token: bytes) -> Iterator[int]:
    at = stringzilla.find(data, token)
    while at >= 0:
        yield at
        at = stringzilla.find(data, token, at + 1)


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Returns begin and end of the line around a position."""
    stop = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, len(data) if stop < 0 else stop + 1


def _said_before(data: bytes, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """The lines in which smtpd told what it does with a message before it gave it its queue id (`link.verdicts`)."""
    if (client := _BEGUN.search(data, begin, stop)) is None:
        return
    process, oldest = client[1], max(begin - EARLIER, 0)
    while (at := data.rfind(process, oldest, begin)) >= 0:
        begin, stop = _bounds(data, at)
        line = data[begin:stop]
        if _BEGUN.search(line) or b"]: connect from " in line:
            return
        if _EARLY.search(line):
            yield begin, stop


def _spot(data: bytes, at: int, offset: int, number: int) -> Iterator[tuple[int, int, bytes, bool]]:
    """Yields the whole lines of one spot."""
    end = len(data)
    begin = 0 if at == 0 else data.find(b"\n", at, end) + 1
    if at and not begin:
        return
    number += data.count(b"\n", 0, begin)
    last = min(begin + SPOT, end)
    while begin < last:
        stop = data.find(b"\n", begin, end)
        stop = end if stop < 0 else stop + 1
        yield offset + begin, number, data[begin:stop], True
        begin, number = stop, number + 1


def framed(kept: Lines) -> pl.DataFrame:
    """The lines as `read.lines` gives them, with their own numbers and offsets."""
    order = sorted(kept.at)
    text = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in (kept.at[at][1] for at in order))
    frame = lines(Block(0, 0, text, 1, 0))
    numbers = pl.Series("no", [kept.at[at][0] for at in order], dtype=pl.UInt32)
    return frame.with_columns(numbers, pl.Series("offset", order, dtype=pl.Int64))
