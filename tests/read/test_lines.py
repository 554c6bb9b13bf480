"""Blocks and lines: every byte is in exactly one line, with its number and offset, whatever the bytes are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit.read.blocks import LINE_LIMIT, Block, blocks, count_lines
from mailaudit.read.lines import lines


@dataclass(frozen=True)
class Bytes:
    """A source in memory that answers in small pieces, as a pipe does."""

    content: bytes
    piece: int = 1 << 20
    number: int = 0

    def open(self) -> BinaryIO:
        """A stream of it."""
        return Pieces(self.content, self.piece)


class Pieces(io.BytesIO):
    """Gives less than it is asked for."""

    def __init__(self, content: bytes, piece: int) -> None:
        super().__init__(content)
        self._piece = piece

    def read(self, size: int | None = -1, /) -> bytes:
        """At most a piece."""
        return super().read(self._piece if size is None or size < 0 else min(size, self._piece))


def expected(content: bytes) -> list[tuple[int, int, str]]:
    """The lines as plain Python sees them."""
    found, offset = [], 0
    parts = content.split(b"\n")
    if not parts[-1]:
        parts.pop()
    for number, part in enumerate(parts, 1):
        text = part.lstrip(b"\0").removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")[:LINE_LIMIT]
        found.append((number, offset, text.decode("utf-8", "replace")))
        offset += len(part) + 1
    return found


def read(content: bytes, size: int, piece: int = 1 << 20) -> list[tuple[int, int, str]]:
    """The lines of all blocks."""
    found = []
    for count, block in enumerate(blocks(Bytes(content, piece), size)):
        assert block.number == count
        found += lines(block).rows()
    return found


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"\n",
                b"\n\n",
                b"\r\n",
                b"\r",
                b"\x00",
                b"\x00\x00\x00",
                b"\x01",
                b"\x0b",
                b"\x0c",
                b"\x85",
                b"\xc2\x85",
                b"\xe2\x80\xa8",
                b"\xff",
                b"\xef\xbb\xbf",
                b'"',
                b",",
                b"#",
                b"Jan  2 03:04:05 mx1 a[1]: b",
                "ü€😀".encode(),
                b" ",
                b"x" * 30,
            ]
        )
        | st.binary(max_size=4),
        max_size=60,
    ),
    st.sampled_from([1, 2, 7, 16, 64, 1 << 20]),
    st.sampled_from([1, 3, 1 << 20]),
)
@example([b"\xef\xbb\xbfa\n", b"b"], 1, 1)
@example([b"x" * 30, b"\n"] * 20, 16, 1)
def test_numbers_and_offsets_are_exact(parts: list[bytes], size: int, piece: int) -> None:
    """Lines, numbers and offsets are those of a plain splitter, for any block size and any pieces."""
    content = b"".join(parts)

    assert read(content, size, piece) == expected(content)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=200))
def test_lines_are_counted_exactly(data: bytes) -> None:
    """The fast count is the number of lines, the last one with or without its newline."""
    assert count_lines(data) == len(expected(data))


def test_long_line_is_cut_and_memory_bounded() -> None:
    """Of a line of 10 MB the first 64 KiB are kept; what follows it has exact numbers and offsets."""
    content = b"a\n" + b"x" * 10_000_000 + b"\nlast\n"
    found = list(blocks(Bytes(content), 1 << 20))

    assert max(len(block.data) for block in found) <= 2 << 20
    assert [(no, at, len(text)) for no, at, text in read(content, 1 << 20)] == [
        (1, 0, 1),
        (2, 2, LINE_LIMIT),
        (3, 10_000_003, 4),
    ]


def test_long_line_within_a_block() -> None:
    """A line of more than 64 KiB in a large block is cut, too."""
    assert [len(text) for _, _, text in read(b"a" * 100_000 + b"\nb\n", 1 << 24)] == [LINE_LIMIT, 1]


def test_hole_of_nuls() -> None:
    """A log that was truncated under its writer begins with any number of NULs: the line behind them is whole."""
    content = b"\0" * 5_000_000 + b"Jan  2 03:04:05 mx1 a[1]: b\nnext\n"

    assert read(content, 1 << 20) == [(1, 0, "Jan  2 03:04:05 mx1 a[1]: b"), (2, 5_000_028, "next")]


def test_nothing() -> None:
    """An empty source has no block."""
    assert list(blocks(Bytes(b""), 1 << 20)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            b'{"log":"one ","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
            b'{"log":"line\\n","stream":"stdout","time":"x"}',
        ),
        (b"2026-01-02T03:04:05Z stdout P one ", b"2026-01-02T03:04:05Z stdout F line"),
        (b"Jan  2 03:04:05 mx1 a[1]: b", b"Jan  2 03:04:06 mx1 last message repeated 2 times"),
    ],
)
def test_lines_that_belong_together_stay_together(first: bytes, second: bytes) -> None:
    """No block ends between the parts of a split line, or before a repetition."""
    content = (b"x" * 50 + b"\n") * 3 + first + b"\n" + second + b"\n" + (b"y" * 50 + b"\n") * 6
    for size in range(len(first) + len(second) + 60, 400):
        found = [block.data for block in blocks(Bytes(content), size)]

        assert b"".join(found) == content
        assert any(first + b"\n" + second in data for data in found)


def test_block_tells_where_it_is() -> None:
    """Blocks follow each other without a gap."""
    content = b"".join(b"line %d\n" % number for number in range(1000))
    line, offset = 1, 0
    for block in blocks(Bytes(content), 256):
        assert (block.first_line, block.offset) == (line, offset)
        line, offset = line + block.data.count(b"\n"), offset + len(block.data)

    assert (line, offset) == (1001, len(content))


def test_empty_block() -> None:
    """A frame has its types even where there is nothing in it."""
    frame = lines(Block(0, 0, b"\n", 1, 0))

    assert frame.rows() == [(1, 0, "")]


@pytest.mark.parametrize("start", [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x\x9c"])
def test_a_line_that_begins_like_something_compressed_is_a_line(start: bytes) -> None:
    """What reads lines for us would take it for a file to unpack."""
    data = start + b"not packed\n" + b"Feb  3 06:26:22 mx postfix/smtpd[1]: connect from a[192.0.2.1]\n" * 20000
    found = lines(Block(0, 0, data, 1, 0))

    assert len(found) == count_lines(data) == 20001
