"""Which bytes are read: paths, directories, globs and `-` become sources in reading order, oldest first."""

from __future__ import annotations

import functools
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailaudit.errors import InputError
from mailaudit.model.request import Warning
from mailaudit.read import archives, containers, copies, encodings, kinds, mailboxes, names, order, probe, system
from mailaudit.read import paths as given
from mailaudit.read.spool import Spool
from mailaudit.read.streams import full

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from mailaudit.read.kinds import Kind
    from mailaudit.read.probe import Look
    from mailaudit.read.streams import Warn


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, standard input or the journal."""

    number: int
    """Its place in the order of reading, from 0."""
    path: str
    """As shown to people; `-` is standard input, `journal` the journal."""
    size: int | None
    """Bytes on disk."""
    mtime: float | None
    """Epoch seconds at which the last line was written, best known: a gzip header's time before the file's."""
    named_date: dt.date | None
    """The date in the name of a rotated file: the day of its rotation."""
    compression: str
    raw: Callable[[], BinaryIO] = field(repr=False, compare=False)
    """Opens the bytes as they are on disk."""
    warn: Warn = field(repr=False, compare=False)
    """Is told kind and text when the content turns out to be cut or damaged."""
    kind: Kind = "lines"
    encoding: str = ""
    """The encoding of its text, where that is not UTF-8."""

    def open(self) -> BinaryIO:
        """The decompressed bytes from the start, in UTF-8; may be called again."""
        return encodings.as_utf8(containers.decompress(self.raw(), self.compression, self.warn), self.encoding)


@dataclass(frozen=True, slots=True)
class Found:
    """The sources to read, in order, and what is to be said about the paths."""

    sources: list[Source]
    warnings: list[Warning] = field(default_factory=list)
    """Grows while sources are read: that a compressed file is cut is known only at its end."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An input that can be read, not yet in order."""

    path: str
    raw: Callable[[], BinaryIO]
    compression: str
    size: int | None
    mtime: float | None
    look: Look
    encoding: str

    def open(self) -> BinaryIO:
        """The decompressed bytes; cut data are no matter here."""
        return encodings.as_utf8(containers.decompress(self.raw(), self.compression, silent), self.encoding)


def silent(kind: str, text: str) -> None:
    """Nobody is told."""


_MAGIC = 16
"""Bytes that tell what a file is packed with."""


def find(
    paths: Sequence[str],
    *,
    log_directory: str = "/var/log",
    journal: Sequence[str] = system.JOURNALCTL,
    stdin: Callable[[], BinaryIO] = lambda: sys.stdin.buffer,
) -> Found:
    """The sources that the paths name, or without a path this machine's mail log.

    Raises `InputError` if none of them can be read. Where only some cannot, there is a warning of kind `unreadable`.
    """
    found = Found([])
    candidates, failures = [], []
    wanted, missing = given.expand(paths) if paths else (_usual(log_directory, found), [])
    failures += missing
    for path in wanted:
        try:
            candidates += _candidates(path, journal, stdin, found.warnings)
        except InputError as error:
            failures.append((path, error))
    if failures and not candidates:
        raise failures[0][1] if len(failures) == 1 else _all_of([error for _, error in failures])
    found.warnings.extend(Warning("unreadable", _line(error), path) for path, error in failures)
    found.notes.extend(f"{one.path} is empty" for one in candidates if not one.look.head)
    # The same mail twice is known by what it says, and mails are many.
    for one, other, how in copies.drop([one for one in candidates if kinds.kind(one.look.head) != "mails"]):
        candidates.remove(one)
        found.warnings.append(Warning("duplicate", f"is {how} {other.path}; read once", one.path))
    for number, one in enumerate(order.oldest_first(candidates)):
        found.sources.append(_source(number, one, found.warnings))
    return found


def _usual(log_directory: str, found: Found) -> list[str]:
    """The system's logs, or `journal` if there are none."""
    usual = system.usual(log_directory)
    found.notes.append("No path given: reading " + (", ".join(usual) if usual else "the journal (facility mail)"))
    return usual or [given.JOURNAL]


def _candidates(
    path: str, journal: Sequence[str], stdin: Callable[[], BinaryIO], warnings: list[Warning]
) -> list[Candidate]:
    """Opens an input and looks at its beginning; a zip archive is as many inputs as it has files."""
    size = mtime = None
    if path == given.JOURNAL:
        raw = Spool(lambda: system.journal(journal)).open
    elif path == given.STDIN:
        raw = Spool(stdin).open
    elif mailboxes.is_maildir(Path(path)):
        _, mtime = given.facts(path)
        raw = functools.partial(mailboxes.maildir, Path(path))
    else:
        size, mtime = given.facts(path)

        def plain() -> BinaryIO:
            return _Told(path)

        raw = plain if size is not None else Spool(lambda: _opened(path, plain), owned=True).open  # a pipe: <(zcat …)
    with _opened(path, raw) as stream:
        head = full(stream, _MAGIC)
    if not head.startswith(archives.MAGIC):
        return [_candidate(path, raw, head, size, mtime)]
    found = []
    for name, packed, opener in archives.members(path, raw):
        inside = f"{path}:{name}" if name else path
        warn = _telling(inside, warnings)
        member = functools.partial(opener, warn)
        with member() as stream:
            head = full(stream, _MAGIC)
        found.append(_candidate(inside, member, head, packed, mtime))
    return found


def _candidate(path: str, raw: Callable[[], BinaryIO], head: bytes, size: int | None, mtime: float | None) -> Candidate:
    """Looks at the beginning of an input; `head` are its first bytes as they are on disk."""
    compression = containers.compression(head)
    with containers.decompress(_opened(path, raw), compression, silent) as stream:
        encoding = encodings.encoding(stream.read(encodings.LOOK))
    with encodings.as_utf8(containers.decompress(_opened(path, raw), compression, silent), encoding) as stream:
        look = probe.look(stream)
    if look.binary:
        what, _, hint = look.binary.partition("; ")
        raise InputError(f"{path} is no log: {what}", hint=hint.replace("FILE", path) or None)
    return Candidate(path, raw, compression, size, containers.gzip_time(head) or mtime, look, encoding)


def _opened(path: str, raw: Callable[[], BinaryIO]) -> BinaryIO:
    try:
        return raw()
    except OSError as error:
        raise system.refusal(path, error) from error


class _Told(io.FileIO):
    """A file; what goes wrong while it is read is told with its name."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes."""
        try:
            return super().read(-1 if size is None else size)
        except OSError as error:
            raise system.refusal(str(self.name), error) from error


def _source(number: int, one: Candidate, warnings: list[Warning]) -> Source:
    return Source(
        number,
        one.path,
        one.size,
        one.mtime,
        names.named(one.path)[2],
        one.compression,
        one.raw,
        _telling(one.path, warnings),
        kinds.kind(one.look.head),
        one.encoding,
    )


def _telling(path: str, warnings: list[Warning]) -> Warn:
    """What adds a warning about an input, once: a source may be read again."""

    def warn(kind: str, text: str) -> None:
        warning = Warning(kind, text, path)
        if warning not in warnings:
            warnings.append(warning)

    return warn


def _line(error: InputError) -> str:
    return f"{error.text}; {error.hint}" if error.hint else error.text


def _all_of(failures: list[InputError]) -> InputError:
    return InputError("none of the inputs can be read:", more=tuple(_line(failure) for failure in failures))
