"""A block's stamps without year or zone, in outline: where they step, and what the lines around there tell of the time.

Made in the worker threads, so that the clock, which has to see the blocks in order, needs no lines.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from mailaudit.link.evidence import Hint, delay, hints

if TYPE_CHECKING:
    from collections.abc import Iterable

QUARTER_US = 900_000_000
DAY_US = 86_400_000_000
STEP_US = 600_000_000
"""Disorder stays below this: ten minutes. A larger step begins a new run."""

_ENDS = 150
_PER_RUN = 4
_SPREAD = 400
_MOST = 4_000
_MIXED = 50
_AGAIN = "(queue active)"
_OLD = 60


class Run(NamedTuple):
    """Consecutive lines of one quarter of an hour by the wall clock, without a step of more than ten minutes.

    Whatever a clock does to year and offset, it does between two runs: every zone changes on a quarter of an hour.
    """

    line: int
    first_us: int
    last_us: int
    floating: int


class Sample(NamedTuple):
    """A hint in a line with its stamp."""

    line: int
    wall_us: int
    floating: int
    hint: Hint
    host: str | None = None


class Spent(NamedTuple):
    """A line with its stamp that says how many seconds ago its message arrived."""

    line: int
    wall_us: int
    floating: int
    queue_id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Survey:
    """The outline of one block; `runs` is empty if all stamps are complete."""

    runs: tuple[Run, ...]
    samples: tuple[Sample, ...] = ()
    spent: tuple[Spent, ...] = ()
    last_complete_us: int | None = None
    """The last complete stamp."""
    low_us: int = 0
    """The earliest incomplete stamp."""
    high_us: int = 0
    """The latest."""
    offsets: frozenset[int] = frozenset()
    """UTC offsets (seconds) that complete stamps name."""


def survey(
    frame: pl.DataFrame,
    now: float | None = None,
    offsets: frozenset[int] = frozenset(),
    beside: pl.DataFrame | None = None,
) -> Survey:
    """The outline of a head frame.

    `now` (Unix seconds) bounds what ids can mean; `offsets`: what its stamps name; `beside`: stamps with the true time.
    """
    if frame["time_us"].null_count():  # a record of the journal, say, that lacks its time
        frame = frame.filter(frame["time_us"].is_not_null())
    kinds = frame["floating"]
    floats = frame.filter(kinds > 0) if kinds.min() == 0 else frame
    complete = frame.filter(kinds == 0) if len(floats) < len(frame) else None
    last = None if complete is None else int(complete["time_us"][-1])
    if not len(floats):
        return Survey((), last_complete_us=last, offsets=offsets)
    runs, starts = _runs(floats)
    moment = int(time.time() if now is None else now)
    samples, spent = _evidence(floats, _chosen(len(floats), starts), moment)
    if not samples and len(floats) > _MOST:
        samples, _ = _evidence(floats, _dated(floats), moment)
    if complete is not None:
        samples += _neighbours(frame)
    if beside is not None:
        samples = sorted([*samples, *_stamped(beside)], key=lambda sample: sample.line)
    low, high = _bounds(floats["time_us"])
    return Survey(runs, tuple(samples), tuple(spent), last, low, high, offsets)


def _runs(floats: pl.DataFrame) -> tuple[tuple[Run, ...], list[int]]:
    """The runs, and the row at which each begins."""
    turns = floats.select_seq(_TURNS).to_series()
    starts = [0, *turns.arg_true().to_list()]
    ends = [*(start - 1 for start in starts[1:]), len(floats) - 1]
    begun = floats[starts]
    columns = begun["no"], begun["time_us"], floats["time_us"][ends], begun["floating"]
    return tuple(Run(*row) for row in zip(*(column.to_list() for column in columns), strict=True)), starts


_WALL, _KIND = pl.col("time_us"), pl.col("floating")
_TURNS = (((_WALL // QUARTER_US).diff() != 0) | (_WALL.diff().abs() > STEP_US) | (_KIND.diff() != 0)).fill_null(
    value=False
)
"""Whether a run begins with a line."""


def _bounds(wall: pl.Series) -> tuple[int, int]:
    low, high = wall.min(), wall.max()
    return (low, high) if isinstance(low, int) and isinstance(high, int) else (0, 0)


def _chosen(rows: int, starts: list[int]) -> list[int]:
    """Rows to read closely: both ends, the beginnings of runs, and some in between; ascending, a bounded number."""
    if rows <= _MOST:
        return list(range(rows))
    chosen = {*range(_ENDS), *range(rows - _ENDS, rows), *range(0, rows, max(1, rows // _SPREAD))}
    some = starts[:: 1 + len(starts) * _PER_RUN // _MOST]
    chosen.update(row for start in some for row in range(start, min(start + _PER_RUN, rows)))
    return sorted(chosen)


def _dated(floats: pl.DataFrame) -> list[int]:
    """Rows with Message-IDs that may hold a date: all that a log of short queue ids has to tell, and rare in it."""
    found = floats["body"].str.contains("message-id=<20", literal=True).fill_null(value=False).arg_true()
    return found.gather_every(1 + len(found) // _SPREAD).to_list()


def _evidence(floats: pl.DataFrame, rows: list[int], now: int) -> tuple[list[Sample], list[Spent]]:
    picked = floats.select("no", "time_us", "floating", "tag", "body", "host")
    if len(rows) < len(floats):
        picked = picked[rows]
    samples: list[Sample] = []
    again: list[Sample] = []
    spent: list[Spent] = []
    for line, wall, kind, tag, body, host in _rows(picked):
        if body is None:
            continue
        told = [Sample(line, wall, kind, hint, host) for hint in hints(tag, body, now)]
        (again if body.endswith(_AGAIN) else samples).extend(told)
        age = delay(body)
        if age:
            spent.append(Spent(line, wall, kind, *age))
    # A line that comes at every retry tells of a birth only where no better line does, and the message is not old.
    better = any(sample.hint.fresh for sample in samples)
    old = {line.queue_id for line in spent if line.seconds > _OLD}
    again = [
        sample._replace(hint=sample.hint._replace(fresh=False)) if better or sample.hint.token in old else sample
        for sample in again
    ]
    return sorted(samples + again, key=lambda sample: sample.line), spent


def _rows(frame: pl.DataFrame) -> Iterable[tuple[int, int, int, str | None, str | None, str | None]]:
    return zip(*(column.to_list() for column in frame), strict=True)


def _stamped(beside: pl.DataFrame) -> Iterable[Sample]:
    """Hints from stamps that have the true time behind them."""
    for line, wall, kind, host, utc in beside.select("no", "time_us", "floating", "host", "utc_us").iter_rows():
        yield Sample(line, wall, kind, Hint("splogger", str(utc), utc, fresh=True), host)


def _neighbours(frame: pl.DataFrame) -> list[Sample]:
    """Hints from complete stamps next to incomplete ones, where a log changes from one kind to the other."""
    kinds, wall = frame["floating"], frame["time_us"]
    turns = ((kinds == 0) != (kinds.shift() == 0)).fill_null(value=False).arg_true().to_list()
    found = []
    for row in turns[:_MIXED]:
        here, there = (row, row - 1) if kinds[row] else (row - 1, row)
        hint = Hint("stamp", "", int(wall[there]), fresh=False)
        found.append(Sample(int(frame["no"][here]), int(wall[here]), int(kinds[here]), hint))
    return found
