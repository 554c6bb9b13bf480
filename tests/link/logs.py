"""Makes head frames from log text, for tests of the clock; knows the shapes of these tests only."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from mailaudit.link.anchors import ClockRevised, Facts
from mailaudit.link.clock import Clock, apply
from mailaudit.link.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.link.clock import Decision

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = {
    "no": pl.UInt32,
    "offset": pl.Int64,
    "time_us": pl.Int64,
    "floating": pl.Int8,
    "host": pl.String,
    "tag": pl.String,
    "pid": pl.String,
    "body": pl.String,
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LINE = re.compile(
    r"(?:(?P<iso>\d{4}-\S+)|(?P<month>[A-Z][a-z]{2}) +(?P<day>\d+) (?P<time>\S+))"
    r" (?P<host>\S+) (?:(?!\w{8}\d{6}:)(?P<tag>[a-z][^\s\[:]*)(?:\[(?P<pid>\d+)\])?: )?(?P<body>.*)"
)


def us(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a zone is read as UTC."""
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // timedelta(microseconds=1)


def text(case: str) -> list[str]:
    """The lines of a fixture."""
    path = next((FIXTURES / case).glob("input.log*"))
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode(errors="replace").splitlines()


def frame(lines: Iterable[str], first: int = 1) -> pl.DataFrame:
    """The head frame of lines; those without a stamp are left out."""
    rows = [_row(number, line) for number, line in enumerate(lines, first)]
    return pl.DataFrame([row for row in rows if row], schema=SCHEMA, orient="row")


def _row(number: int, line: str) -> tuple[Any, ...] | None:
    match = _LINE.match(line)
    if not match:
        return None
    if match["iso"]:
        moment, floating = datetime.fromisoformat(match["iso"]), 0
    else:
        hour, minute, second = (int(part) for part in match["time"].split(":"))
        moment, floating = datetime(2000, _MONTHS.index(match["month"]) + 1, int(match["day"]), hour, minute, second), 2  # noqa: DTZ001
    return (number, 0, us(moment), floating, match["host"], match["tag"], match["pid"], match["body"])


def facts(**known: Any) -> Facts:  # noqa: ANN401 - whatever Facts takes
    """What a clock of these tests is told."""
    return Facts(**({"source": 0, "now_us": us(NOW)} | known))


def read(blocks: Sequence[pl.DataFrame], told: Facts) -> tuple[list[int], Decision]:
    """The times (µs) of all lines, and the decision, as the run gets them: begun again if the clock is revised."""
    for _ in range(9):
        clock = Clock(told)
        try:
            frames = [apply(block, clock.advance(survey(block, told.now_us / 1e6))) for block in blocks]
        except ClockRevised as revised:
            told = revised.facts
        else:
            return pl.concat(frames)["time_us"].to_list(), clock.decision
    raise AssertionError("the clock is revised again and again")


def dates(lines: Sequence[str], **known: Any) -> list[str]:  # noqa: ANN401 - whatever Facts takes
    """The lines' times in UTC, to the second."""
    times, _ = read([frame(lines)], facts(**known))
    return [f"{EPOCH + timedelta(microseconds=time):%Y-%m-%d %H:%M:%S}" for time in times]
