"""Whatever stands in a log, every line ends in exactly one place and nothing is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import examples
from tests.formats.lines import records
from tests.formats.test_kinds import sample_id, tag_of

from mailaudit.formats import NAMES, formats
from mailaudit.formats.table import BASE
from mailaudit.model.columns import DELIVERIES, MESSAGES, REFUSALS, TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from mailaudit.formats.table import Facts, Format, Kind

HOSTILE = (
    "",
    ", stat=Sent",
    ", status=sent (",
    '"',
    "<",
    ">",
    "\\",
    ";",
    "[",
    "]",
    ": ",
    "=",
    " ",
    "é",
    "\u202e",
    "\x1b[2J",
    "%s",
)


def lines_of(form: Format, kind: Kind) -> st.SearchStrategy[tuple[str | None, str]]:
    """Lines of a kind, most of them damaged: cut, doubled, or with something hostile in the middle."""
    prefix = "" if kind.queue_id is False else f"{sample_id(form)}{form.behind_id}"
    example = st.sampled_from([prefix, "NOQUEUE: ", ""] if kind.queue_id is None else [prefix]).map(
        lambda start: start + kind.example
    )

    def damage(drawn: tuple[str, int, int, str]) -> str:
        body, start, end, put = drawn
        return body[:start] + put + body[end:]

    spot = st.integers(0, len(kind.example) + 20)
    damaged = st.tuples(example, spot, spot, st.sampled_from(HOSTILE) | st.text(max_size=8)).map(damage)
    body = (example | damaged).map(lambda text: text.replace("\n", " "))
    return st.tuples(st.sampled_from([tag_of(form, daemon) for daemon in kind.daemons]), body)


def blocks(name: str) -> st.SearchStrategy[list[tuple[str | None, str]]]:
    """A few lines of a format, of a few kinds."""
    form = formats()[name]
    return st.lists(st.sampled_from(form.kinds).flatmap(lambda kind: lines_of(form, kind)), min_size=1, max_size=12)


def with_columns(told: Facts) -> Iterator[tuple[pl.DataFrame, set[str]]]:
    """The frames of facts, with the columns that their tables have."""
    tables = ((told.messages, MESSAGES), (told.deliveries, DELIVERIES), (told.refusals, REFUSALS), (told.tls, TLS))
    for frames, table in tables:
        for frame in frames:
            yield frame, {*BASE, *table.names(), "act", "session"}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_line_ends_in_one_place(name: str, data: st.DataObject) -> None:
    """Any mixture of kinds can be read and told, with all lines counted once."""
    form = formats()[name]
    by_tag: dict[str | None, list[str]] = {}
    for tag, body in data.draw(blocks(name)):
        by_tag.setdefault(tag, []).append(body)
    for tag, bodies in by_tag.items():
        found = records(form, *bodies, tag=tag)
        told = form.facts(found)

        assert sum(found.counts.values()) + found.unparsed.len() == len(bodies)
        for frame, columns in with_columns(told):
            assert set(frame["no"].to_list()) <= set(range(1, len(bodies) + 1))
            assert set(frame.columns) <= columns


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bodies=st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_any_text_can_be_read(name: str, bodies: list[str]) -> None:
    """Text that no mail server wrote is left over, not lost."""
    form = formats()[name]
    for tag in {tag_of(form, daemon) for kind in form.kinds[:12] for daemon in kind.daemons[:1]}:
        found = records(form, *bodies, tag=tag)
        form.facts(found)

        assert sum(found.counts.values()) + found.unparsed.len() == len(bodies)
