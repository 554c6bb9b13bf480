"""A file that grows, followed through its rotation: what comes is handed on in whole lines.

A renamed file is read to its end before the new one of the name is begun; one that was cut short is begun again.
"""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from typing import Self

CHUNK = 4 << 20


class Tail:
    """One file by its name, or standard input (`-`)."""

    def __init__(self, path: str, *, before: int = 0) -> None:
        """Begins at the end of the file; with `before`, so many bytes earlier (at a line's beginning)."""
        self.path = path
        self._rest = b""
        self._stream: BinaryIO | None = None
        self._inode: tuple[int, int] | None = None
        self.behind = 0
        """Bytes that stood in the file when it was opened and are not read yet."""
        if path == "-":
            self._stream = sys.stdin.buffer
        else:
            self._open()
            self._seek(before)

    def _open(self) -> bool:
        try:
            stream = open(self.path, "rb")  # noqa: PTH123, SIM115 (kept open)
        except FileNotFoundError:
            return False
        state = os.fstat(stream.fileno())
        if self._stream is not None:
            self._stream.close()
        self._stream, self._inode = stream, (state.st_dev, state.st_ino)
        return True

    def _seek(self, before: int) -> None:
        if self._stream is None:
            return
        end = self._stream.seek(0, io.SEEK_END)
        start = self._stream.seek(max(0, end - before))
        if start:
            self._stream.seek(start - 1)
            self._stream.readline()
        self.behind = end - self._stream.tell()

    def read(self) -> bytes:
        """The whole lines that have come since; empty if none has."""
        if self.path == "-":
            return self._whole(self._piped())
        if self._stream is None:
            return self._whole(self._more()) if self._open() else b""
        data = self._more()
        if data:
            return self._whole(data)
        if self._replaced():
            last, self._rest = self._rest, b""
            self._open()
            # What the old file ended with had no newline, and never will.
            return (last + b"\n" if last else b"") + self._whole(self._more())
        return b""

    @property
    def ended(self) -> bool:
        """True for a standard input whose writer has gone."""
        return self.path == "-" and self._stream is None

    def _more(self) -> bytes:
        assert self._stream is not None  # noqa: S101 (read() looked)
        if os.fstat(self._stream.fileno()).st_size < self._stream.tell():
            self._stream.seek(0)  # cut short in place (copytruncate): what is there now is new
            self._rest = b""
        data = self._stream.read(CHUNK)
        self.behind = max(0, self.behind - len(data))
        return data

    def _piped(self) -> bytes:
        if self._stream is None or not select.select([self._stream], [], [], 0)[0]:
            return b""
        data = os.read(self._stream.fileno(), CHUNK)
        if not data:
            self._stream = None
            data, self._rest = (self._rest + b"\n" if self._rest else b""), b""
        return data

    def _replaced(self) -> bool:
        try:
            state = os.stat(self.path)  # noqa: PTH116 (one word)
        except FileNotFoundError:
            return False
        return (state.st_dev, state.st_ino) != self._inode

    def _whole(self, data: bytes) -> bytes:
        data = self._rest + data
        cut = data.rfind(b"\n") + 1
        self._rest = data[cut:]
        return data[:cut]

    def close(self) -> None:
        """Gives the file back."""
        if self._stream is not None and self.path != "-":
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
