"""The tables of kinds are what they say: every example is a line of its own kind, and every kind can be reached."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.lines import records

from mailaudit.formats import NAMES, formats, shapes
from mailaudit.formats.table import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.formats.table import Format, Kind

QUEUE_IDS = ("4F1A2B3C01", "v4V4QL1K030027", "1Ov4tU-0000Nz-Rm", "0750aef5")
UNHEARD_OF = "unheard-of"


def cases() -> Iterator[Any]:
    """Every kind of every format with each of its daemons, and with each place where it may stand."""
    for name in NAMES:
        for number, kind in enumerate(formats()[name].kinds):
            for daemon in kind.daemons:
                for queue_id in (True, False) if kind.queue_id is None else (kind.queue_id,):
                    how = "with id" if queue_id else "without id"
                    yield pytest.param(name, number, daemon, queue_id, id=f"{name}-{number}-{kind.name}-{daemon}-{how}")


def told_apart(form: Format) -> Format:
    """The same format with a name of its own for every row of its table."""
    kinds = tuple(dataclasses.replace(kind, name=f"{number}") for number, kind in enumerate(form.kinds))
    return dataclasses.replace(form, kinds=kinds)


def tag_of(form: Format, daemon: str) -> str | None:
    """A tag with which the daemon logs."""
    wanted = UNHEARD_OF if daemon == ANY else daemon
    for tag in (wanted, f"{form.name}/{wanted}", None):
        program = form.claims(tag)
        if program is not None and program.daemon == wanted:
            return tag
    return pytest.fail(f"no tag stands for the daemon {daemon}")


def sample_id(form: Format) -> str:
    """A queue id of the format."""
    return next(queue_id for queue_id in QUEUE_IDS if re.search(form.queue_id, queue_id))


@pytest.mark.parametrize(("name", "number", "daemon", "queue_id"), list(cases()))
def test_an_example_is_of_its_own_kind(name: str, number: int, daemon: str, *, queue_id: bool) -> None:
    """Read through the whole table, an example is taken by the very row that it stands in."""
    form = told_apart(formats()[name])
    example = form.kinds[number].example
    body = f"{sample_id(form)}{form.behind_id}{example}" if queue_id else example

    found = records(form, body, tag=tag_of(form, daemon))

    assert found.counts == {f"{number}": 1}, example
    assert found.unparsed.to_list() == []


def takes_part(pattern: str) -> bool:
    """Whether the first group of a pattern is matched whenever the pattern is."""
    parsed = re._parser.parse(pattern.replace("(?<", "(?P<"))  # type: ignore[attr-defined]
    return any(str(code) == "SUBPATTERN" and argument[0] == 1 for code, argument in parsed)


def with_groups() -> list[Any]:
    """Every row whose pattern fills columns."""
    rows: list[tuple[str, Kind]] = [(name, kind) for name in NAMES for kind in formats()[name].kinds]
    return [
        pytest.param(kind.pattern, id=f"{name}-{kind.name}")
        for name, kind in rows
        if kind.pattern is not None and not kind.noise
    ]


@pytest.mark.parametrize("pattern", with_groups())
def test_the_first_group_takes_part_in_every_match(pattern: str) -> None:
    """The reader tells a match by the first group, so it must never be optional."""
    assert takes_part(pattern)


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_one_kind_fill_the_same_columns(name: str) -> None:
    """Rows of the same name are put together, so their patterns have the same groups in the same order."""
    columns: dict[str, list[str]] = {}
    for kind in formats()[name].kinds:
        if kind.noise or kind.shape is not None or kind.pieces:
            continue
        groups = re.findall(r"\(\?<([a-z_]+)>", kind.pattern or "")

        assert columns.setdefault(kind.name, groups) == groups, kind.name


def with_shape() -> list[Any]:
    """Every row that is a shape."""
    return [
        pytest.param(name, number, id=f"{name}-{number}-{kind.name}")
        for name in NAMES
        for number, kind in enumerate(formats()[name].kinds)
        if kind.shape is not None
    ]


@pytest.mark.parametrize(("name", "number"), with_shape())
@given(st.data())
def test_a_shape_reads_what_the_patterns_read(name: str, number: int, data: st.DataObject) -> None:
    """What a shape takes, the other rows of its name take, too, and read the same fields."""
    form = formats()[name]
    kind = form.kinds[number]
    literals, fields = shapes.parts(kind.shape or "")
    values = [data.draw(FIELD) for _ in fields]
    text = literals[0] + "".join(value + literal for value, literal in zip(values, literals[1:], strict=True))
    without = dataclasses.replace(form, kinds=tuple(other for other in form.kinds if other.shape is None))
    body = f"{sample_id(form)}{form.behind_id}{text}"
    tag = tag_of(form, kind.daemons[0])

    mine, others = records(form, body, tag=tag), records(without, body, tag=tag)

    if shapes.cut(pl.Series([text]), kind.shape or "").to_series(0)[0] is not None:
        assert mine.counts == {kind.name: 1}
    assert mine.counts == others.counts
    for frames in mine.frames:
        assert mine.frames[frames].rows(named=True) == others.frames[frames].rows(named=True)


def with_pieces() -> list[Any]:
    """Every row that is cut into pieces."""
    return [
        pytest.param(name, number, id=f"{name}-{number}-{kind.name}")
        for name in NAMES
        for number, kind in enumerate(formats()[name].kinds)
        if kind.pieces
    ]


@pytest.mark.parametrize(("name", "number"), with_pieces())
@given(st.data())
def test_pieces_are_read_as_the_whole_is(name: str, number: int, data: st.DataObject) -> None:
    """What is read from pieces, the patterns of the same name read from the whole text, and the same fields."""
    form = formats()[name]
    kind = form.kinds[number]
    words = [*re.split(r"(?<=[ =<>\[\]:;,/()])", kind.example), *kind.pieces[1::2], *HOSTILE]
    text = list(re.split(r"(?<=[ =<>\[\]:;,/()])", kind.example))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(text)))
        text[place : place + data.draw(st.integers(0, 2))] = [data.draw(st.sampled_from(words))]
    without = dataclasses.replace(form, kinds=tuple(other for other in form.kinds if not other.pieces))
    body = f"{sample_id(form)}{form.behind_id}{''.join(text)}"
    tag = tag_of(form, kind.daemons[0])

    mine, others = records(form, body, tag=tag), records(without, body, tag=tag)

    assert mine.counts == others.counts
    for frames in mine.frames:
        assert mine.frames[frames].rows(named=True) == others.frames[frames].rows(named=True)


HOSTILE = (
    '"',
    "é",
    "",
    " ",
    ">",
    "; from=<",
    "; to=<x> ",
    " (",
    ")",
    "]: ",
    "]:25: ",
    ", relay=x, ",
    "status=sent (",
    "helo=<",
)
"""What a stranger may say where it hurts."""


@pytest.mark.parametrize(("name", "number"), with_shape())
def test_a_text_of_another_shape_may_hold_any_character_anywhere(name: str, number: int) -> None:
    """It is not cut in the middle of one, wherever a literal of the shape would have ended."""
    shape = formats()[name].kinds[number].shape or ""
    literals, fields = shapes.parts(shape)
    whole = literals[0] + "".join(f"1{literal}" for literal in literals[1:])
    texts = [whole[:at] + "é" * 3 + whole[at:] for at in range(len(whole))] + ["é" * at for at in range(40)]

    assert shapes.cut(pl.Series(texts), shape).columns == list(fields)


FIELD = st.text(st.sampled_from('ab1.@ ,=<>[]()"\\é'), max_size=6) | st.sampled_from(("12", "a@b.example", "192.0.2.1"))


@pytest.mark.parametrize("name", NAMES)
def test_noise_and_mail_share_no_name(name: str) -> None:
    """A kind is noise or it is not: its count would mean nothing otherwise."""
    kinds = formats()[name].kinds

    assert {kind.name for kind in kinds if kind.noise} & {kind.name for kind in kinds if not kind.noise} == set()


@pytest.mark.parametrize(
    ("name", "tag", "body"),
    [
        ("postfix", "postfix/cleanup", "4F1A2B3C0"),
        ("postfix", "postfix/smtpd", "NOQUEUE"),
        ("sendmail", "sm-mta", QUEUE_IDS[1]),
    ],
)
def test_a_line_cut_off_at_its_queue_id_is_left_over(name: str, tag: str, body: str) -> None:
    """There is nothing behind the id, not even the colon: no kind takes it, and it is counted."""
    found = records(formats()[name], body, "", tag=tag)

    assert found.unparsed.to_list() == [1, 2]
