"""Heads of damaged and hostile lines: nothing raises, and no line is lost or counted twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.read.test_heads import SHAPES

from mailaudit.read import stamps
from mailaudit.read.blocks import Block
from mailaudit.read.heads import FRAME, REST, heads
from mailaudit.read.lines import lines

GOOD = [line.encode() for line, *_ in SHAPES.values()] + [
    b"Jan  2 03:04:06 mx1 last message repeated 3 times",
    b"Jan  2 03:04:06 mx1 postfix/smtpd[1]: message repeated 3 times: [ NOQUEUE: reject: x]",
    b"Jan  2 03:04:06 mx1 -- MARK --",
    b"2026-01-02T03:04:05Z stdout P Jan  2 03:04:05 mx1 a[1]: b",
    b'{"log":"Jan  2 03:04:05 mx1 a[1]: b","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
    b"-- Reboot --",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good line, cut, mixed with another one or with odd bytes in it."""
    line = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(line)))
        how = draw(st.integers(0, 4))
        if how == 0:
            line = line[:at]
        elif how == 1:
            line = line[at:]
        elif how == 2:
            line = line[:at] + draw(st.binary(max_size=3)) + line[at:]
        elif how == 3:
            line = (
                line[:at]
                + draw(st.sampled_from([b" ", b"[", b"]: ", b": ", b"\xc3\xa9", b"<22>", b"{", b"|", b"9"]))
                + line[at + 1 :]
            )
        else:
            line = line[:at] + draw(st.sampled_from(GOOD))
    return line.replace(b"\n", b" ")


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(damaged(), min_size=1, max_size=40))
def test_every_line_is_in_one_place(texts: list[bytes]) -> None:
    """Whatever the lines are, each is in exactly one of frame, rest and skipped, in order, with the columns' types."""
    result = heads(lines(Block(0, 0, b"\n".join(texts) + b"\n", 1, 0)))
    numbers = [*result.frame["no"], *result.rest["no"], *result.skipped["no"]]

    assert sorted(numbers) == list(range(1, len(texts) + 1))
    assert result.frame["no"].is_sorted()
    assert result.rest["no"].is_sorted()
    assert {name: kind for name, kind in result.frame.schema.items() if name != "repeat"} == FRAME
    assert dict(result.rest.schema) == REST
    assert result.frame["body"].null_count() == 0
    assert result.notices.columns == ["no", "kind", "text"]


@settings(max_examples=examples(300), deadline=None)
@given(damaged())
def test_one_line_is_read_as_in_a_crowd(text: bytes) -> None:
    """A line has the same head alone and among others of the usual shape."""
    crowd = [b"Jan  2 03:04:05 mx1 postfix/qmgr[7]: 4E10AB: removed"] * 30
    alone = heads(lines(Block(0, 0, text + b"\n", 1, 0)))
    among = heads(lines(Block(0, 0, b"\n".join([*crowd, text, *crowd]) + b"\n", 1, 0)))
    if "repeat" in among.frame.columns or len(alone.skipped):
        return

    found = among.frame.filter(among.frame["no"] == 31)
    assert found.drop("no", "offset").rows() == alone.frame.drop("no", "offset").rows()


@settings(max_examples=examples(300), deadline=None)
@given(damaged())
def test_the_slow_way_to_read_a_stamp_agrees(text: bytes) -> None:
    """A stamp read alone in Python is the one that is read by the column."""
    frame = lines(Block(0, 0, text + b"\n", 1, 0))
    line = frame["line"][0]
    shape = stamps.find(line)
    by_column = stamps.read(frame["line"], shape)[0] if shape else None
    alone = stamps.time_of(line)

    if by_column is not None:
        assert alone is not None
        assert alone[0] == by_column
