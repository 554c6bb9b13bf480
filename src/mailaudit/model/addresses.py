"""Addresses that mail can be written to: checked, because a wrong one on a cron line is noticed by nobody."""

from __future__ import annotations

import re

from mailaudit.errors import UsageError

LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
NAMED = re.compile(r"[^<>]*<([^<>\s]+)>")
LONGEST_LOCAL, LONGEST = 64, 254


def address(text: str) -> str:
    """The address in ASCII, if it is one that mail can be sent to; raises UsageError otherwise."""
    local, at, domain = text.strip().rpartition("@")
    if "," in text or ";" in text:
        raise UsageError(f"{text!r} is more than one address", hint="give the option once for each address")
    if not at:
        raise UsageError(f"{text!r} is no mail address", hint=f"write it whole, as {text or 'name'}@example.com")
    if named := NAMED.fullmatch(text.strip()):
        raise UsageError(f"{text!r} is no bare mail address", hint=f"only the address: {named[1]}")
    try:
        labels = domain.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        labels = []
    if not LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise UsageError(f"{text!r} is no mail address", hint="what stands before the @ cannot be mailed to")
    if not labels or not all(LABEL.fullmatch(label) for label in labels) or len(text) > LONGEST or labels[-1].isdigit():
        raise UsageError(f"{text!r} is no mail address", hint="what stands after the @ is no domain name")
    return f"{local}@{'.'.join(labels)}"
