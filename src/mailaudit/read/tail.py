"""A file that grows, followed through its rotation: what comes is handed on in whole lines.

A renamed file is read to its end before the new one of the name is begun, and looked at for some seconds more: a logger
writes there until it is told of the rotation.  One that was cut short is begun again.
"""

from __future__ import annotations

import io
import os
import select
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from typing import Self

PIECE = 4 << 20
"""Bytes that are read at once."""
LINGER = 5.0
"""Seconds for which a file that was renamed is still read."""
SEEN = 64
"""Bytes before the present place by which a file is known to be still the one that was read."""


class _Lines:
    """Bytes that come piece by piece, as whole lines."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> bytes:
        """The lines that are complete now."""
        data = self._rest + data
        cut = data.rfind(b"\n") + 1
        self._rest = data[cut:]
        return data[:cut]

    def last(self) -> bytes:
        """What is left at the end; it had no newline, and never will."""
        rest, self._rest = self._rest, b""
        return rest + b"\n" if rest else b""


class _File(_Lines):
    """One file, whatever it is called meanwhile."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self.stream = stream
        state = os.fstat(stream.fileno())
        self.inode = (state.st_dev, state.st_ino)
        self._seen = b""

    def seek(self, before: int) -> int:
        """Goes so many bytes before the end, to the beginning of a line; how many there are from there."""
        end = self.stream.seek(0, io.SEEK_END)
        start = self.stream.seek(max(0, end - before))
        if start:
            self.stream.seek(start - 1)
            self.stream.readline()
        at = self.stream.tell()
        self._seen = os.pread(self.stream.fileno(), min(SEEN, at), max(0, at - SEEN))
        return end - at

    def more(self) -> bytes:
        """What came since; from the beginning, if the file was cut short in place (copytruncate)."""
        at = self.stream.tell()
        if os.fstat(self.stream.fileno()).st_size < at or self._rewritten(at):
            self.stream.seek(0)
            self._rest = self._seen = b""
        data = self.stream.read(PIECE)
        self._seen = (self._seen + data)[-SEEN:]
        return data

    def _rewritten(self, at: int) -> bool:
        """Whether other bytes stand where we have read: it was cut short, and has grown again since."""
        size = len(self._seen)
        return bool(size) and os.pread(self.stream.fileno(), size, at - size) != self._seen


class Tail:
    """One file by its name, or standard input (`-`)."""

    def __init__(self, path: str, *, before: int = 0) -> None:
        """Begins at the end of the file; with `before`, so many bytes earlier (at a line's beginning)."""
        self.path = path
        self.behind = 0
        """Bytes that stood in the file when it was opened and are not read yet."""
        self._input: BinaryIO | None = None
        self._piped = _Lines()
        self._file: _File | None = None
        self._former: _File | None = None
        self._until = 0.0
        if path == "-":
            self._input = sys.stdin.buffer
        else:
            self._file = self._opened()
            self.behind = self._file.seek(before) if self._file else 0

    def _opened(self) -> _File | None:
        try:
            return _File(open(self.path, "rb"))  # noqa: PTH123 (kept open)
        except FileNotFoundError:
            return None

    def read(self) -> bytes:
        """The whole lines that have come since; empty if none has."""
        if self.path == "-":
            return self._from_pipe()
        if self._former is not None and (late := self._late()):
            return late
        if self._file is None:
            self._file = self._opened()
        data = self._file.more() if self._file else b""
        self.behind = max(0, self.behind - len(data))
        if data and self._file:
            return self._file.whole(data)
        return self._turned() if self._replaced() else b""

    def _turned(self) -> bytes:
        """Begins the new file of the name; the old one is kept at hand, and may have had the last word."""
        if self._former is not None:
            self._former.stream.close()
        self._former, self._until = self._file, time.monotonic() + LINGER
        self._file = self._opened()
        return self._late() or (self._file.whole(self._file.more()) if self._file else b"")

    def _late(self) -> bytes:
        """What still came to the renamed file; after some seconds it is given back."""
        former = self._former
        if former is None:
            return b""
        data = former.whole(former.more())
        if not data and time.monotonic() > self._until:
            data = former.last()
            former.stream.close()
            self._former = None
        return data

    @property
    def ended(self) -> bool:
        """True for a standard input whose writer has gone."""
        return self.path == "-" and self._input is None

    def _from_pipe(self) -> bytes:
        if self._input is None or not select.select([self._input], [], [], 0)[0]:
            return b""
        data = os.read(self._input.fileno(), PIECE)
        if data:
            return self._piped.whole(data)
        self._input = None
        return self._piped.last()

    def _replaced(self) -> bool:
        if self._file is None:
            return False
        try:
            state = os.stat(self.path)  # noqa: PTH116 (one word)
        except FileNotFoundError:
            return False
        return (state.st_dev, state.st_ino) != self._file.inode

    def close(self) -> None:
        """Gives the files back."""
        for file in (self._file, self._former):
            if file is not None:
                file.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
