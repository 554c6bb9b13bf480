"""On a terminal nothing is cut off, and nothing runs over the edge."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mailaudit.model.answers import Answer, Look
from mailaudit.model.columns import Column

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


def test_what_the_rows_are_about_stays_in_the_row() -> None:
    """The first column keeps its place before others of the same kind; one of half the width and more does not."""
    columns = (Column("address", "text", ""), Column("state", "word", ""), Column("reply", "text", ""))
    row = ("somebody.with.a.long.name@b.example", "invalid", "no such user: https://b.example/what-this-means/5.1.1")
    answer = Answer("x", "T", "u", "t", columns, [row])

    assert written("table", answer, look=Look(width=72)).splitlines()[2:5] == [
        "address                              state",
        "somebody.with.a.long.name@b.example  invalid",
        "    reply: no such user: https://b.example/what-this-means/5.1.1",
    ]
    assert "\n    address:\n" in written("table", answer, look=Look(width=42))


def test_colour_is_ours_alone() -> None:
    """With colour, the only escapes are those of the table; those in log text are shown, not sent."""
    text = written("table", hostile(), look=Look(width=100, color=True))

    assert "\x1b[1m" in text
    assert "\x1b[2J" not in text
    assert "\\x1b[2J" in text


NUMBERS = (Column("sender", "text", ""), *(Column(f"number_{at}", "int", "") for at in range(9)))
COUNTS = st.lists(st.tuples(WORDS, *(st.integers(0, 10**9) for _ in range(9))), min_size=1, max_size=4)


@given(COUNTS, st.integers(40, 160))
def test_a_table_of_numbers_goes_on_below(rows: list[tuple[object, ...]], width: int) -> None:
    """Every number stands in a line under its name, and every line of it begins like its row."""
    text = written("table", Answer("x", "T", "u", "t", NUMBERS, rows), look=Look(width=width, limit=10))
    lines = text.splitlines()[2:]

    assert all(cell_len(line) <= width for line in lines)
    shown = Counter(word for line in lines for word in line.split())
    asked = Counter(str(number) for row in rows for number in row[1:])
    assert not asked - shown


def test_the_parts_of_a_table_of_numbers_begin_with_the_same_words() -> None:
    """What is too long to be said twice is cut where it is repeated."""
    rows = [("ann@example.com", *range(9)), ("a" * 40, *range(9, 18))]

    assert written("table", Answer("x", "T", "u", "t", NUMBERS, rows), look=Look(width=60)).splitlines()[2:] == [
        "sender                          number_0  number_1  number_2",
        "ann@example.com                        0         1         2",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa         9        10        11",
        "aaaaaaaaaa",
        "",
        "sender                          number_3  number_4  number_5",
        "ann@example.com                        3         4         5",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa...        12        13        14",
        "",
        "sender                          number_6  number_7  number_8",
        "ann@example.com                        6         7         8",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa...        15        16        17",
    ]


def test_a_command_to_copy_is_never_folded() -> None:
    """However long it is."""
    columns = (Column("question", "text", ""), Column("command", "text", ""))
    rows = [("what happened", "mailaudit stats" + " /var/log/mail.log" * 5)]

    lines = written("table", Answer("x", "T", "u", "", columns, rows), look=Look(width=50)).splitlines()[3:]
    assert lines == ["what happened", "    " + rows[0][1]]


def test_columns_in_which_nothing_is_known_give_way_first() -> None:
    """Unless they are asked for, or there is room for them."""
    columns = (Column("queue_id", "text", ""), Column("category", "word", ""), Column("reply", "text", ""))
    answer = Answer("x", "T", "u", "", columns, [("4E10", None, "some text")])

    assert written("table", answer, look=Look(width=60)).splitlines()[2] == "queue_id  category  reply"
    assert written("table", answer, look=Look(width=20)).splitlines()[2:] == ["queue_id  reply", "4E10      some text"]
    assert "category" in written("table", answer, look=Look(width=20, columns=("queue_id", "category", "reply")))
