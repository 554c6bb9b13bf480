"""Long answers come in pieces of time: every row in exactly one of them, and the answers are those of the whole."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit import flow
from mailaudit.measure import events, listing, outcomes, pieces
from mailaudit.measure.engine import Engine
from mailaudit.measure.filters import Filters
from mailaudit.model.request import Request
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parents[2] / "fixtures"
LOGS = (FIXTURES / "postfix/every-path/input.log.gz", FIXTURES / "sendmail/every-path/input.log.gz")
MINUTE = 60_000_000


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine with nothing in its tables."""
    with Engine(TemporaryStore()) as found:
        found.finish()
        yield found


@given(
    times=st.lists(st.integers(0, 20 * MINUTE) | st.integers(0, 3) | st.none(), max_size=60),
    rows=st.integers(1, 20),
)
@settings(max_examples=examples(60), deadline=None)
def test_each_time_is_in_one_piece(engine: Engine, times: list[int | None], rows: int) -> None:
    """The pieces follow each other, and none has more rows than asked for, its last minute aside."""
    engine.table("moments_of_all", ("time_us bigint",), [(time,) for time in times])

    found = pieces.pieces(engine, "select time_us from moments_of_all", rows=rows)

    assert (found[0].since_us, found[-1].until_us) == (None, None)
    assert all(one.until_us == following.since_us is not None for one, following in pairwise(found))
    held = [
        [time for (time,) in engine.rows(f"select time_us from moments_of_all where {piece.holds('time_us')}")]
        for piece in found
    ]
    assert sorted((time for piece in held for time in piece), key=str) == sorted(times, key=str)
    for piece in held:
        known = sorted(time for time in piece if time is not None)
        last = [time for time in known if time // MINUTE == known[-1] // MINUTE]
        assert len(known) - len(last) < rows


@pytest.fixture(scope="module", params=LOGS, ids=lambda path: path.parent.parent.name)
def run(request: pytest.FixtureRequest) -> Iterator[flow.Run]:
    """A log of a real server, read once."""
    with flow.read(Request(paths=(str(request.param),))) as read:
        yield read


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes each piece so small that there are hundreds."""
    for module in (events, listing, outcomes):
        monkeypatch.setattr(module, "pieces", partial(pieces.pieces, rows=7))


@pytest.mark.parametrize(
    "selection",
    [
        listing.Selection(),
        listing.Selection(rejects=True, notices=True),
        listing.Selection(rejects=True, last=150),
        listing.Selection(first=40),
        listing.Selection(since_us=1_785_500_000_000_000, until_us=1_785_520_000_000_000),
        listing.Selection(last=60, first=15),
    ],
    ids=["all", "rejects", "last", "first", "range", "first of the last"],
)
def test_the_log_is_the_same(run: flow.Run, monkeypatch: pytest.MonkeyPatch, selection: listing.Selection) -> None:
    """In one piece, and in pieces of a few rows."""
    whole = list(listing.log(run.engine, run.inputs, selection))
    small(monkeypatch)

    assert list(listing.log(run.engine, run.inputs, selection)) == whole
    assert len(whole) == listing.log_count(run.engine, selection) if selection.first is None else selection.first


def test_the_events_are_the_same(run: flow.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts are numbered across the pieces."""
    whole = list(events.events(run.engine, run.inputs))
    small(monkeypatch)
    names = [column.name for column in events.COLUMNS]
    attempts = [row[names.index("attempt")] for row in whole]

    assert list(events.events(run.engine, run.inputs)) == whole
    assert max(number for number in attempts if isinstance(number, int)) > 2


def test_the_outcomes_are_the_same(run: flow.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An investigation has every row once."""
    everything = "select * from outcomes order by all"
    outcomes.prepare(run.engine, run.zone, Filters(domain=("gmail.com", ".example")))
    whole = run.engine.rows(everything)
    small(monkeypatch)
    outcomes.prepare(run.engine, run.zone, Filters(domain=("gmail.com", ".example")))

    assert run.engine.rows(everything) == whole
    assert whole
