"""Lines fetched once more from where they stand, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from mailaudit.errors import InputError
from mailaudit.read.blocks import LINE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mailaudit.read.sources import Source

_PIECE = 256 << 10
_FAR = 4 << 20
"""Bytes to the next line beyond which a file is not read through but skipped."""


def raw_lines(sources: Sequence[Source], places: Iterable[tuple[int, int]]) -> list[bytes]:
    """The lines at (source number, byte offset), in the order asked for, without their newline.

    Each source is read once, forwards. Of a line longer than LINE_LIMIT only that much is given.
    Raises `InputError` where a source cannot be read any more.
    """
    asked = list(places)
    by_number = {source.number: source for source in sources}
    found: dict[tuple[int, int], bytes] = {}
    wanted: dict[int, list[int]] = {}
    for number, offset in sorted(set(asked)):
        wanted.setdefault(number, []).append(offset)
    for number, offsets in wanted.items():
        source = by_number[number]
        try:
            with source.open() as stream:
                for offset, line in zip(offsets, _lines_at(stream, offsets), strict=True):
                    found[number, offset] = line
        except OSError as error:
            raise InputError(
                f"{source.path} cannot be read again ({error.strerror or error}); the line stood at byte {offsets[0]}"
            ) from error
    return [found[place] for place in asked]


def _lines_at(stream: BinaryIO, offsets: Sequence[int]) -> Iterator[bytes]:
    """The lines at rising offsets of a decompressed stream; empty behind its end."""
    reader = Forward(stream)
    for offset in offsets:
        reader.to(offset)
        yield reader.line()


class Forward:
    """Reads a stream forwards from place to place; skips in files that allow it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._skips = stream.seekable()
        self._start = 0
        self._data = b""

    def close(self) -> None:
        """Closes the stream."""
        self._stream.close()

    def to(self, offset: int) -> None:
        """Goes on to an offset that is not before the one gone to last."""
        end = self._start + len(self._data)
        if offset > end + _FAR and self._skips:
            self._stream.seek(offset)
            self._start, self._data = offset, b""
        while offset > self._start + len(self._data):
            self._start += len(self._data)
            self._data = self._stream.read(_PIECE)
            if not self._data:
                return
        self._data = self._data[offset - self._start :]
        self._start = offset

    def line(self) -> bytes:
        """The line that begins here: without NULs in front, not longer than LINE_LIMIT."""
        data = self._data
        end = data.find(b"\n")
        while end < 0 and len(data) <= LINE_LIMIT and (piece := self._stream.read(_PIECE)):
            self._start, self._data = self._start + len(self._data), piece
            data = (data + piece).lstrip(b"\0")  # a hole of NULs may be of any size
            end = data.find(b"\n")
        return (data if end < 0 else data[:end]).lstrip(b"\0")[:LINE_LIMIT]

    def take(self, size: int) -> bytes:
        """The bytes from here on."""
        while len(self._data) < size and (piece := self._stream.read(size - len(self._data))):
            self._data += piece
        return self._data[:size]
