"""What streams that are made here have in common: decompressed, recoded, out of an archive, kept to be read again."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Protocol

Warn = Callable[[str, str], None]
"""Is told kind and text of what turns out to be missing or damaged."""
_PIECE = 1 << 20


class Readable(Protocol):
    """As much of a stream as is needed here."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; nothing at the end only."""

    def close(self) -> None:
        """Gives it back."""


def full(stream: Readable | BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, fewer only at the end: pipes and decompressors answer in small pieces."""
    pieces, missing = [], size
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Pieces(io.RawIOBase):
    """A stream whose bytes come piece by piece: `more` says what comes next."""

    def more(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        raise NotImplementedError

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fills the buffer as far as one piece of input allows."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self.more(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, all without a size; nothing at the end only."""
        return b"".join(iter(lambda: self.more(_PIECE), b"")) if size < 0 else self.more(size)


class Made(Pieces):
    """A stream made of another one, which is closed with it."""

    def __init__(self, stream: Readable | BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def close(self) -> None:
        """Closes the other stream, too."""
        if not self.closed:
            self._stream.close()
        super().close()
