"""Text that is not UTF-8 by its own declaration: UTF-16, as Windows writes it, is read as if it were UTF-8."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from mailaudit.read.streams import Made

if TYPE_CHECKING:
    from typing import BinaryIO

MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
LOOK = 64
"""Bytes that are looked at where there is no mark."""
_PIECE = 1 << 20


def encoding(head: bytes) -> str:
    """The name of the encoding that text beginning with these bytes has; empty for anything that UTF-8 is good for."""
    for mark, name in MARKS.items():
        # A damaged line may begin so, too; of UTF-16 every comma, brace and digit has a NUL.
        if head.startswith(mark) and (b"\0" in head or head == mark):
            return name
    some = head[: min(len(head), LOOK) // 2 * 2]
    if len(some) < 8:  # noqa: PLR2004 (too little to tell)
        return ""
    even, odd = some[::2], some[1::2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else ""


def as_utf8(stream: BinaryIO, name: str) -> BinaryIO:
    """The stream's text in UTF-8, without a mark in front; the stream itself if it needs no change."""
    return Transcoded(stream, name) if name else stream  # type: ignore[return-value]


class Transcoded(Made):
    """A stream of the text in UTF-8; what cannot be decoded is replaced."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        super().__init__(stream)
        self._decoder = codecs.getincrementaldecoder(name)("replace")
        self._ready = b""
        self._begun = self._ended = False

    def more(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        while not self._ready and not self._ended:
            piece = self._stream.read(_PIECE)
            self._ended = not piece
            text = self._decoder.decode(piece, final=not piece)
            if not self._begun and text:
                text, self._begun = text.removeprefix("\ufeff"), True
            self._ready = text.encode("utf-8", "replace")
        data, self._ready = self._ready[:size], self._ready[size:]
        return data
