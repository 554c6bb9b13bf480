"""An export is cut into batches of records: decoded objects, numbered from 1, whatever container they stand in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mailaudit.read.streams import full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from mailaudit.read.streams import Warn

Layout = Literal["json", "csv"]

SIZE = 4 << 20
"""Bytes that are looked at together."""
ROWS = 10_000
"""Records in a batch of cells at most."""
TEXT = 4096
"""Characters kept of what could not be decoded."""


@dataclass(slots=True)
class Batch:
    """Records of one source that follow each other."""

    first: int
    """Number of its first record, from 1."""
    layout: Layout
    records: list[Any]
    """The values as they were decoded; mostly objects."""
    size: int
    """About how many bytes they were read from."""
    broken: dict[int, str] = field(default_factory=dict)
    """By place in `records` (None there): the beginning of what is no record."""
    delimiter: str = ""
    """What stands between cells."""


def batches(stream: BinaryIO, warn: Warn) -> Iterator[Batch]:
    """Yields the records of an open export; `warn` is told kind and text of what is missing."""
    from mailaudit.read import cells, documents, forms  # noqa: PLC0415 (each knows the dataclass above)

    head = full(stream, SIZE)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\0 \t\r\n")
    if text[:1] in (b"{", b"["):
        yield from documents.batches(text, stream, warn)
    elif forms.is_form(text):
        yield from forms.batches(text, stream)
    else:
        yield from cells.batches(text, stream, warn)
