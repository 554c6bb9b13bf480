"""A mail system's own form of notice, declared as one row; and the one interpreter of such rows."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

from mailaudit.formats.mails.addresses import ADDRESS, is_whole, tidy
from mailaudit.formats.mails.reading import Recipient
from mailaudit.formats.mails.report import tell
from mailaudit.formats.mails.telling import FINE, says_something
from mailaudit.formats.mails.words import PHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

HOST = (
    r"(?:host|server|talking to|giving up on|by)\s+(?P<h>[a-z0-9.-]+\.[a-z]{2,})\.?"
    r"(?:\s*[\[(](?P<i>[0-9a-f.:]{6,45})[\])])?"
)
"""Where most texts name the server that answered, with its address."""
_SECTION = re.compile(r"-{3,}\s?\w")
"""Where a part of a notice begins that is about all recipients."""
Where = Literal["after", "before", "whole"]


@dataclass(frozen=True, slots=True)
class System:
    """How one mail system writes its notices.

    `mark` must be found in the text.
    `address` matches a line that names a recipient: group `a`, with `r` for what that line says of it.
    Only lines after one that matches `start` and before one that matches `stop` are looked at.
    `common`: a person may write such lines, too, so they count only in mail that has a mark of a mail system.
    `reason` tells where the cause stands: after the recipient, before it, or anywhere (`whole`).
    `example` is such a notice, in our words where it could be; the test reads it.
    """

    name: str
    example: str
    address: str
    mark: str
    start: str = ""
    stop: str = ""
    reason: Where = "after"
    remote: str = HOST
    common: bool = False


@dataclass(slots=True)
class _Found:
    """A recipient being read: the lines that speak of it."""

    address: str
    lines: list[str]


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Returns a row's pattern; `ADDRESS` in it stands for an address, `ADDR` for the same in an alternative."""
    pattern = pattern.replace("ADDRESS", f"(?P<a>{ADDRESS})").replace("ADDR>", f"(?P<b>{ADDRESS})>")
    return re.compile(pattern, re.IGNORECASE)


def claims(system: System, notice: Notice) -> bool:
    """True if a notice has what the row says of its system's notices."""
    return re.search(system.mark, notice.text, re.IGNORECASE | re.MULTILINE) is not None


def recipients(system: System, mail: Mail, notice: Notice) -> list[Recipient]:
    """Returns the recipients that a notice of the system names."""
    found, around = _lines(system, notice.text)
    subject = mail.header("subject")
    first: dict[str, _Found] = {}
    for each in found:
        first.setdefault(each.address.lower(), each)
    if len(first) > 1:
        for each in found:
            each.lines = list(takewhile(lambda line: not _SECTION.match(line), each.lines))
    told = []
    for each in first.values():
        lines = each.lines if system.reason != "whole" else around
        text = _said_of(each.address, lines, around, notice, subject, alone=len(found) == 1)
        recipient = Recipient(each.address)
        own = remote(system.remote, text)
        recipient.remote_host, recipient.remote_ip = own if any(own) else remote(HOST, text)
        tell(recipient, text, notice, subject, alone=len(first) == 1)
        told.append(recipient)
    return told


def _said_of(address: str, lines: list[str], around: list[str], notice: Notice, subject: str, *, alone: bool) -> str:
    """Returns what a notice says of a recipient: in its own lines, else near it, around all of them, or anywhere."""
    text = "\n".join(_told(lines))
    if FINE.fullmatch(text):
        return text
    if not says_something(text):
        text = f"{text}\n{notice.telling.about(address, alone=alone)}"
    if not says_something(text):
        text = "\n".join(_told([text, *around]))
    if not says_something(text):
        text = notice.telling.cause(address, subject, alone=alone)
    return text if says_something(text) else "\n".join(lines)


def _told(lines: list[str]) -> list[str]:
    """Returns the lines without those that stand in any notice."""
    return [line for line in lines if line and not PHRASE.match(line)]


def _lines(system: System, text: str) -> tuple[list[_Found], list[str]]:
    """Returns the recipients with their lines, and the lines that belong to none."""
    start = compiled(system.start) if system.start else None
    stop = compiled(system.stop) if system.stop else None
    address = compiled(system.address)
    found: list[_Found] = []
    around: list[str] = []
    for line in _between(text.split("\n"), start, stop):
        if match := address.search(line):
            groups = match.groupdict()
            named = tidy(groups.get("a") or groups.get("b") or "")
            if not is_whole(named):
                continue
            if found and system.reason == "after" and found[-1].lines and named.lower() == found[-1].address.lower():
                found[-1].lines.append(line.strip())  # what the server says may begin with the address again
                continue
            inline = [(groups.get("r") or "").strip()]
            before = around if system.reason == "before" else []
            found.append(_Found(named, [*before, *inline]))
            if system.reason == "before":
                around = []
            elif system.reason == "whole":
                around.append(line.strip())
        elif found and system.reason == "after":
            # How the queue's patience ended is told by the event; the reply tells why it had to wait.
            if not (PHRASE.match(line) and any(found[-1].lines)):
                found[-1].lines.append(line.strip())
        else:
            around.append(line.strip())
    return found, around


def _between(lines: list[str], start: re.Pattern[str] | None, stop: re.Pattern[str] | None) -> Iterator[str]:
    inside = start is None
    for line in lines:
        if not inside:
            inside = start is not None and start.search(line) is not None
            continue
        if stop is not None and stop.search(line):
            return
        yield line


def remote(pattern: str, text: str) -> tuple[str | None, str | None]:
    """Returns name and address of the server that answered, where a text tells it as the pattern says."""
    found = re.search(pattern, text, re.IGNORECASE)
    if found is None:
        return None, None
    groups = found.groupdict()
    return groups.get("h"), groups.get("i")
