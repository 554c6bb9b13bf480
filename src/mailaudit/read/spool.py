"""A stream that can only be read once (standard input, the journal), made readable again from the start.

What has been read is kept in an unnamed temporary file, which the system removes however the program ends.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
from typing import TYPE_CHECKING, BinaryIO, Protocol

from mailaudit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 1 << 20


class Readable(Protocol):
    """What is spooled."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end only."""


class Spool:
    """Hands out any number of readers over one stream, which is begun when the first of them reads."""

    def __init__(self, begin: Callable[[], Readable]) -> None:
        self._begin = begin
        self._stream: Readable | None = None
        self._kept: BinaryIO | None = None
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
            if self._kept is None:
                return b""
            return os.pread(self._kept.fileno(), min(size, self._size - offset), offset) if offset < self._size else b""

    def _fetch(self) -> None:
        if self._stream is None or self._kept is None:
            self._stream, self._kept = self._begin(), tempfile.TemporaryFile(prefix="mailaudit-")  # noqa: SIM115
        read = getattr(self._stream, "read1", self._stream.read)
        data = read(_PIECE)
        if not data:
            self._ended = True
            return
        try:
            self._kept.write(data)
            self._kept.flush()
        except OSError as error:
            raise InputError(
                f"Input cannot be kept in {tempfile.gettempdir()}: {error.strerror}",
                hint="Name another directory with enough room: TMPDIR=/path mailaudit …",
            ) from error
        self._size += len(data)


class _Reader(io.RawIOBase):
    """One reading of a spool."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool, self._offset = spool, 0

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        data = self._spool.read_at(self._offset, size)
        self._offset += len(data)
        return data
