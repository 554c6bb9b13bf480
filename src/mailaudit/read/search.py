"""Finds lines by a piece of text in them, about as fast as `grep -F`, in compressed inputs too."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from mailaudit.read.blocks import LINE_LIMIT, count_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailaudit.read.blocks import Opened

_PIECE = 1 << 20
_COUNTED = 16 << 20
_LONGEST = 4 << 20
"""Bytes of one line beyond which only its beginning is kept."""


def grep(source: Opened, token: bytes) -> Iterator[tuple[int, bytes]]:
    """The byte offset and the bytes, without newline, of each line that contains the token, in order.

    Of a line of several megabytes only the first LINE_LIMIT bytes are given.
    """
    if not token or b"\n" in token:
        return
    with source.open() as stream:
        start, carry = 0, b""
        while piece := stream.read(_PIECE):
            data = carry + piece if carry else piece
            end = data.rfind(b"\n") + 1
            for at, line in _hits(data, token, end):
                yield start + at, line
            start, carry = start + end, data[end:]
            if len(carry) > _LONGEST:
                hit, length, rest = _overlong(stream, carry, token)
                if hit:
                    yield start, carry[:LINE_LIMIT]
                start, carry = start + length, rest
        for at, line in _hits(carry, token, len(carry)):
            yield start + at, line


def numbers(source: Opened, offsets: Iterable[int]) -> list[int]:
    """The line number, from 1, of each of the rising byte offsets."""
    found, at, line = [], 0, 1
    with source.open() as stream:
        for offset in offsets:
            while at < offset and (piece := stream.read(min(_COUNTED, offset - at))):
                line += count_lines(piece) - (not piece.endswith(b"\n"))
                at += len(piece)
            found.append(line)
    return found


def _overlong(stream: BinaryIO, line: bytes, token: bytes) -> tuple[bool, int, bytes]:
    """Whether the token is in a line that goes on in the stream, its length with the newline, and what follows it."""
    hit, length, tail = token in line, len(line), line[-len(token) :]
    while piece := stream.read(_PIECE):
        end = piece.find(b"\n")
        part = piece if end < 0 else piece[:end]
        hit = hit or token in tail + part
        length += len(part)
        if end >= 0:
            return hit, length + 1, piece[end + 1 :]
        tail = (tail + part)[-len(token) :]
    return hit, length, b""


def _hits(data: bytes, token: bytes, end: int) -> Iterator[tuple[int, bytes]]:
    at = data.find(token, 0, end)
    while at >= 0:
        first = data.rfind(b"\n", 0, at) + 1
        last = data.find(b"\n", at, end)
        last = end if last < 0 else last
        yield first, data[first:last]
        at = data.find(token, last, end)
