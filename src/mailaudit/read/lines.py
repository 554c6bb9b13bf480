"""A block becomes a frame of lines: number, byte offset, text.

Most blocks are clean (UTF-8 without control characters that matter) and are split by polars. All others are split by
plain Python, which is a few times slower and exact for everything that a crashed or hostile writer leaves behind.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.read.blocks import LINE_LIMIT, packed, scan

if TYPE_CHECKING:
    from mailaudit.read.blocks import Block

BOM = b"\xef\xbb\xbf"

SCHEMA: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "offset": pl.Int64, "line": pl.String}


def lines(block: Block) -> pl.DataFrame:
    r"""One row per line: `no` from 1, `offset` of its first byte in the decompressed stream, `line` as text.

    Only \n ends a line. Text is without line end (\r\n too), without NULs before it and without a byte order mark;
    bytes that are not UTF-8 are U+FFFD; what is beyond LINE_LIMIT is cut off.
    """
    if packed(block.data):
        return _one_by_one(block)
    found = _rewritten(block.data) if _needs_care(block.data) else _split(block.data)
    if found is None:
        return _one_by_one(block)
    text, width = found
    longest = width.max()
    if isinstance(longest, int) and longest > LINE_LIMIT:
        return _one_by_one(block)
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


def _split(data: bytes) -> tuple[pl.Series, pl.Series]:
    """The text of each line, and how many bytes it has."""
    text = scan(data).collect(engine="in-memory").get_column("line")
    if text.null_count():
        text = text.fill_null("")
    return text, text.str.len_bytes()


def _rewritten(data: bytes) -> tuple[pl.Series, pl.Series] | None:
    r"""The same for data with \r, NUL and invalid bytes: split with others in their place, which are then put right.

    None if the data have the others, too.
    """
    if any(byte in data for byte in _STANDINS):
        return None
    widths = _split(data.translate(_TO_ASCII))[1]
    if not data.isascii() and not _is_utf8(data):
        data = data.decode("utf-8", "replace").encode()
    text = _split(b"\n" + data.translate(_TO_STANDINS))[0][1:]  # the reader would drop a mark at the very beginning
    nul, cr, one = (byte.decode() for byte in _STANDINS)
    text = text.str.strip_chars_start(nul).str.strip_prefix(BOM.decode()).str.strip_chars_end(cr)
    for standin, original in ((nul, "\0"), (cr, "\r"), (one, "\1")):
        if text.str.contains(standin, literal=True).any():
            text = text.str.replace_all(standin, original, literal=True)
    return text, widths


_STANDINS = (b"\2", b"\3", b"\4")
_TO_STANDINS = bytes.maketrans(b"\0\r\1", b"".join(_STANDINS))
_TO_ASCII = bytes(byte if byte < 0x80 and byte not in b"\0\r\1" else ord("?") for byte in range(256))  # noqa: PLR2004


def _one_by_one(block: Block) -> pl.DataFrame:
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
