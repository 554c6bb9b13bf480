"""What `--verp-mung`, `--uucp-mung` and `--srs-mung` make of an address, found out by asking pflogsumm with many.

Addresses that mailing lists make for each recipient (VERP) become one; a bang path that a neighbour made of an address
becomes one again.
"""

from __future__ import annotations

import re

_MADE = re.compile(
    r"(?:bounce[ds]?|no(?:list|reply|response)|return|sentto|[0-9]+)[^\n]*?(?P<number>(?:[+_.*-][0-9]+\b)+)",
    re.IGNORECASE,
)
"""A word of machines' addresses, or a number, and the numbers of the mail behind it."""
_RECIPIENT = re.compile(r"[*-](?:[0-9]+[*-])?[^=*-]+[=*][^@]+@")
_FORWARDED = re.compile(r"(?i)SRS[01][=+-](?:[^=]+=[\w.]+==)*(?:[^=]+=[^=]+=)(?P<domain>[\w.]+)=(?P<user>.+)@[\w.]+")
_PATH = re.compile(r"(?P<before>.*!)?(?P<domain>[^!]+)!(?P<user>[^!@]+)@(?P<host>[^!@.]+)")


def one_of_a_list(sender: str, level: int) -> str:
    """The sender with `ID` for the mail's number; at level 2 without the recipient, too."""
    found = _MADE.search(sender)
    if found:
        sender = f"{sender[: found.start('number')]}-ID{sender[found.end('number') :]}"
    return _RECIPIENT.sub("@", sender, count=1) if level > 1 else sender


def out_of_srs(sender: str) -> str:
    """The sender whom a forwarder's address (SRS) stands for."""
    found = _FORWARDED.fullmatch(sender)
    return f"{found['user']}@{found['domain']}" if found else sender


def out_of_a_path(address: str) -> str:
    """`somehost.dom!user@foo` is `foo!user@somehost.dom`."""
    found = _PATH.fullmatch(address)
    return f"{found['host']}!{found['before'] or ''}{found['user']}@{found['domain']}" if found else address
