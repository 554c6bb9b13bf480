"""What people type becomes names of files: directories, globs, `-`; and what they mistype becomes a suggestion."""

from __future__ import annotations

import difflib
import glob
import itertools
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.errors import InputError
from mailaudit.read import archives, containers, encodings, kinds, mailboxes, names, probe, system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN, JOURNAL = "-", "journal"


def expand(paths: Sequence[str]) -> tuple[list[str], list[tuple[str, InputError]]]:
    """The files that the paths name, and the error of each path that names none."""
    found: list[str] = []
    failures: list[tuple[str, InputError]] = []
    for path in paths:
        try:
            found.extend(_expand(path))
        except InputError as error:
            failures.append((path, error))
        except OSError as error:
            failures.append((path, system.refusal(path, error)))
    return list(dict.fromkeys(found)), failures


def _expand(path: str) -> list[str]:
    if path == STDIN:
        return [path]
    if not path:  # `mailaudit stats "$LOG"`, and LOG was never set: the directory one is in would be read instead
        raise InputError("one of the paths is empty", hint="is a variable of your script unset?")
    try:
        there = Path(path)
        if there.is_dir():
            return [path] if mailboxes.is_maildir(there) else _directory(there)
        if os.path.lexists(path):
            return [path]
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{path!r} cannot be the name of a file") from error
    if glob.has_magic(path):
        if found := _matching(path):
            return found
        raise InputError(f"no file matches {path}", hint=_near(path))
    raise InputError(f"there is no {path}", hint=_near(path))


def _matching(pattern: str) -> list[str]:
    """The files that match; `**` follows no symbolic links, which may lead in circles."""
    first, *parts = Path(pattern).parts
    if "**" not in parts and first != "**":
        return sorted(one for one in glob.glob(pattern) if not Path(one).is_dir())  # noqa: PTH207
    plain = list(itertools.takewhile(lambda part: not glob.has_magic(part), (first, *parts)))
    rest = [first, *parts][len(plain) :]
    found = Path(*plain).glob("/".join([*rest, "*"] if rest[-1] == "**" else rest))
    return sorted(str(one) for one in set(found) if not one.is_dir())


def facts(path: str) -> tuple[int | None, float | None]:
    """Size and time of last writing of a regular file; of a pipe neither means anything."""
    try:
        status = Path(path).stat()
    except OSError as error:
        raise system.refusal(path, error) from error
    if stat.S_ISCHR(status.st_mode) and not Path(path).samefile(os.devnull) and not _is_terminal(path):
        raise InputError(f"{path} is a device, and no file", hint="to read from a program: PROGRAM | mailaudit stats -")
    return (status.st_size, status.st_mtime) if stat.S_ISREG(status.st_mode) else (None, None)


def _is_terminal(path: str) -> bool:
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123
            return stream.isatty()
    except OSError:
        return False


def _directory(directory: Path) -> list[str]:
    """The mail logs in a directory by their names, or else all files in it that look like logs, or are mails.

    If there are none, the mail logs in the directories below: hosts that collect logs of others keep one for each.
    """
    files = sorted(str(one) for one in directory.iterdir() if one.is_file() and not one.name.startswith("."))
    logs = [one for one in files if names.is_mail_log(one)] or [one for one in files if _looks_like_log(one)]
    if not logs and not (logs := sorted(_below(directory))):
        raise InputError(f"there is no mail log in {directory}", hint=f"name the log: mailaudit stats {directory}/FILE")
    return logs


def _below(directory: Path) -> Iterator[str]:
    """The mail logs in all directories below one, by their names alone; symbolic links are not followed."""
    for place, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if not name.startswith(".")]
        for name in files:
            path = Path(place, name)
            if not name.startswith(".") and names.is_mail_log(str(path)) and path.is_file():
                yield str(path)


def _looks_like_log(path: str) -> bool:
    """True if there is a line with a time in its beginning; also if it may not be read, which is then said."""
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123
            head = stream.read(16)
        if head.startswith(archives.MAGIC) or encodings.encoding(head):
            return True
        name = containers.compression(head)
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123
            look = probe.look(containers.decompress(stream, name, lambda _kind, _text: None))
            return look.stamped or kinds.kind(look.head) != "lines"
    except OSError:
        return True


def _near(path: str) -> str | None:
    """Names in the same directory that differ little."""
    parent, name = Path(path).parent, Path(path).name
    try:
        there = [one.name for one in parent.iterdir()]
    except OSError:
        above = parent.parent
        close = (
            difflib.get_close_matches(parent.name, [one.name for one in above.iterdir()], 1) if above.is_dir() else []
        )
        return f"there is no directory {parent}" + (f"; did you mean {above / close[0]}?" if close else "")
    longer = [one for one in sorted(there) if one.startswith(name)]
    close = difflib.get_close_matches(name, there, 3, cutoff=0.6)
    suggestions = list(dict.fromkeys([*close, *longer]))[:3]
    return "did you mean " + " or ".join(str(parent / one) for one in suggestions) + "?" if suggestions else None
