"""A first look at an input: is it a log, when does it begin, on which hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.times import DAY
from mailaudit.read import containers, kinds
from mailaudit.read.blocks import Block
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines
from mailaudit.read.stamps import NO_YEAR
from mailaudit.read.streams import full

if TYPE_CHECKING:
    from typing import BinaryIO

LOOK = 64 << 10
"""Bytes that are looked at."""

_LINES = 50
_DISORDER = 2 * DAY


@dataclass(frozen=True, slots=True)
class Look:
    """What the beginning of an input shows."""

    head: bytes
    """Its first bytes, decompressed."""
    binary: str | None
    """What it is, if it cannot be a log."""
    stamped: bool
    """True if there is a line with a time."""
    time_us: int | None
    """The first time in it, as `heads` gives it."""
    floating: int


def look(stream: BinaryIO) -> Look:
    """Reads the first bytes of a decompressed stream."""
    head = full(stream, LOOK)
    if kinds.kind(head) == "mails":
        return Look(head, binary=None, stamped=False, time_us=None, floating=0)
    whole = head[: head.rfind(b"\n") + 1] or head
    text = b"".join(whole.lstrip(b"\0").splitlines(keepends=True)[:_LINES])
    frame = heads(lines(Block(0, 0, text, 1, 0))).frame if text else pl.DataFrame()
    timed = frame.filter(pl.col("time_us").is_not_null()) if len(frame) else frame
    if len(timed):
        return Look(head, binary=None, stamped=True, time_us=timed["time_us"][0], floating=timed["floating"][0])
    return Look(head, binary=_binary(head), stamped=False, time_us=None, floating=0)


def _binary(head: bytes) -> str | None:
    """What the bytes are if they are no text; only asked where no line has a stamp."""
    if known := containers.foreign(head):
        return known
    text = head.lstrip(b"\0")
    if not head or not text:
        return None
    control = len(text) - len(text.translate(None, bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x08"))))
    return "binary data" if control * 20 > len(text) else None


def begins_us(found: Look, anchor_us: int) -> int | None:
    """When the input begins, µs; a time without a year goes into the last year in which it is not after the anchor."""
    if found.time_us is None or found.floating != NO_YEAR:
        return found.time_us
    year = 365 * DAY + DAY // 4
    years = (anchor_us + _DISORDER - found.time_us) // year
    return found.time_us + years * year
