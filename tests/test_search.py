"""The search for tokens in the bytes of a file, beside a plain loop over its lines."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit import search
from mailaudit.read import sources

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(st.text("abc \xe9", max_size=12).map(str.encode), max_size=40)
TOKENS = st.lists(st.text("abc", min_size=1, max_size=3).map(str.encode), min_size=1, max_size=6)
BLOCKS = (7, 64, 4 << 20)
"""Bytes searched at once: less than a line, some lines, everything."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that every example overwrites."""
    return tmp_path_factory.mktemp("search") / "mail.log"


@pytest.mark.parametrize("size", BLOCKS)
@given(lines=LINES, ended=st.booleans(), tokens=TOKENS, others=TOKENS)
def test_lines_are_found_with_number_and_offset(
    path: Path, size: int, lines: list[bytes], tokens: list[bytes], others: list[bytes], *, ended: bool
) -> None:
    """Each line that holds a token is found once, also where an earlier search has counted the lines."""
    data = b"\n".join(lines) + b"\n" * ended
    path.write_bytes(b"x\n" + data)  # an empty file is no source
    (source,) = sources.find([str(path)]).sources
    known = search.Lines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BLOCK", size)
        found = [list(search.search(source, asked, known)) for asked in (others, tokens)]

    assert found == [told(b"x\n" + data, asked) for asked in (others, tokens)]


def told(data: bytes, tokens: list[bytes]) -> list[search.Hit]:
    """The same by looking at one line after the other."""
    found, offset = [], 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if any(token in line for token in tokens):
            found.append((offset, number, line, False))
        offset += len(line)
    return found


def test_a_sample_is_whole_lines_from_both_ends(path: Path) -> None:
    """Beside what is searched for, a large file gives lines from all over it, with their places."""
    line = "Feb  3 06:26:22 mx postfix/qmgr[1]: %010d: removed\n"
    path.write_text("".join(line % number for number in range(1, 60_001)))
    data = path.read_bytes().splitlines(keepends=True)
    (source,) = sources.find([str(path)]).sources
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BLOCK", 1 << 18)
        sample = list(search.search(source, [b"no such token"], sample=True))

    assert all(data[number - 1] == text and offset == (number - 1) * len(text) for offset, number, text, _ in sample)
    numbers = [number for _, number, _, _ in sample]
    assert (min(numbers), max(numbers)) == (1, 60_000)
    assert len(set(numbers)) > len(numbers) * 0.9
    assert max(later - earlier for earlier, later in itertools.pairwise(numbers)) < 60_000 / 20
