"""On a terminal nothing is cut off, and nothing runs over the edge."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mailaudit.model.columns import Column
from mailaudit.writers.answers import Answer, Look

from .answers import hostile, written

WORDS = st.text("abc[]/.@-é日 ", max_size=60).map(lambda text: " ".join(text.split()))
COLUMNS = (
    Column("time", "word", ""),
    Column("sender", "text", ""),
    Column("size", "int", ""),
    Column("recipient", "text", ""),
    Column("reply", "text", ""),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["2026-05-31 09:00:00", ""]), WORDS, st.integers(0, 10**9), WORDS, WORDS), max_size=4
)


@given(ROWS, st.integers(40, 160))
def test_everything_is_there_within_the_width(rows: list[tuple[object, ...]], width: int) -> None:
    """Every character of every cell is shown, and no line is longer than the terminal is wide."""
    text = written("table", Answer("x", "T", "u", "t", COLUMNS, rows), look=Look(width=width, limit=10))
    lines = text.splitlines()[2:]
    shown = Counter("".join("".join(lines).split()))
    asked = Counter("".join(str(cell) for row in rows for cell in row).replace(" ", ""))

    assert all(cell_len(line) <= width for line in lines)
    assert not asked - shown


def test_a_row_that_fits_is_one_line() -> None:
    """At 120 characters the table looks like any other."""
    assert written("table", hostile(), look=Look(width=120)).splitlines()[2:4] == [
        "queue_id  time                 size     rate  reply",
        "4E10      2017-05-31 04:26:22    10   50.00%  ok [prod.protection.outlook.com] [/x] :smile:",
    ]


def test_text_that_does_not_fit_stands_under_its_row() -> None:
    """At 60 characters the reply moves below, with its name."""
    assert written("table", hostile(), look=Look(width=60)).splitlines()[2:5] == [
        "queue_id  time                 size     rate",
        "4E10      2017-05-31 04:26:22    10   50.00%",
        "    reply: ok [prod.protection.outlook.com] [/x] :smile:",
    ]


def test_colour_is_ours_alone() -> None:
    """With colour, the only escapes are those of the table; those in log text are shown, not sent."""
    text = written("table", hostile(), look=Look(width=100, color=True))

    assert "\x1b[1m" in text
    assert "\x1b[2J" not in text
    assert "\\x1b[2J" in text
