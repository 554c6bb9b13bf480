"""A stream that can only be read once (standard input, the journal), made readable again from the start.

What has been read is kept in an unnamed temporary file, which the system removes however the program ends.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING, BinaryIO

from mailaudit.errors import InputError
from mailaudit.read.streams import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailaudit.read.streams import Readable

_PIECE = 1 << 20


class Spool:
    """Hands out any number of readers over one stream, which is begun when the first of them reads."""

    def __init__(self, begin: Callable[[], Readable], *, owned: bool = False) -> None:
        self._begin, self._owned = begin, owned
        self._stream: Readable | None = None
        self._kept = -1
        self._size = 0
        self._ended = False
        self._lock = threading.Lock()

    def open(self) -> BinaryIO:
        """A reader at the start of the stream."""
        return _Reader(self)  # type: ignore[return-value]

    def read_at(self, offset: int, size: int) -> bytes:
        """Bytes of the stream; nothing at its end only."""
        with self._lock:
            while offset >= self._size and not self._ended:
                self._fetch()
            size = min(size, self._size - offset)
            return os.pread(self._kept, size, offset) if size > 0 else b""

    def _fetch(self) -> None:
        if self._stream is None:
            self._stream = self._begin()
            with tempfile.TemporaryFile(prefix="mailaudit-") as kept:
                self._kept = os.dup(kept.fileno())
            weakref.finalize(self, os.close, self._kept)
        read = getattr(self._stream, "read1", self._stream.read)
        data = read(_PIECE)
        self._ended = not data
        if self._ended and self._owned:
            self._stream.close()
        try:
            while data:
                written = os.pwrite(self._kept, data, self._size)
                self._size += written
                data = data[written:]
        except OSError as error:
            raise InputError(
                f"the input cannot be kept in {tempfile.gettempdir()}: {error.strerror}",
                hint="name another directory with enough room: TMPDIR=/path mailaudit …",
            ) from error


class _Reader(Pieces):
    """One reading of a spool."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool, self._offset = spool, 0

    def more(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        data = self._spool.read_at(self._offset, size)
        self._offset += len(data)
        return data
