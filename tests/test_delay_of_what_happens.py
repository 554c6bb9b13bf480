"""The delay of a delivery as it happens is that of the whole way, as in a whole reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.commands.conftest import REALSENDER
from tests.commands.test_health import FILTERED

from mailaudit.follow import Follower
from mailaudit.measure.filters import Filters
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("collapse", "told"),
    [(True, [("AAAAA1", 22.0)]), (False, [("AAAAA1", 20.0), ("BBBBB2", 2.0)])],
)
def test_through_a_filter(tmp_path: Path, *, collapse: bool, told: list[tuple[str, float]]) -> None:
    """20 s through the filter and 2 s after it; each pass on its own if they are not to be taken together."""
    log = tmp_path / "log"
    log.touch()
    follower = Follower(Request((str(log),)), Filters(), collapse=collapse)

    rows = list(follower.block(0, FILTERED.encode()))

    assert [(row["queue_id"], row["delay"]) for row in rows] == told
    assert rows[0]["submitted_us"] % 60_000_000 == 0


def test_of_lines_that_tell_none(tmp_path: Path) -> None:
    """RealSender's have no `delay=`: the times of acceptance and delivery tell it."""
    log = tmp_path / "log"
    log.touch()
    follower = Follower(Request((str(log),)), Filters())

    rows = list(follower.block(0, REALSENDER.read_bytes()))

    assert [row["delay"] for row in rows if row["outcome"] == "delivered"] == [3.0, 878.0, 702.0]
