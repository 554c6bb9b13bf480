"""The latest results of what has most of them are the same, whether all results are kept or only these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailaudit import flow
from mailaudit.advise.flows import members
from mailaudit.measure import results
from mailaudit.measure.filters import Filters
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LOGS = (
    "postfix/summer-time-ends/input.log.gz",
    "postfix/filters-and-requeued/input.log.gz",
    "sendmail/every-path/input.log.gz",
)


@pytest.fixture(scope="module", params=LOGS)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A log that was read."""
    with flow.read(Request(paths=(str(FIXTURES / request.param),))) as run:
        yield run.engine


@pytest.mark.parametrize("filters", [Filters(), Filters(domain=("gmail.com",))])
@pytest.mark.parametrize("unit", results.UNITS)
@pytest.mark.parametrize(("subjects", "count"), [(1, 1), (3, 2), (1000, 5), (5, 10_000)])
def test_latest_of_most(engine: Engine, unit: str, filters: Filters, subjects: int, count: int) -> None:
    """Lines of one second are told apart by their places, so that equal times at the edge count, too."""
    choice = results.Choice(filters, unit)
    results.prepare(engine, choice)
    most = results.subjects(engine)[:subjects]
    results.judged_by(engine, members(most, None))
    expected = results.windows(engine, count)

    assert results.prepare_latest(engine, choice, subjects, count) == most
    results.judged_by(engine, members(most, None))
    assert results.windows(engine, count) == expected
    assert expected or filters != Filters()
