"""Prose fits its lines, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from mailaudit.writers.wrapping import wrapped


@example(" aaaaa日日日", 11, "")
@given(st.text("ab 日é-", max_size=200), st.integers(8, 40), st.sampled_from(["", "  ", " " * 6]))
def test_lines_fit_and_hold_every_word(text: str, width: int, further: str) -> None:
    """Wide characters are two columns; only words longer than a line are torn."""
    lines = wrapped(text, width, further)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    if all(cell_len(word) <= width - cell_len(further) for word in text.split()):
        assert " ".join(lines).split() == text.split()


def test_blanks_of_a_layout_stay() -> None:
    """A name and its value keep their distance; what follows stands under the value."""
    assert wrapped("reason   the mailbox is full", 18, " " * 9) == [
        "reason   the",
        "         mailbox",
        "         is full",
    ]
    assert wrapped("from     abcdefghijkl", 19, " " * 9) == ["from     abcdefghij", "         kl"]
