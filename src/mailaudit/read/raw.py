"""Lines fetched once more from where they stand, byte for byte."""

from __future__ import annotations

from typing import BinaryIO

from mailaudit.read.blocks import LINE_LIMIT

_PIECE = 256 << 10
_FAR = 4 << 20
"""Bytes to the next line beyond which a file is not read through but skipped."""


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
