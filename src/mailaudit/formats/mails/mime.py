"""One mail's bytes, taken apart: its headers and its parts in order.

The standard library's parser descends into every copy of a copy and keeps a list of all lines: a mail nested a
thousand times stops it, and one of 50 MB takes ten times that. Here a copied message is left closed, only what stands
before it is decoded, and nothing depends on the mail being well-formed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailaudit.formats.mails.decoding import from_html, text_of, transferred, words

LONGEST = 4 << 20
"""Bytes of a mail that are looked at. A notice comes first; of a longer mail also its report is sought."""
HEAD = 2 << 20
REPORT = 256 << 10
PART = 512 << 10
"""Bytes of one part that are decoded."""
DEEPEST = 12
MOST = 200
"""How far parts within parts, and how many of them, are followed."""

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_FIELD = re.compile(r"^([!-9;-~]{1,120})[ \t]*:[ \t]?(.*)$")
_BOUNDARY = re.compile(r"(?i)\bboundary(?:\*0?\*?)?[ \t]*=[ \t]*(?:\"([^\"]{1,300})\"?|([^\s;\"]{1,300}))")
_PARAMETER = re.compile(r"(?i)(?:boundary|charset|report-type|name|format)\*?[ \t]*=[ \t]*\"?[^\s:]")
"""A line that goes on with a header, though nothing indents it."""
_CHARSET = re.compile(r"(?i)\bcharset\*?[ \t]*=[ \t]*\"?([^\s;\"]{1,60})")
_MACHINE = re.compile(
    rb"(?im)^content-type:[ \t]*message/(?:global-)?(?:delivery-status|feedback-report|disposition-notification)"
)

_ALWAYS = {"from", "subject"}
"""Headers without which no program sends a mail."""

Headers = dict[str, list[str]]
"""Header values by lower-case name, unfolded, as they stand in the mail."""


@dataclass(slots=True)
class Part:
    """One part that is no multipart: what it says it is, and its bytes as they stand in the mail."""

    type: str
    headers: Headers
    body: bytes

    def text(self) -> str:
        """Returns its text, decoded."""
        data = transferred(self.body[:PART], first(self.headers, "content-transfer-encoding"))
        found = _CHARSET.search(first(self.headers, "content-type"))
        text = text_of(data, found[1] if found else None).replace("\r\n", "\n").replace("\r", "\n")
        if self.type == "text/html" or (self.type == "text/plain" and _is_html(text)):
            text = from_html(text)
        return text.replace("\x00", "")


@dataclass(slots=True)
class Mail:
    """A mail taken apart."""

    headers: Headers
    parts: list[Part] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Returns the first header of the name with its encoded words read; empty if there is none."""
        return words(first(self.headers, name)).replace("\x00", "").strip()

    def of(self, *types: str) -> list[Part]:
        """Returns the parts of the content types named."""
        return [part for part in self.parts if part.type in types]


def first(headers: Headers, name: str) -> str:
    """Returns the first value of a header, empty if it is missing."""
    return headers[name][0] if name in headers else ""


def take_apart(raw: bytes) -> Mail:
    """Returns the mail's headers and parts."""
    raw = _cut(raw).removeprefix(b"\xef\xbb\xbf")
    if b"\r\r\n" in raw:  # line ends that were translated twice: each would be two lines
        raw = raw.replace(b"\r\r\n", b"\r\n")
    if b"\n" not in raw:  # lines that end as on old Macs: what decodes a part would take it for one line
        raw = raw.replace(b"\r", b"\n")
    head, body = _split(raw.lstrip(b"\r\n"), must=True)
    headers = fields(head)
    if "from" not in headers:  # an empty line stands among the headers: what is left of them is below it
        more, rest = _split(body)
        below = fields(more)
        if below.keys() >= _ALWAYS:
            headers, body = {**below, **headers}, rest
    mail = Mail(headers)
    _parts(mail, headers, _whole_lines(headers, body), 0)
    return mail


def _whole_lines(headers: Headers, body: bytes) -> bytes:
    """Leaves out the last line of a mail that was cut off within it: half an address is another address."""
    boundary = _BOUNDARY.search(first(headers, "content-type"))
    if body.endswith((b"\n", b"\r")) or boundary is None:
        return body
    tail = b"--" + (boundary[1] or boundary[2]).strip().encode("utf-8", "replace") + b"--"
    return body if tail in body else body[: body.rfind(b"\n") + 1]


def _cut(raw: bytes) -> bytes:
    """Leaves out what is too long to matter: attachments of a copied message."""
    if len(raw) <= LONGEST:
        return raw
    kept = raw[:HEAD]
    found = None if _MACHINE.search(kept) else _MACHINE.search(raw, HEAD)
    if found is None:
        return kept
    start = raw.rfind(b"\n--", max(0, found.start() - 4000), found.start())
    return kept + raw[start if start >= 0 else found.start() : found.start() + REPORT]


def _split(data: bytes, *, must: bool = False) -> tuple[bytes, bytes]:
    """Parts the headers from the body; a part may have none, a mail must have some."""
    if data[:1] in {b"\n", b"\r"} and not must:
        return b"", data
    found = _BLANK_LINE.search(data)
    head = data[: found.start()] if found else data
    first_line = head.split(b"\n", 1)[0].decode("latin-1").rstrip("\r")
    if not must and not _FIELD.match(first_line):
        return b"", data
    return head, data[found.end() :] if found else b""


def fields(head: bytes | str) -> Headers:
    """Reads lines `name: value` with their continuation lines; other lines are passed over."""
    text = (head if isinstance(head, str) else text_of(head, "utf-8")).replace("\x00", "")
    found: Headers = {}
    values: list[str] | None = None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"} or (values and values[-1].endswith(";") and _PARAMETER.match(line)):
            if values is not None and len(values[-1]) < PART:
                values[-1] = f"{values[-1]} {line.strip()}"
        elif match := _FIELD.match(line):
            values = found.setdefault(match[1].lower(), [])
            values.append(match[2].strip())
        else:
            values = None
    return found


def _parts(mail: Mail, headers: Headers, body: bytes, depth: int) -> None:
    """Adds the parts of a body to the mail."""
    kind = first(headers, "content-type")
    type_ = re.split(r"[;\s]", kind.strip(), maxsplit=1)[0].lower() or "text/plain"
    boundary = _BOUNDARY.search(kind) if type_.startswith("multipart") else None
    pieces: list[bytes] = []
    if boundary and depth < DEEPEST:
        pieces = _pieces(body, (boundary[1] or boundary[2]).strip().encode("utf-8", "replace"))
    if not pieces:
        plain = type_.startswith("multipart") or "/" not in type_
        mail.parts.append(Part("text/plain" if plain else type_, headers, body))
        return
    for number, piece in enumerate(pieces):
        if len(mail.parts) >= MOST:
            return
        if number == 0:  # what stands before the first part is for readers without MIME, mostly a phrase
            if piece.strip():
                mail.parts.append(Part("text/x-preamble", {}, piece))
            continue
        head, rest = _split(piece)
        _parts(mail, fields(head), rest, depth + 1)


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Cuts a body at its boundary: what stands before the first, then each part; nothing if the boundary is missing."""
    mark = b"--" + boundary
    pieces: list[bytes] = []
    start, at = 0, 0 if body.startswith(mark) else body.find(b"\n" + mark)
    while at >= 0 and len(pieces) <= MOST:
        line = at + (body[at : at + 1] == b"\n")
        after = line + len(mark)
        end = body.find(b"\n", after)
        tail = body[after : end if end >= 0 else len(body)].strip(b" \t\r")
        if tail not in {b"", b"--"}:  # a longer boundary that begins like this one
            at = body.find(b"\n" + mark, after)
            continue
        pieces.append(body[start:at])
        start = end + 1 if end >= 0 else len(body)
        if tail:
            return pieces
        at = body.find(b"\n" + mark, max(start - 1, 0))
    if pieces:
        pieces.append(body[start:])
    return pieces


def _is_html(text: str) -> bool:
    head = text[:300].lstrip().lower()
    return head.startswith(("<html", "<!doctype html", "<head"))
