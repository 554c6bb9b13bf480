"""Compressed files, recognised by their first bytes and decompressed as streams.

Several members in one file are one stream. Of a damaged or cut file everything that can be decoded is given, and then
a warning instead of an error: the last days of a log matter most when something broke.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

from mailaudit.read.streams import Made

if TYPE_CHECKING:
    from typing import BinaryIO

    from mailaudit.read.streams import Warn

MAGIC = {
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zst",
}

FOREIGN = {
    b"\x1f\x9d": "compressed by compress(1); decompress it first: uncompress FILE",
    b"LPKSHHRH": "a journal file; read it with: journalctl --file FILE -o json --all | mailaudit stats -",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
}
"""First bytes of what cannot be read, and what to do about it."""

_PIECE = {"gz": 64 << 10, "bz2": 64 << 10, "xz": 64 << 10, "zst": 8 << 10}
"""Compressed bytes decoded at a time. A zstd decoder takes no limit for its output, so it gets little at once."""

_SIP, _GULP = 64, 1024
"""…and that in pieces growing from the one to the other, while little comes out: 3 bytes can stand for 128 KiB."""

_OUTPUT = 1 << 20
"""Bytes decoded at a time at most, by the others."""

_ERRORS = (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError, ValueError)


class _Decoder(Protocol):
    """What the four libraries have in common."""

    @property
    def eof(self) -> bool:
        """True at the end of a member."""

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""


def compression(head: bytes) -> str:
    """The name of the compression that a file beginning with these bytes has; empty for none."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def foreign(head: bytes) -> str | None:
    """What a file beginning with these bytes is, if it is known to be no log."""
    return next((text for magic, text in FOREIGN.items() if head.startswith(magic)), None)


def gzip_time(head: bytes) -> float | None:
    """Epoch seconds at which the file inside was last written, as a gzip header tells."""
    seconds = int.from_bytes(head[4:8], "little") if head.startswith(b"\x1f\x8b") else 0
    return float(seconds) if seconds else None


def decompress(stream: BinaryIO, name: str, warn: Warn) -> BinaryIO:
    """The stream's content; `warn` is told kind and text if that is not all of it."""
    return Decompressed(stream, name, warn) if name else stream  # type: ignore[return-value]


class Decompressed(Made):
    """A stream of the decoded bytes of all members, in order."""

    def __init__(self, stream: BinaryIO, name: str, warn: Warn) -> None:
        super().__init__(stream)
        self._name, self._warn = name, warn
        self._decoder = _new(name)
        self._input = b""
        self._ready = b""
        self._ended = False

    def more(self, size: int) -> bytes:
        """Up to `size` decoded bytes; nothing at the end only."""
        while not self._ready and not self._ended:
            self._ready = self._decode()
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _decode(self) -> bytes:
        """The next decoded piece; may be empty before the end."""
        if self._decoder.eof:
            self._next_member()
            return b""
        if not self._input and _hungry(self._decoder):
            self._input = self._stream.read(_PIECE[self._name])
            if not self._input:
                return self._last()
        before = self._decoder.copy() if isinstance(self._decoder, _Zlib) else None
        try:
            data, self._input = _step(self._decoder, self._input)
        except _ERRORS as error:
            self._ended = True
            self._warn("damaged", f"the {self._name} data are damaged ({error}); read as far as they go")
            return b"" if before is None else _salvage(before, self._input)
        return data

    def _last(self) -> bytes:
        """What the decoder still holds when its input ends within a member."""
        data = self._decoder.decompress(b"", _OUTPUT) if isinstance(self._decoder, _Zlib) else b""
        if not data and not self._decoder.eof:
            self._ended = True
            self._warn("truncated", f"the {self._name} data end too early; read as far as they go")
        return data

    def _next_member(self) -> None:
        """Begins with the next member; zeros between members are padding."""
        rest = self._decoder.unused_data + self._input
        while not (rest := rest.lstrip(b"\0")):
            if not (rest := self._stream.read(_PIECE[self._name])):
                self._ended = True
                return
        while len(rest) < max(map(len, MAGIC)) and (more := self._stream.read(_PIECE[self._name])):
            rest += more
        name = compression(rest)
        if not name:
            self._ended = True
            self._warn("damaged", f"something that is not {self._name} data follows the {self._name} data; not read")
            return
        self._name, self._decoder, self._input = name, _new(name), rest


_Zlib = type(zlib.decompressobj())


def _salvage(decoder: zlib._Decompress, data: bytes) -> bytes:
    """What can be decoded before the damage (or of sound data with a wrong checksum), byte by byte."""
    pieces = []
    for byte in memoryview(data):
        try:
            pieces.append(decoder.decompress(bytes((byte,))))
        except zlib.error:
            break
    return b"".join(pieces)


def _new(name: str) -> _Decoder:
    if name == "gz":
        return zlib.decompressobj(wbits=31)
    if name == "bz2":
        return bz2.BZ2Decompressor()
    if name == "xz":
        return lzma.LZMADecompressor()
    return zstandard.ZstdDecompressor().decompressobj()


def _hungry(decoder: _Decoder) -> bool:
    """True if the decoder has nothing left to give without more input."""
    return bool(getattr(decoder, "needs_input", True))


def _step(decoder: _Decoder, data: bytes) -> tuple[bytes, bytes]:
    """Decoded bytes, and what of the input is to be given again."""
    if isinstance(decoder, bz2.BZ2Decompressor | lzma.LZMADecompressor):
        return decoder.decompress(data, _OUTPUT), b""
    if isinstance(decoder, _Zlib):
        out = decoder.decompress(data, _OUTPUT)
        return out, decoder.unconsumed_tail
    out, at = b"", 0
    while at < len(data) and len(out) < _OUTPUT and not decoder.eof:
        end = at + min(max(at, _SIP), _GULP)
        out += decoder.decompress(data[at:end])  # type: ignore[attr-defined]
        at = end
    return out, data[at:]
