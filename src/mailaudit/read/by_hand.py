"""Files that people write by hand are read whole, unless they are no such files: /dev/zero has no end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

LARGEST = 16 << 20
"""Bytes: more than anybody writes, little enough to hold."""


def text(path: str | Path, encoding: str = "utf-8") -> str:
    """Returns what a file says; raises OSError (too large, too) or UnicodeDecodeError."""
    with Path(path).open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
