"""Reply codes in the text of a notice: which of its numbers are answers of a mail server."""

from __future__ import annotations

import re

FINAL, TEMPORARY, GOOD = 5, 4, 2
"""First digits of reply codes."""
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)")
"""An enhanced status code (RFC 3463). Not followed by more digits: `5.7.1.2` is a version or an address."""

# A reply stands where a quoted answer begins: at the start, after a word that announces it, in brackets or quotes.
_REPLY = re.compile(
    r"""(?xi)
    (?:^|<<<|said:?|returned:?|responded(?:\ with)?:?|response(?:\ was|\ from\ the\ remote\ server\ was)?:|reply:|
       reason:|replied:?|answered:?|error(?:\ code)?:?|failed\ with:?|error_code\ ?:|smtp;|code:?|status:|
       server\ error:|[:;"'(\[\#>]|\.\.\.|\s-\s|was:|message:)
    [\s"'(\[:\#<>]{0,20}
    ([245]\d\d)
    (?=[\s\-:,"')\]\#]|$)
    (?!\s*(?:bytes|kb|mb|seconds|minutes|hours|days|messages|recipients)\b)
    """
)
_LINE_REPLY = re.compile(r"(?m)^\s*(?:<<<\s*)?([245]\d\d)(?=[ \-:])(?!-\d{3}-\d)")


def status_in(text: str) -> str | None:
    """Returns the first enhanced code of a text that says something, else the first at all."""
    found = STATUS.findall(text)
    for code in found:
        if not code.endswith(".0.0") and not code.startswith(("5.0.9", "4.0.9")):
            return str(code)
    return str(found[0]) if found else None


def best_status(field: str | None, text: str) -> str | None:
    """Returns the report's own code, or one of the text where that one says nothing (`5.0.0`)."""
    own = STATUS.search(field or "")
    told = status_in(text)
    if own is None:
        return told
    code = own[1]
    if code.endswith(".0.0") and told is not None and not told.endswith(".0.0"):
        return told
    return code


def reply_code(text: str) -> int | None:
    """Returns the reply code that a text quotes; None if it quotes none."""
    found = _LINE_REPLY.search(text) or _REPLY.search(text)
    return int(found[1]) if found else None


def is_final(code: int | None, status: str | None) -> bool:
    """True if a server said no for good: 5yz, or 5.y.z without a reply code."""
    return code // 100 == FINAL if code else (status or "").startswith("5")


def is_temporary(code: int | None, status: str | None) -> bool:
    """True if all that is known of a failure is temporary; the more telling code decides, a general one last."""
    if status and not status.endswith(".0.0"):
        return status.startswith("4")
    return code // 100 == TEMPORARY if code else (status or "").startswith("4")
