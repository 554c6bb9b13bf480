"""Lives of queue ids: which lines belong to one message."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit.link.lives import DISORDER, LATE, SECOND, SILENCE, Lives, messages
from mailaudit.link.mentions import Mentions
from mailaudit.model.acts import BEGIN, END, HELD, IDENT, QUEUED, TRIED

Line = tuple[int, int, str, str | None]
"""time in µs, act, queue id, Message-ID."""


def marks(lines: list[Line], first_no: int = 1) -> pl.DataFrame:
    """The marks of consecutive lines as linking gets them."""
    row = range(len(lines))
    frame = pl.DataFrame(
        {
            "row": row,
            "source": 0,
            "no": range(first_no, first_no + len(lines)),
            "time_us": [line[0] for line in lines],
            "queue_id": [line[2] for line in lines],
            "act": [line[1] for line in lines],
            "message_id": [line[3] for line in lines],
        },
        schema={
            "row": pl.UInt32, "source": pl.Int32, "no": pl.UInt32, "time_us": pl.Int64, "queue_id": pl.String,
            "act": pl.Int8, "message_id": pl.String,
        },
    )  # fmt: skip
    ident = pl.when(pl.col("act") == IDENT).then(pl.col("message_id").fill_null("").hash())
    return frame.with_columns(pl.col("queue_id").hash().alias("gid"), ident.alias("ident")).sort("gid", "no")


def keys(lines: list[Line], cuts: tuple[int, ...] = ()) -> list[int]:
    """The key of each line, linked in blocks that end at the cuts."""
    lives, found = Lives(), []
    for begin, end in zip((0, *cuts), (*cuts, len(lines)), strict=True):
        if begin < end:
            block = marks(lines[begin:end], begin + 1)
            found += block.with_columns(lives.link(block)).sort("row")["key"].to_list()
    return found


def parts(lines: list[Line], cuts: tuple[int, ...] = ()) -> list[int]:
    """The number of the life of each line, in order of appearance."""
    order: dict[int, int] = {}
    return [order.setdefault(key, len(order)) for key in keys(lines, cuts)]


def mail(at: int, queue_id: str, ident: str) -> list[Line]:
    """The lines of a mail that came in and went out."""
    return [
        (at, BEGIN, queue_id, None),
        (at, IDENT, queue_id, ident),
        (at + SECOND, QUEUED, queue_id, None),
        (at + SECOND, TRIED, queue_id, None),
        (at + SECOND, END, queue_id, None),
    ]


def test_an_id_that_is_given_out_again_is_another_life() -> None:
    """After `removed`, the next `client=` of the id begins a new message."""
    assert parts([*mail(0, "A1", "x"), *mail(9 * SECOND, "A1", "y")]) == [0] * 5 + [1] * 5


def test_a_new_client_begins_a_life_even_if_the_end_was_lost() -> None:
    """A dropped `removed` line does not glue two messages together."""
    lost = mail(0, "A1", "x")[:-1]

    assert parts([*lost, *mail(9 * SECOND, "A1", "y")]) == [0] * 4 + [1] * 5


def test_a_notice_begins_with_its_message_id() -> None:
    """Notices have no `client=`: their Message-ID begins the life, also of an id used before."""
    notice: list[Line] = [(9 * SECOND, IDENT, "A1", "n"), (9 * SECOND, QUEUED, "A1", None)]

    assert parts([*mail(0, "A1", "x"), *notice]) == [0] * 5 + [1] * 2


def test_a_message_id_just_before_its_client_is_disorder() -> None:
    """UDP syslog can swap the two first lines; they are one message."""
    swapped: list[Line] = [(0, IDENT, "A1", "x"), (DISORDER // 2, BEGIN, "A1", None), (DISORDER, QUEUED, "A1", None)]

    assert parts(swapped) == [0, 0, 0]


def test_a_delivery_flushed_after_removed_belongs_to_the_old_life() -> None:
    """Another process may write its line late; much later, the id must have come back unseen."""
    at = 10 * SECOND
    late: list[Line] = [(at + LATE // 2, TRIED, "A1", None)]
    unseen: list[Line] = [(at + 3 * LATE, TRIED, "A1", None)]

    assert parts([*mail(0, "A1", "x"), *late]) == [0] * 6
    assert parts([*mail(0, "A1", "x"), *unseen]) == [0] * 5 + [1]


def test_silence_longer_than_a_queue_lifetime_divides() -> None:
    """Nothing waits longer than maximal_queue_lifetime; retries before that are the same message."""
    first: list[Line] = [(0, BEGIN, "A1", None), (0, QUEUED, "A1", None)]

    assert parts([*first, (SILENCE - SECOND, TRIED, "A1", None)]) == [0, 0, 0]
    assert parts([*first, (SILENCE + SECOND, TRIED, "A1", None)]) == [0, 0, 1]


def test_a_mail_on_hold_may_be_silent_for_any_time() -> None:
    """An operator may release mail after weeks: it is still the same mail."""
    held: list[Line] = [(0, BEGIN, "A1", None), (0, HELD, "A1", None), (0, IDENT, "A1", "x")]
    released: list[Line] = [(3 * SILENCE, QUEUED, "A1", None), (3 * SILENCE, TRIED, "A1", None)]

    assert parts([*held, *released]) == [0] * 5
    assert parts([*held, *released], (3,)) == [0] * 5


def test_a_message_seen_from_the_middle_is_one_life() -> None:
    """A log may begin in the middle of a message."""
    assert (
        parts(
            [
                (0, TRIED, "A1", None),
                (SECOND, QUEUED, "A1", None),
                (SECOND, TRIED, "A1", None),
                (SECOND, END, "A1", None),
            ]
        )
        == [0] * 4
    )


def test_what_a_life_says_is_merged_from_its_lines() -> None:
    """The first line that names the sender counts, and end and acceptance have their own times."""
    lines = [*mail(0, "A1", "x"), (SECOND, TRIED, "B2", None)]
    block = marks(lines)
    rows = block.sort("row").select(
        "source", "no", "queue_id", "time_us",
        pl.lit(0, dtype=pl.Int64).alias("offset"), pl.lit("mx").alias("host"), pl.lit("postfix/smtp").alias("tag"),
    )  # fmt: skip
    told = {
        "sender": pl.DataFrame({"row": [2], "sender": ["Ann@Example.ORG"]}, schema_overrides={"row": pl.UInt32}),
        "size": pl.DataFrame({"row": [2], "size": [700]}, schema_overrides={"row": pl.UInt32}),
    }
    mentions = Mentions(rows, block, told, {"postfix/smtp": "postfix"})
    found = messages(mentions, block, Lives().link(block)).sort("queue_id")

    assert found.select("queue_id", "sender", "sender_domain", "size", "accepted_us", "ended_us").rows() == [
        ("A1", "Ann@Example.ORG", "example.org", 700, SECOND, SECOND),
        ("B2", None, None, None, None, None),
    ]


class Plain:
    """The same rules, one line after the other, with a dictionary."""

    def __init__(self) -> None:
        self.count = -1
        self.now: dict[str, dict[str, object]] = {}

    def line(self, line: Line) -> int:
        """Returns the number of the line's life."""
        at, act, name, ident = line
        life = self.now.get(name)
        if life is None or self.divides(life, at, act, ident):
            self.count += 1
            life = self.now[name] = {
                "number": self.count,
                "begun": False,
                "ident": None,
                "ended": False,
                "held": False,
                "fresh": act == IDENT,
            }
        else:
            life["fresh"] = False
        life["at"] = at
        life["begun"] = life["begun"] or act == BEGIN
        life["ended"] = life["ended"] or act == END
        life["held"] = life["held"] or act == HELD
        life["ident"] = ident if act == IDENT else life["ident"]
        return int(str(life["number"]))

    @staticmethod
    def divides(life: dict[str, object], at: int, act: int, ident: str | None) -> bool:
        """Tells whether the line begins another life."""
        pause = at - int(str(life["at"]))
        if act == BEGIN:
            return not (life["fresh"] and pause <= DISORDER)
        if pause > SILENCE and not life["held"]:
            return True
        if act == IDENT:
            if life["ended"]:
                return True
            if life["begun"] or life["ident"] is not None:
                return life["ident"] is not None and life["ident"] != ident
            return pause > DISORDER
        return bool(life["ended"] and pause > LATE)


acts = st.sampled_from([BEGIN, IDENT, QUEUED, TRIED, HELD, END])
pauses = st.sampled_from([0, SECOND, 4 * SECOND, 20 * SECOND, 2 * LATE, SILENCE + SECOND])


@given(
    st.lists(st.tuples(pauses, acts, st.sampled_from("ABCD"), st.sampled_from("xyz")), max_size=60),
    st.sets(st.integers(1, 59), max_size=8),
)
@settings(max_examples=examples(300), deadline=None)
def test_any_lines_in_any_blocks_are_divided_as_one_by_one(
    drawn: list[tuple[int, int, str, str]], ends: set[int]
) -> None:
    """Linking block by block equals a plain dictionary over the lines, wherever the blocks end."""
    at, lines = 0, []
    for pause, act, name, ident in drawn:
        at += pause
        lines.append((at, act, name, ident if act == IDENT else None))
    plain = Plain()
    expected = [plain.line(line) for line in lines]
    cuts = tuple(sorted(end for end in ends if end < len(lines)))

    assert parts(lines, cuts) == expected
