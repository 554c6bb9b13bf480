"""A block becomes a frame of lines: number, byte offset, text.

Most blocks are clean (UTF-8 without control characters that matter) and are split by polars. All others are split by
plain Python, which is a few times slower and exact for everything that a crashed or hostile writer leaves behind.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.read.blocks import LINE_LIMIT, scan

if TYPE_CHECKING:
    from mailaudit.read.blocks import Block

BOM = b"\xef\xbb\xbf"

SCHEMA: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "offset": pl.Int64, "line": pl.String}


def lines(block: Block) -> pl.DataFrame:
    r"""One row per line: `no` from 1, `offset` of its first byte in the decompressed stream, `line` as text.

    Only \n ends a line. Text is without line end (\r\n too), without NULs before it and without a byte order mark;
    bytes that are not UTF-8 are U+FFFD; what is beyond LINE_LIMIT is cut off.
    """
    if _needs_care(block.data):
        return _split_carefully(block)
    text = _split(block.data)
    width = text.str.len_bytes()
    longest = width.max()
    if isinstance(longest, int) and longest > LINE_LIMIT:
        return _split_carefully(block)
    offset = (width.cast(pl.Int64) + 1).cum_sum().shift(1, fill_value=0) + block.offset
    number = pl.int_range(block.first_line, block.first_line + len(text), dtype=pl.UInt32, eager=True)
    return pl.DataFrame({"no": number, "offset": offset, "line": text})


def _needs_care(data: bytes) -> bool:
    if b"\r" in data or b"\0" in data or b"\1" in data:
        return True
    return not data.isascii() and (BOM in data or not _is_utf8(data))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _split(data: bytes) -> pl.Series:
    return scan(data).collect().get_column("line").rechunk().fill_null("")


def _split_carefully(block: Block) -> pl.DataFrame:
    raw = block.data.split(b"\n")
    if not raw[-1]:
        raw.pop()
    starts = list(itertools.accumulate((len(line) + 1 for line in raw[:-1]), initial=block.offset))
    text = [clean(line) for line in raw]
    numbers = list(range(block.first_line, block.first_line + len(raw)))
    return pl.DataFrame({"no": numbers, "offset": starts, "line": text}, schema=SCHEMA)


def clean(line: bytes) -> str:
    """The text of one raw line: without line end, NULs in front and byte order mark, not longer than LINE_LIMIT."""
    return line.lstrip(b"\0").removeprefix(BOM).rstrip(b"\r\n")[:LINE_LIMIT].decode("utf-8", "replace")
