"""Logs to be read: what they hold, how they are packed, and in which order they come."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

from mailaudit.read import sources
from mailaudit.read.blocks import blocks

if TYPE_CHECKING:
    from mailaudit.read.sources import Found

TEXT = b"".join(b"Jan  2 03:04:%02d mx1 postfix/qmgr[7]: 4E10AB%02d: removed\n" % (n % 60, n % 60) for n in range(2000))
DAY = 86_400
PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def content(found: Found, place: int = 0) -> bytes:
    """Everything in a source."""
    return b"".join(block.data for block in blocks(found.sources[place], 1 << 14))


def log(path: Path, day: int = 2, *, month: str = "Jan", host: str = "mx1", mtime: int | None = None) -> Path:
    """Writes a log of one line."""
    line = f"{month} {day:2} 03:04:05 {host} postfix/qmgr[7]: 4E10AB: removed {path.name}\n".encode()
    path.write_bytes(gzip.compress(line, mtime=0) if path.name.endswith(".gz") else line)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def order(*paths: Path) -> list[str]:
    """The names in reading order, which must not depend on the order of naming."""
    forwards = [Path(one.path).name for one in sources.find([str(path) for path in paths]).sources]
    backwards = [Path(one.path).name for one in sources.find([str(path) for path in reversed(paths)]).sources]
    assert forwards == backwards
    return forwards
