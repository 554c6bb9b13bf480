"""Bytes and encoded words become text, whatever their label says.

Labels lie: the charset may be unknown, misspelt or wrong, the base64 cut off. Each function returns its best reading.
"""

from __future__ import annotations

import binascii
import re
from html import unescape

REFUSED = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf_7"))
"""Codecs that are no charsets of mail and are slow, or raise, on foreign bytes."""

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*\?=)\s+(?==\?)")
_BLANKS = re.compile(r"[^\S\n]+")
_TAG_THAT_ENDS_A_LINE = re.compile(r"(?i)<(?:br|/p|/div|/tr|/td|/th|/li|/h\d|p|div|table)\b[^>]{0,600}>")
_NOT_SHOWN = (("<style", "</style"), ("<script", "</script"), ("<title", "</title"), ("<!--", "-->"))
_MAIL_LINK = re.compile(
    r"(?i)<a\b[^>]{0,300}?href ?= ?[\"']?mailto:([^\"'<>?\s]{3,254})[^>]{0,300}>(?:(?!</a)[^@]){1,200}</a\s?>"
)
"""A link to write to somebody that shows a name only."""
_TAG = re.compile(r"<[a-zA-Z/!][^>]{0,600}>")


def text_of(data: bytes, charset: str | None) -> str:
    """Returns the text of bytes in the charset named; of another one, if those bytes cannot be in it."""
    name = (charset or "").strip().strip("\"'").lower()
    if b"\x1b$" in data or b"\x1b(" in data:
        name = name if name.startswith("iso-2022") else "iso-2022-jp"
    if name in {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "default_charset", "utf8", "utf-8", "unicode"}:
        return _guessed(data)
    if name.replace("-", "_") in REFUSED:
        return _guessed(data)
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):
        return _guessed(data)


def _guessed(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        # Cut off within a character, or damaged in a place or two: still UTF-8. Otherwise Latin, which takes any byte.
        lenient = data.decode("utf-8", "replace")
        return (
            lenient
            if lenient.count("�") <= 2 + len(data) // 2000 and problem.start
            else data.decode("cp1252", "replace")
        )


def transferred(body: bytes, encoding: str) -> bytes:
    """Returns the bytes behind a Content-Transfer-Encoding; those that are damaged are left as they are."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        return _base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def _base64(body: bytes) -> bytes:
    # A footer that a list added in plain text, or a boundary that never came, ends the encoded part.
    lines = body.split(b"\n")
    coded: list[bytes] = []
    for line in map(bytes.strip, lines):
        if line and not re.fullmatch(rb"[A-Za-z0-9+/=]+", line):
            if coded:
                break
            return body
        coded.append(line)
    joined = b"".join(coded).replace(b"=", b"")
    joined = joined[: len(joined) - (len(joined) % 4 == 1)]
    try:
        return binascii.a2b_base64(joined + b"=" * (-len(joined) % 4))
    except binascii.Error:
        return body


def words(value: str) -> str:
    """Returns a header's text with its RFC 2047 encoded words read."""
    if "=?" not in value:
        return value
    return _WORD.sub(lambda found: _word(*found.groups()), _BETWEEN.sub(r"\1", value))


def _word(charset: str, encoding: str, coded: str) -> str:
    data = coded.encode("utf-8", "replace")
    data = _base64(data) if encoding in "bB" else binascii.a2b_qp(data.replace(b"_", b" "), header=True)
    return text_of(data, charset.partition("*")[0])


def from_html(text: str) -> str:
    """Returns what a reader of an HTML page would read, a line for each block and cell."""
    for opens, closes in _NOT_SHOWN:
        text = _without(text, opens, closes)
    text = _BLANKS.sub(" ", text.replace("\n", " "))
    text = _MAIL_LINK.sub(r"\g<0> &lt;\1&gt; ", text)
    text = _TAG.sub("", _TAG_THAT_ENDS_A_LINE.sub("\n", text))
    return "\n".join(line.strip() for line in unescape(text).replace("\xa0", " ").split("\n"))


def _without(text: str, opens: str, closes: str) -> str:
    """Leaves out what stands between two marks, however many there are of the one without the other."""
    lower, kept, at = text.lower(), [], 0
    if len(lower) != len(text):  # a letter that is two in lower case: the places would differ
        return text
    while (start := lower.find(opens, at)) >= 0 and (end := lower.find(closes, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(closes)
    return "".join([*kept, text[at:]])
