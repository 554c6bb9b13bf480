"""Copies of mail: the text of a message, from a mailbox in which copies are kept.

Only mails whose Message-ID is asked for are taken apart, and nothing is kept but what is shown: no attachment is
decoded, and of a text no more than `LONGEST` characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.errors import InputError
from mailaudit.formats.mails.mime import Headers, fields, first, take_apart
from mailaudit.read import sources
from mailaudit.read.mailboxes import mails

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mailaudit.formats.mails.mime import Mail, Part

LONGEST = 20_000
"""Characters of a text that are shown."""
HEAD = 256 << 10
"""Bytes of a mail in which its headers end; what comes later is none."""
MOST = 20
"""Copies of one message that are kept: a mailbox may hold it many times."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail as it stands in the archive."""

    message_id: str
    path: str
    number: int
    """From 1, in its mailbox."""
    date: str
    sender: str
    recipients: str
    subject: str
    text: str
    cut: bool
    """True if the text goes on."""
    others: int
    """Parts that are not shown: other forms of the text, pictures, attachments."""


def find(paths: Sequence[str], wanted: Collection[str]) -> list[Copy]:
    """Returns the copies of the messages with these ids (without brackets), in order of the archive.

    Raises `InputError` if a path is no mailbox, Maildir or mail.
    """
    found = sources.find(paths)
    ids = {message_id.encode("utf-8", "surrogateescape"): message_id for message_id in wanted}
    copies: list[Copy] = []
    counts = dict.fromkeys(wanted, 0)
    for source in found.sources:
        if source.kind != "mails":
            raise InputError(
                f"{source.path}: no mailbox",
                hint="--archive takes a mailbox (mbox), a Maildir, or single mails (.eml)",
            )
        with source.open() as stream:
            for mail in mails(stream):
                head = mail.data[:HEAD]
                if not any(name in head for name in ids):
                    continue
                message_id = _id(head)
                if message_id in counts and counts[message_id] < MOST:
                    counts[message_id] += 1
                    copies.append(_copy(take_apart(mail.data), message_id, source.path, mail.number))
    return copies


def _id(head: bytes) -> str:
    """The mail's own Message-ID; empty if it has none."""
    return first(_headers(head), "message-id").strip().removeprefix("<").removesuffix(">")


def _headers(head: bytes) -> Headers:
    lines = head.lstrip(b"\r\n").replace(b"\r\n", b"\n")
    return fields(lines.split(b"\n\n", 1)[0])


def _copy(mail: Mail, message_id: str, path: str, number: int) -> Copy:
    part = _shown(mail)
    text = part.text().strip("\n") if part is not None else ""
    return Copy(
        message_id=message_id,
        path=path,
        number=number,
        date=mail.header("date"),
        sender=mail.header("from"),
        recipients=mail.header("to"),
        subject=mail.header("subject"),
        text=text[:LONGEST],
        cut=len(text) > LONGEST,
        others=len([other for other in mail.parts if other is not part and other.type != "text/x-preamble"]),
    )


def _shown(mail: Mail) -> Part | None:
    """The first plain text, else the first page, that is no attachment."""
    own = [
        part
        for part in mail.of("text/plain", "text/html")
        if not first(part.headers, "content-disposition").lower().startswith("attachment")
    ]
    plain = [part for part in own if part.type == "text/plain"]
    return next(iter(plain or own), None)
