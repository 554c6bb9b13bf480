"""Where an answer goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mailaudit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(path: str | None) -> None:
    """Raises OutputError if a file of this name cannot be made; asked before the work, not after it."""
    if path is None or path == "-":
        return
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory")
    if _is_special(target):
        return
    folder = target.resolve().parent
    if not folder.is_dir():
        raise OutputError(f"cannot write {path}: there is no directory {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: no permission to make a file in {folder}")


@contextmanager
def opened(path: str | None) -> Iterator[TextIO]:
    """Gives the stream to write to; raises OutputError if writing fails."""
    try:
        if path is None or path == "-":
            yield from _standard_output()
        elif _is_special(Path(path)):
            with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:  # noqa: PTH123
                yield stream
        else:
            yield from _whole_file(Path(path).resolve())
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "standard output" if path in {None, "-"} else path
        raise OutputError(f"cannot write {name}: {error.strerror or error}") from error


def _standard_output() -> Iterator[TextIO]:
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):
        # No translation of line ends (CSV has its own), no failure on what the terminal's encoding lacks.
        stream.reconfigure(newline="", errors="backslashreplace")
    yield stream
    stream.flush()


def _whole_file(target: Path) -> Iterator[TextIO]:
    """A temporary neighbour that takes the name at the end, so that nobody ever reads half an answer."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            with suppress(FileNotFoundError):
                os.fchmod(stream.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_special(target: Path) -> bool:
    """True for what cannot be replaced by renaming: devices, pipes."""
    return target.exists() and not target.is_file()
