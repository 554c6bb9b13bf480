"""Addresses that mail may be written to: checked, because a wrong one on a cron line is noticed by nobody."""

from __future__ import annotations

import re

from mailaudit.errors import UsageError

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
"""A plain address (RFC 5321 Mailbox with a Dot-string); no names, no quotes, no comments, no list."""
LONGEST_LOCAL = 64


def checked(address: str) -> str:
    """The address; raises UsageError if it is none."""
    if ADDRESS.fullmatch(address) and len(address.partition("@")[0]) <= LONGEST_LOCAL:
        return address
    hint = "write one address such as admin@example.com"
    if address and "@" not in address:
        hint = f"an address has a domain: {address}@example.com" if re.fullmatch(r"[\w.-]+", address) else hint
    elif "," in address or ";" in address:
        hint = "give several addresses one by one: --to a@example.com --to b@example.com"
    raise UsageError(f"{address!r} is no mail address", hint=hint)
