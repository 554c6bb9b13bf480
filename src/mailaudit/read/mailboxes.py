"""Mails, one after the other: a single mail, a mailbox (mbox) of any length, or a Maildir.

A mailbox is read as it comes: no more than one mail and a piece is held, and of a mail of many megabytes no more than
anybody looks at.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailaudit.read.streams import Pieces, full

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1 << 20
LONGEST = 16 << 20
"""Bytes of one mail that are kept: a notice stands before what it returns."""
FOLDERS = ("cur", "new")
"""Directories of a Maildir whose files are mails that have arrived."""

_ENVELOPE = re.compile(rb"From [^\r\n]{0,300}?\d{1,2}:\d\d")
"""How a mail in a mailbox begins: `From ann@example.com Mon Jun  2 09:14:01 2025`, after an empty line."""
_JOINED = re.compile(
    rb"From \S[^\r\n]{0,250}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[^\r\n]{0,30}?\d{1,2}:\d\d[^\r\n]{0,30}"
    rb"\r?\n>?[A-Za-z][A-Za-z0-9-]{1,60}(?::| )"
)
"""The same with a header below it: then no empty line need stand before it, which programs that join mails forget."""
_LONGEST_ENVELOPE = 400
_BEGINS = re.compile(rb"(?:>?From |[A-Za-z][A-Za-z0-9-]{0,60}:)")
_FIELD = re.compile(
    rb"(?im)^(received|return-path|from|to|subject|date|message-id|mime-version|delivered-to|x-original-to|content-type|"
    rb"auto-submitted|reply-to|envelope-to|x-failed-recipients|authentication-results|dkim-signature|arc-seal):"
)
_ENOUGH = 3
"""Different headers of a mail that make one."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of an input."""

    number: int
    """From 1."""
    offset: int
    """Its first byte in the decompressed input."""
    data: bytes


def is_mail(head: bytes) -> bool:
    """True if an input that begins with these bytes is a mail or a mailbox."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n \t")
    if _ENVELOPE.match(text):
        return True
    if not _BEGINS.match(text):
        return False
    headers = re.split(rb"\r?\n[ \t]*\r?\n", text, maxsplit=1)[0]
    return len({name.lower() for name in _FIELD.findall(headers)}) >= _ENOUGH


def mails(stream: BinaryIO) -> Iterator[Mail]:
    """Yields the mails of an open input; more than one if it begins like a mailbox."""
    buffer = bytearray(full(stream, _LONGEST_ENVELOPE))
    mailbox = _ENVELOPE.match(bytes(buffer[:_LONGEST_ENVELOPE]).lstrip(b"\xef\xbb\xbf\r\n \t")) is not None
    number, offset, dropped, searched = 1, 0, 0, 1
    while True:
        at = _next(buffer, searched) if mailbox else -1
        if at >= 0:
            yield Mail(number, offset, bytes(buffer[:at]))
            number, offset = number + 1, offset + at + dropped
            del buffer[:at]
            dropped, searched = 0, 1
            continue
        searched = max(1, len(buffer) - _LONGEST_ENVELOPE)
        if len(buffer) > LONGEST + PIECE:  # what is left out is the middle: the end may hold the next mail's beginning
            surplus = searched - LONGEST
            del buffer[LONGEST : LONGEST + surplus]
            dropped, searched = dropped + surplus, LONGEST
        piece = stream.read(PIECE)
        if not piece:
            break
        buffer += piece
    if buffer.strip():
        yield Mail(number, offset, bytes(buffer))


def _next(buffer: bytearray, start: int) -> int:
    """Returns where the next mail begins in a mailbox, -1 if that is not in sight yet."""
    at = buffer.find(b"\nFrom ", start - 1)
    while at >= 0:
        apart = buffer[max(0, at - 2) : at + 1].endswith((b"\n\n", b"\n\r\n"))
        if (_ENVELOPE if apart else _JOINED).match(bytes(buffer[at + 1 : at + _LONGEST_ENVELOPE])):
            return at + 1
        at = buffer.find(b"\nFrom ", at + 1)
    return -1


def is_maildir(directory: Path) -> bool:
    """True of a directory in which mails are delivered as files."""
    return all((directory / name).is_dir() for name in FOLDERS)


class Maildir(Pieces):
    """The mails of a Maildir as one mailbox, in the order of their names, which is that of their arrival."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        files = [entry for name in FOLDERS for entry in os.scandir(directory / name) if entry.is_file()]
        self._files = iter(sorted(files, key=lambda entry: (entry.name, entry.path)))
        self._rest = b""

    def more(self, size: int) -> bytes:
        """Up to `size` bytes; nothing at the end only."""
        while not self._rest:
            entry = next(self._files, None)
            if entry is None:
                return b""
            self._rest = self._framed(Path(entry.path))
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    @staticmethod
    def _framed(path: Path) -> bytes:
        try:
            with path.open("rb") as stream:
                data = stream.read(LONGEST)
        except OSError:  # moved or removed since the directory was read, as mail readers do
            return b""
        return b"From - Thu Jan  1 00:00:00 1970\n" + data.replace(b"\nFrom ", b"\n>From ") + b"\n\n"


def maildir(directory: Path) -> BinaryIO:
    """Opens a Maildir as one mailbox."""
    return io.BufferedReader(Maildir(directory))
