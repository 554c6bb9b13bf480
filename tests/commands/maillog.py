"""Logs of Postfix written by hand: messages with the attempts of each, in order of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SENT = ("sent", "2.0.0", "250 2.0.0 Ok")
UNKNOWN = (
    "bounced",
    "5.1.1",
    "host mx.b.example[192.0.2.2] said: 550 5.1.1 <x@b.example>: User unknown (in reply to RCPT TO command)",
)
FULL = ("bounced", "5.2.2", "host mx.b.example[192.0.2.2] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)")
BUSY = (
    "deferred",
    "4.3.2",
    "host mx.b.example[192.0.2.2] said: 421 4.3.2 Too busy, try again later (in reply to MAIL FROM command)",
)
FULL_NOW = (
    "deferred",
    "4.2.2",
    "host mx.b.example[192.0.2.2] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)",
)

BEGIN = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
"""A Monday."""


@dataclass(frozen=True)
class Mail:
    """One message to one recipient: seconds after BEGIN, and its attempts (seconds later, how they went)."""

    at: float
    recipient: str = "ann@b.example"
    attempts: tuple[tuple[float, tuple[str, str, str]], ...] = ((1, SENT),)
    sender: str = "shop@a.example"
    user: str | None = None
    client: str = "192.0.2.10"
    expires: float | None = None
    """Seconds after acceptance at which the queue gives up."""


def lines(mails: Iterable[Mail]) -> list[str]:
    """The log's lines, in order of time."""
    found: list[tuple[float, int, str]] = []
    for mail in mails:
        number = crc32(repr(mail).encode()) % 0xFFFFF  # the same mail has the same id in every log
        queue_id = f"4{number:05X}Q{number:04d}z{number:03X}"
        user = f", sasl_method=PLAIN, sasl_username={mail.user}" if mail.user else ""

        def say(after: float, program: str, text: str, queue_id: str = queue_id, at: float = mail.at) -> None:
            found.append((at + after, len(found), f"postfix/{program}[77]: {queue_id}: {text}"))

        say(0, "smtpd", f"client=pc.a.example[{mail.client}]{user}")
        say(0, "cleanup", f"message-id=<{number}@a.example>")
        say(0, "qmgr", f"from=<{mail.sender}>, size=1000, nrcpt=1 (queue active)")
        last = 0.0
        for after, (status, dsn, reply) in mail.attempts:
            last = max(last, after)
            say(
                after,
                "smtp",
                f"to=<{mail.recipient}>, relay=mx.b.example[192.0.2.2]:25, delay={after}, delays=0/0/0/{after}, "
                f"dsn={dsn}, status={status} ({reply})",
            )
        if mail.expires is not None:
            say(mail.expires, "qmgr", f"from=<{mail.sender}>, status=expired, returned to sender")
            last = mail.expires
        if mail.expires is not None or (mail.attempts and mail.attempts[-1][1][0] in {"sent", "bounced"}):
            say(last, "qmgr", "removed")
    return [f"{stamp(at)} mx1 {text}" for at, _, text in sorted(found)]


def stamp(at: float) -> str:
    """The moment as rsyslog writes it (RFC 3339)."""
    return (BEGIN + dt.timedelta(seconds=at)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def write(path: Path, mails: Iterable[Mail]) -> Path:
    """The file with their log."""
    path.write_text("\n".join(lines(mails)) + "\n")
    return path


MAPPING = """\
Acme                          notify=noc@acme.example
Acme > Smith                  threshold=80 notify=it@smith.example
Acme > Smith > b.example
Acme > Jones > c.example
Acme > Jones > idle.example
"""
"""Groups of domains, and who is told."""


def flow(good: int, bad: int, domain: str = "b.example", begin: int = 0) -> list[Mail]:
    """Deliveries, and after them failures, a minute apart."""
    words = [SENT] * good + [UNKNOWN] * bad
    return [Mail(begin + 60 * at, f"u{at}@{domain}", ((1, word),)) for at, word in enumerate(words)]
