"""What `--verp-mung` and `--uucp-mung` make of an address, found out by asking pflogsumm 1.1.5 with many.

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
_PATH = re.compile(r"(?P<before>.*!)?(?P<domain>[^!]+)!(?P<user>[^!@]+)@(?P<host>[^!@.]+)")


def one_of_a_list(sender: str, level: int) -> str:
    """The sender with `ID` for the mail's number; at level 2 without the recipient, too."""
    found = _MADE.search(sender)
    if found:
        sender = f"{sender[: found.start('number')]}-ID{sender[found.end('number') :]}"
    return _RECIPIENT.sub("@", sender, count=1) if level > 1 else sender


def out_of_a_path(address: str) -> str:
    """`somehost.dom!user@foo` is `foo!user@somehost.dom`."""
    found = _PATH.fullmatch(address)
    return f"{found['host']}!{found['before'] or ''}{found['user']}@{found['domain']}" if found else address
