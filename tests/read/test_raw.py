"""Lines are fetched again from where they stand."""

from __future__ import annotations

import bz2
import gzip
import random
from typing import TYPE_CHECKING

import pytest

from mailaudit.read import sources
from mailaudit.read.blocks import LINE_LIMIT, blocks
from mailaudit.read.lines import lines
from mailaudit.read.raw import Forward

if TYPE_CHECKING:
    from pathlib import Path

    from mailaudit.read.sources import Source

ROWS = [
    f"Jan  2 03:04:05 mx1 a[1]: {number:06} ".encode() + b"\xff\x0b\r" * (number % 3) + b"x" * (number % 97)
    for number in range(30_000)
]
DATA = b"\n".join(ROWS) + b"\n"


def source(directory: Path, data: bytes = DATA, name: str = "a") -> Source:
    """A source of these bytes, compressed if its name says so."""
    path = directory / name
    path.write_bytes(
        gzip.compress(data, 1) if name.endswith("gz") else bz2.compress(data, 1) if name.endswith("bz2") else data
    )
    return sources.find([str(path)]).sources[0]


def fetched(one: Source, offsets: list[int]) -> list[bytes]:
    """The lines at these offsets, in the order asked for; the stream is read once, forwards."""
    found = {}
    with one.open() as stream:
        reader = Forward(stream)
        for offset in sorted(set(offsets)):
            reader.to(offset)
            found[offset] = reader.line()
    return [found[offset] for offset in offsets]


@pytest.mark.parametrize("name", ["a", "a.gz", "a.bz2"])
def test_lines_are_fetched_by_offset(tmp_path: Path, name: str) -> None:
    """Any lines in any order, more than once too, come back byte for byte."""
    one = source(tmp_path, name=name)
    offsets = [offset for block in blocks(one, 1 << 16) for offset in lines(block)["offset"].to_list()]
    chosen = random.Random(1).choices(  # noqa: S311
        range(len(ROWS)), k=500
    )

    assert fetched(one, [offsets[row] for row in chosen]) == [ROWS[row] for row in chosen]


def test_far_lines_are_not_read_through(tmp_path: Path) -> None:
    """Few lines far apart in a large file are skipped to."""
    data = DATA * 12
    one = source(tmp_path, data)

    assert fetched(one, [len(DATA) * 11, 0]) == [ROWS[0], ROWS[0]]


def test_odd_lines(tmp_path: Path) -> None:
    """A hole of NULs, a line of megabytes, a last line without its end."""
    data = b"\0" * 3_000_000 + b"hole\n" + b"y" * 3_000_000 + b"\nlast"
    one = source(tmp_path, data, "odd")
    offsets = [offset for block in blocks(one, 1 << 16) for offset in lines(block)["offset"].to_list()]

    assert fetched(one, offsets) == [b"hole", b"y" * LINE_LIMIT, b"last"]
