"""Zip archives, in which providers hand out their exports: each file in one is an input of its own.

Of an archive that is cut, and so has lost its list of files, the first file is read as far as it goes.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Self

from mailaudit.errors import InputError
from mailaudit.read.streams import Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailaudit.read.streams import Readable, Warn

MAGIC = b"PK\x03\x04"
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_DEFLATED = 8
_PIECE = 64 << 10
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
_LEFT_OUT = ("._", ".DS_Store")
"""What macOS puts beside the files of an archive and into its folders."""


def members(path: str, raw: Callable[[], BinaryIO]) -> list[tuple[str, int | None, Callable[[Warn], BinaryIO]]]:
    """Name and size of each file in an archive, and what opens it.

    Raises `InputError` for an archive with nothing in it, and for one with a password.
    """
    stream = _seekable(raw())
    with stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                found = [one for one in archive.infolist() if not one.is_dir() and one.file_size]
        except zipfile.BadZipFile:
            found = None
    if found is None:
        with _Cut(raw()) as first:
            if not first.read(1):
                raise InputError(f"{path} is no log: a zip archive, and a damaged one")
        return [("", None, lambda warn: _stream(_Cut(raw()), warn, cut=True))]
    found = [one for one in found if not one.filename.rpartition("/")[2].startswith(_LEFT_OUT)]
    if not found:
        raise InputError(f"{path} is a zip archive without a file in it")
    if any(one.flag_bits & 1 for one in found):
        raise InputError(f"{path} is a zip archive with a password", hint=f"unpack it first: unzip {path}")
    return [(one.filename, one.compress_size, _opener(raw, one.filename)) for one in found]


def _opener(raw: Callable[[], BinaryIO], name: str) -> Callable[[Warn], BinaryIO]:
    return lambda warn: _stream(_Inside(_seekable(raw()), name), warn)


def _stream(inside: Readable, warn: Warn, *, cut: bool = False) -> BinaryIO:
    return _Member(inside, warn, cut=cut)  # type: ignore[return-value]


def _seekable(stream: BinaryIO) -> BinaryIO:
    """The stream, or a copy of it in an unnamed temporary file: an archive's list of files stands at its end."""
    if stream.seekable():
        return stream
    copy = tempfile.TemporaryFile(prefix="mailaudit-")  # noqa: SIM115 (whoever reads it closes it)
    with stream:
        shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


class _Member(Made):
    """A file in an archive; of a damaged one, what can be decoded."""

    def __init__(self, stream: Readable, warn: Warn, *, cut: bool = False) -> None:
        super().__init__(stream)
        self._warn, self._cut = warn, cut

    def more(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        try:
            data = self._stream.read(size)
        except _ERRORS as error:
            self._warn("damaged", f"the zip data are damaged ({error}); read as far as they go")
            return b""
        if not data and self._cut:
            self._warn("truncated", "the zip archive ends too early; its first file is read as far as it goes")
            self._cut = False
        return data


class _Inside:
    """A file in an archive, with the archive that is closed with it."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._archive = zipfile.ZipFile(stream)
        self._file = self._archive.open(name)

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        return self._file.read(size)

    def close(self) -> None:
        """Closes the file and the archive."""
        self._file.close()
        self._archive.close()
        self._stream.close()


class _Cut:
    """The first file of an archive, without the archive's list of files."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = b""
        head = stream.read(_HEADER.size)
        self._decoder = None
        if len(head) == _HEADER.size:
            _, _, _, method, *_, name, extra = _HEADER.unpack(head)
            stream.read(name + extra)
            self._decoder = zlib.decompressobj(-15) if method == _DEFLATED else None

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        if self._decoder is None or self._decoder.eof:
            return b""
        while True:
            piece = self._left or self._stream.read(_PIECE)
            try:
                data = self._decoder.decompress(piece, size)
            except zlib.error:
                return b""
            self._left = self._decoder.unconsumed_tail
            if data or not piece or self._decoder.eof:
                return data

    def close(self) -> None:
        """Closes the archive."""
        self._stream.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()
