"""Which bytes are read: paths become sources in reading order, oldest first."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailaudit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class InputWarning:
    """Something about an input that people should know. Kind `unreadable` makes the run end with exit code 3."""

    kind: str
    text: str
    source_file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, standard input or the journal."""

    number: int
    path: str
    size: int | None
    mtime: float | None
    named_date: dt.date | None
    compression: str

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start; may be called again."""
        return io.BufferedReader(io.FileIO(self.path), 1 << 16)


@dataclass(frozen=True, slots=True)
class Found:
    """The sources to read, in order, and what is to be said about the paths."""

    sources: list[Source]
    warnings: list[InputWarning] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find(paths: Sequence[str]) -> Found:
    """The sources that the paths name."""
    found = []
    for number, path in enumerate(paths):
        try:
            status = Path(path).stat()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from error
        found.append(Source(number, path, status.st_size, status.st_mtime, None, ""))
    return Found(found)
