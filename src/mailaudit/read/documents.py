"""Records in JSON: one document, a document a line, an array a line, or documents back to back.

Lines that are complete by themselves are decoded together, which is fast; anything else is decoded value by value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mailaudit.read.batches import SIZE, Batch
from mailaudit.read.decode import back_to_back, fits, loads
from mailaudit.read.pages import records
from mailaudit.read.piecemeal import Values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from mailaudit.read.streams import Warn


def batches(head: bytes, stream: BinaryIO, warn: Warn) -> Iterator[Batch]:
    """Yields the records of an open JSON export that begins with `head`."""
    first = 1
    for values, broken in _pieces(head, stream, warn):
        found, bad = records(values, broken)
        yield Batch(first, "json", found, SIZE, bad)
        first += len(found)


def _pieces(data: bytes, stream: BinaryIO, warn: Warn) -> Iterator[tuple[list[Any], dict[int, str]]]:
    """Yields values, and by place the text of what is none."""
    begin = data.split(b"\n", 1)[0].strip()
    if not _is_whole(begin):
        yield from Values(data, stream, warn)
        return
    while data:
        piece = stream.read(SIZE)
        cut = data.rfind(b"\n") + 1 if piece else len(data)
        if cut:
            yield _lines(data[:cut], warn, at_end=not piece)
            data = data[cut:]
        data += piece
        if not piece:
            return


def _is_whole(line: bytes) -> bool:
    """Tells whether a line holds whole values."""
    try:
        loads(line.rstrip(b","))
    except (ValueError, RecursionError):
        values, broken = back_to_back(line.decode("utf-8", "replace"))
        return bool(values) and not broken
    return True


def _lines(data: bytes, warn: Warn, *, at_end: bool) -> tuple[list[Any], dict[int, str]]:
    """The values of whole lines: all at once where that is possible."""
    data = data.strip()
    lines = data.count(b"\n") + 1
    if data and fits(data):
        try:
            values = orjson.loads(b"[" + data.replace(b"\n", b",") + b"]")
        except orjson.JSONDecodeError:
            values = []
        if len(values) == lines:
            return values, {}
    return _one_by_one(data.split(b"\n"), warn, at_end=at_end)


def _one_by_one(lines: list[bytes], warn: Warn, *, at_end: bool) -> tuple[list[Any], dict[int, str]]:
    values: list[Any] = []
    broken: dict[int, str] = {}
    for place, line in enumerate(lines):
        text = line.strip().rstrip(b",")
        if not text or text in (b"[", b"]"):
            continue
        try:
            values.append(loads(text))
        except (ValueError, RecursionError):
            several, bad = back_to_back(text.decode("utf-8", "replace"))
            if bad and at_end and place == len(lines) - 1:
                warn("truncated", f"ends within a record; what was read of it: {bad[max(bad)][:60]}…")
            broken.update({len(values) + at: text for at, text in bad.items()})
            values += several
    return values, broken
