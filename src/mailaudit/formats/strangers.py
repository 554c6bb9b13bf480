"""Mail servers whose logs are not read: theirs are called by name, not only counted as lines that nothing understood.

Sources: courier(8); Haraka's manual.
"""

from __future__ import annotations

import re

LOOKED_AT = 1 << 16
"""Bytes at the beginning of a log that tell whose it is."""

SHARE = 10
"""One line in so many must be a server's own: its log may stand among the lines of other programs."""

SERVERS = {
    "Courier": re.compile(rb"courier(?:d|esmtp|esmtpd|local|dsn)?(?:\[\d+\])?: (?:newmsg,|started,|completed,|id=)"),
    "Haraka": re.compile(rb"\[[A-Z]+\] \[[0-9A-F]{8}-[0-9A-F-]{27}(?:\.\d+)*\] \["),
}
"""How lines of each look."""

JOURNAL = {
    "export": re.compile(rb"^__(?:CURSOR|REALTIME_TIMESTAMP)=", re.MULTILINE),
    "verbose": re.compile(rb"^    (?:_TRANSPORT|SYSLOG_IDENTIFIER)=", re.MULTILINE),
}
"""Forms of the journal that put each field on a line of its own, and how they begin."""


def journal(beginning: bytes) -> str | None:
    """The form of a journal's output that is not read; None if it is none of these."""
    return next((name for name, look in JOURNAL.items() if look.search(beginning)), None)


def server(beginning: bytes) -> str | None:
    """The server that wrote most lines of a log's beginning; None if it is none of these."""
    lines = beginning.splitlines()
    written = {name: sum(1 for line in lines if look.search(line)) for name, look in SERVERS.items()}
    name = max(written, key=written.__getitem__)
    return name if written[name] * SHARE >= max(len(lines), 1) else None
