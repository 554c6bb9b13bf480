"""Records as web forms: a captured POST or GET body a line, `name=value&name=value`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mailaudit.read.batches import ROWS, TEXT, Batch
from mailaudit.read.decode import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_FORM = re.compile(rb"\??(?:[\w.\-\[\]%]+=[^&\s]*&)*[\w.\-\[\]%]+=[^&\s]*\s*")
_PIECE = 1 << 20
_POST = 600
"""About how many bytes a post has."""
LIST = "mandrill_events"


def is_form(text: bytes) -> bool:
    """Tells whether the first line is a form."""
    line = text.split(b"\n", 1)[0].strip()
    return bool(line) and (b"&" in line or line.startswith(LIST.encode())) and _FORM.fullmatch(line) is not None


def batches(head: bytes, stream: BinaryIO) -> Iterator[Batch]:
    """Yields the records of open form posts that begin with `head`."""
    first = 1
    records: list[Any] = []
    broken: dict[int, str] = {}
    for line in _lines(head, stream):
        text = line.strip().lstrip(b"?")
        if not text:
            continue
        found = _records(text.decode("utf-8", "replace"))
        if not found:
            broken[len(records)] = text.decode("utf-8", "replace")[:TEXT]
            records.append(None)
        records += found
        if len(records) >= ROWS:
            yield Batch(first, "json", records, len(records) * _POST, broken)
            first, records, broken = first + len(records), [], {}
    if records:
        yield Batch(first, "json", records, len(records) * _POST, broken)


def _lines(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    data = head
    while data:
        piece = stream.read(_PIECE)
        if not piece:
            yield from data.split(b"\n")
            return
        *whole, data = (data + piece).split(b"\n")
        yield from whole


def _records(line: str) -> list[Any]:
    """The records of one form: mostly one, of Mandrill as many as its list has."""
    fields: dict[str, Any] = {name: value or None for name, value in parse_qsl(line, keep_blank_values=True)}
    events = fields.get(LIST)
    if events is None:
        return [fields] if len(fields) > 1 else []
    value = decoded(events)
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []
