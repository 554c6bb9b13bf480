"""Greylisting: a server that does not know a sender says "come back later", and takes the mail when it does."""

from __future__ import annotations

import re

PHRASES = re.compile(
    r"gr[ea]y[- ]?list|postgrey|"
    r"(?:try|come) (?:again|back) (?:later|in \d+ (?:seconds|minutes))[^.]*\b(?:greet|first time|unknown sender)|"
    r"first[- ]time (?:sender|triplet)|temporarily (?:deferred|rejected).*gr[ea]y",
    re.IGNORECASE,
)
"""What greylisting servers say."""
HINTS = ("grey", "gray", "greet", "first", "unknown sender")
"""One of these stands in every phrase; they are found faster."""


def is_greylisting(smtp_code: int | None, enhanced_status: str | None, reply: str | None) -> bool:
    """True for a temporary refusal in the words of greylisting; a 5xx refusal never is."""
    code = str(smtp_code or "")[:1] or (enhanced_status or "")[:1]
    if code != "4" or not reply:
        return False
    words = reply.lower()
    return any(hint in words for hint in HINTS) and PHRASES.search(reply) is not None
