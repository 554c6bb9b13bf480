"""A look at some places of a file tells what its end is."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.link.logs import facts, frame, read, us

from mailaudit.link.sampling import sample
from mailaudit.link.survey import survey
from mailaudit.read.sources import find

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2021, 3, 1, tzinfo=UTC)


def log(days: int, *, padding: int = 0) -> list[str]:
    """A line every six hours, for so many days."""
    moments = [START + timedelta(hours=6 * number) for number in range(4 * days)]
    return [f"{m:%b} {m.day:2} {m:%H:%M:%S} mx postfix/qmgr[1]: {'x' * padding}" for m in moments]


def test_a_long_log_without_evidence_is_dated_from_its_end(tmp_path: Path) -> None:
    """Its years are counted back from the file's time, though they come first."""
    lines = log(1000, padding=900)
    path = tmp_path / "mail.log"
    path.write_text("\n".join(lines) + "\n")
    end = us(START + timedelta(days=1000))

    tail = sample(find([str(path)]).sources[0])
    times, decision = read([frame(lines[:100]), frame(lines[100:], 101)], facts(mtime_us=end, tail=tail))

    assert [us(START + timedelta(hours=6 * number)) for number in range(4000)] == times
    assert (decision.year, decision.confidence) == (2023, "low")


def test_a_short_file_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    """The outline is that of its lines."""
    lines = log(20)
    path = tmp_path / "mail.log"
    path.write_text("\n".join(lines) + "\n")

    assert survey(frame(lines)) == sample(find([str(path)]).sources[0])


def test_what_cannot_be_reached_in_any_order_is_not_looked_at(tmp_path: Path) -> None:
    """A compressed file and an empty one have no outline."""
    packed, empty = tmp_path / "mail.log.gz", tmp_path / "mail.log"
    packed.write_bytes(gzip.compress("\n".join(log(5)).encode()))
    empty.write_bytes(b"")

    assert sample(find([str(packed)]).sources[0]) is None
    assert all(sample(source) is None for source in find([str(empty)]).sources)
