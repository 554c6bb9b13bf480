"""Lines are fetched again from where they stand, and found by what is in them."""

from __future__ import annotations

import bz2
import gzip
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailaudit.errors import InputError
from mailaudit.read import sources
from mailaudit.read.blocks import LINE_LIMIT, blocks
from mailaudit.read.lines import lines
from mailaudit.read.raw import raw_lines
from mailaudit.read.search import grep, numbers

if TYPE_CHECKING:
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


@pytest.mark.parametrize("name", ["a", "a.gz", "a.bz2"])
def test_lines_are_fetched_by_offset(tmp_path: Path, name: str) -> None:
    """Any lines in any order, more than once too, come back byte for byte."""
    one = source(tmp_path, name=name)
    offsets = [offset for block in blocks(one, 1 << 16) for offset in lines(block)["offset"].to_list()]
    chosen = random.Random(1).choices(  # noqa: S311
        range(len(ROWS)), k=500
    )

    assert raw_lines([one], [(0, offsets[row]) for row in chosen]) == [ROWS[row] for row in chosen]


def test_far_lines_are_not_read_through(tmp_path: Path) -> None:
    """Few lines far apart in a large file are skipped to."""
    data = DATA * 12
    one = source(tmp_path, data)

    assert raw_lines([one], [(0, len(DATA) * 11), (0, 0)]) == [ROWS[0], ROWS[0]]


def test_odd_lines(tmp_path: Path) -> None:
    """A hole of NULs, a line of megabytes, a last line without its end."""
    data = b"\0" * 3_000_000 + b"hole\n" + b"y" * 3_000_000 + b"\nlast"
    one = source(tmp_path, data, "odd")
    offsets = [offset for block in blocks(one, 1 << 16) for offset in lines(block)["offset"].to_list()]

    assert raw_lines([one], [(0, offset) for offset in offsets]) == [b"hole", b"y" * LINE_LIMIT, b"last"]


def test_source_that_is_gone(tmp_path: Path) -> None:
    """Where a file is gone, the error says which and where the line stood."""
    one = source(tmp_path)
    Path(one.path).unlink()
    with pytest.raises(InputError, match=r"byte 41"):
        raw_lines([one], [(0, 41)])


@pytest.mark.parametrize("name", ["a", "a.gz"])
@pytest.mark.parametrize("token", [b"000007", b"29999", b"Jan", b"nowhere", b"0 \xff", b"1: 0"])
def test_search_finds_what_a_loop_finds(tmp_path: Path, name: str, token: bytes) -> None:
    """Every line with the token once, with its offset and its number."""
    one = source(tmp_path, name=name)
    expected, offset = [], 0
    for number, row in enumerate(ROWS, 1):
        if token in row:
            expected.append((number, offset, row))
        offset += len(row) + 1
    found = list(grep(one, token))

    assert found == [(at, row) for _, at, row in expected]
    assert numbers(one, [at for at, _ in found]) == [number for number, _, _ in expected]


def test_search_in_a_line_of_megabytes(tmp_path: Path) -> None:
    """A token far behind in a line of megabytes is found; what follows has exact offsets."""
    data = b"first\n" + b"y" * 9_000_000 + b"token" + b"y" * 3_000_000 + b"\ntoken\nlast token"
    found = list(grep(source(tmp_path, data), b"token"))

    assert [(at, len(row)) for at, row in found] == [(6, LINE_LIMIT), (12_000_012, 5), (12_000_018, 10)]
