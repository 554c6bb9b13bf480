"""A source is cut into blocks of whole lines, with exact line numbers and byte offsets.

Lines that only make sense together stay in one block: the parts of a line that a container runtime split, a
`last message repeated` with the line that it repeats, and what Postfix says of a message before that has a queue id
with the lines behind it. So every block can be read without its neighbours.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

import polars as pl
import stringzilla

from mailaudit.read.streams import full

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LIMIT = 64 << 10
"""Bytes of a line that are looked at; the rest of a longer one is passed over."""

MOST_LINES = 1_000_000
"""Lines of a block: a row takes memory, too, however short its line is."""

_LOOK_BACK = 4096
"""How many lines a cut moves back at most for lines that belong together."""


_AHEAD = (b": NOQUEUE: hold: ", b": NOQUEUE: discard: ", b": NOQUEUE: milter-discard: ")
"""Lines about a message that gets its queue id in one of the next lines (see `link.verdicts`)."""
_NEAR = 32 << 10
"""Bytes within which that line follows."""

_WINDOW = 64 << 10
"""Bytes at the end of a block of a plain file in which its last lines are looked for before it is read."""


class Opened(Protocol):
    """What `blocks` needs of a source."""

    @property
    def number(self) -> int:
        """Its place in the order of reading."""

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole lines; only the last line of a source may lack its newline."""

    source: int
    number: int
    data: bytes
    first_line: int
    offset: int


def blocks(source: Opened, size: int, *, counted: bool = True) -> Iterator[Block]:
    """Yields the source in blocks of about `size` bytes; memory stays within a few times `size` whatever the lines.

    Not `counted`, their first lines have no numbers, and none is divided because its lines are too many.
    """
    divided = _parts if counted else _undivided
    number, line, offset, carry = 0, 1, 0, b""
    with source.open() as stream:
        while True:
            if not carry and (length := _planned(stream, size)):
                whole = full(stream, length)
                if len(whole) < length:  # it was truncated meanwhile
                    carry = whole
                    continue
                for part, lines in divided(whole):
                    yield Block(source.number, number, part, line, offset)
                    number, line, offset = number + 1, line + lines, offset + len(part)
                continue
            data = full(stream, size)
            at_end = len(data) < size
            data = carry + data if carry else data
            if not data:
                return
            cut = len(data) if at_end else _cut(data)
            if cut == 0 and len(data) < max(size, LINE_LIMIT):
                carry = data
                continue
            if cut:
                whole, carry = data[:cut] if cut < len(data) else data, data[cut:]
                for part, lines in divided(whole):
                    yield Block(source.number, number, part, line, offset)
                    number, line, offset = number + 1, line + lines, offset + len(part)
            else:
                whole, length, carry = _overlong(data, stream, size)
                yield Block(source.number, number, whole, line, offset)
                number, line, offset = number + 1, line + count_lines(whole), offset + length
            if at_end and not carry:
                return  # what is written from now on is not read


def _parts(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The data with their number of lines; in several parts where there are too many lines, which are short then."""
    lines = count_lines(data)
    cut = _cut(data[: len(data) // 2]) if lines > MOST_LINES else 0
    if cut:
        yield from _parts(data[:cut])
        yield from _parts(data[cut:])
    else:
        yield data, lines


def _undivided(data: bytes) -> Iterator[tuple[bytes, int]]:
    yield data, 0


def scan(data: bytes) -> pl.LazyFrame:
    r"""One column `line`, a row for each line that ends in \n or at the end of the data; empty lines are null."""
    return pl.scan_csv(data, has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String})


def packed(data: bytes) -> bool:
    """True if the data begin like something compressed, which `scan` would take for a file to unpack."""
    return data.startswith(_PACKED)


_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
"""How gzip, zstd and zlib data begin; a line of a log may begin so, too."""


def count_lines(data: bytes) -> int:
    """How many lines `scan` would give."""
    newlines: int = stringzilla.count(data, b"\n")
    return newlines + (not data.endswith(b"\n") and bool(data))


def _planned(stream: BinaryIO, size: int) -> int:
    """How many bytes of a plain file make a block of whole lines, so that it need not be copied; 0: not known."""
    if not isinstance(stream, io.FileIO):
        return 0
    before = stream.tell() + size - _WINDOW
    window = os.pread(stream.fileno(), _WINDOW, before) if size > _WINDOW else b""
    cut = _before_last(window) if len(window) == _WINDOW else 0
    return size - _WINDOW + cut if cut else 0


def _cut(data: bytes) -> int:
    """Where the block ends: before the last whole line, or earlier where lines belong together; 0 without a newline."""
    return _before_last(data) or data.rfind(b"\n") + 1


def _before_last(data: bytes) -> int:
    """Where the last whole line begins, or lines that belong to it; 0 if that is not among these."""
    cut = data.rfind(b"\n") + 1
    for _ in range(_LOOK_BACK):
        if cut == 0:
            break
        end, cut = cut, data.rfind(b"\n", 0, cut - 1) + 1
        if cut and not _repeats(data[cut : min(end, cut + 200)]) and not _goes_on(data, cut):
            return _before_ahead(data, cut) or cut
    return 0


def _before_ahead(data: bytes, cut: int) -> int:
    """Where the first of the near lines begins that speak of a message to come; 0 if there is none."""
    near = max(cut - _NEAR, cut // 2)
    found = [at for words in _AHEAD if (at := data.find(words, near, cut)) >= 0]
    return data.rfind(b"\n", 0, min(found)) + 1 if found else 0


def _repeats(line: bytes) -> bool:
    return b"last message repeated " in line


def _goes_on(data: bytes, end: int) -> bool:
    """True if the line that ends at `end` is a part of one that a container runtime split (docker json-file, CRI)."""
    start = data.rfind(b"\n", 0, end - 1) + 1
    head = data[start : min(end, start + 64)]
    if head.startswith(b'{"log":"'):
        return b'\\n","' not in data[max(start, end - 400) : end] and b'\\n"}' not in data[max(start, end - 8) : end]
    fields = head.split(b" ", 3)
    return len(fields) > 2 and fields[2] == b"P" and fields[1] in (b"stdout", b"stderr")  # noqa: PLR2004


def _overlong(data: bytes, stream: BinaryIO, size: int) -> tuple[bytes, int, bytes]:
    """What is kept of a line longer than a block, how many bytes it has in the stream, and what follows it.

    NULs in front are dropped: a writer that does not append leaves a hole of any size after its file was truncated.
    """
    kept, length = data.lstrip(b"\0")[: LINE_LIMIT + 1], len(data)
    while piece := stream.read(size):
        end = piece.find(b"\n")
        part = piece if end < 0 else piece[:end]
        if len(kept) <= LINE_LIMIT:
            kept = (kept + part).lstrip(b"\0")[: LINE_LIMIT + 1]
        length += len(part)
        if end >= 0:
            return kept + b"\n", length + 1, piece[end + 1 :]
    return kept, length, b""
