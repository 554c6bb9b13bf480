"""Every line of a range as it stands in the inputs, in order of time, whatever it is about: read once more.

A file's order need not be that of time, and several files become one row of lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit import exports
from mailaudit.link.clock import Segments, apply
from mailaudit.measure.ordered import by_time
from mailaudit.measure.pieces import Piece
from mailaudit.model.times import DAY
from mailaudit.parsing import kind_of
from mailaudit.read.blocks import blocks
from mailaudit.read.duplicates import Duplicates, without
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mailaudit.flow import Run
    from mailaudit.model.request import InputReport
    from mailaudit.read.blocks import Block
    from mailaudit.read.sources import Source

BLOCK = 4 << 20
"""Bytes that are looked at together."""
RECORD: dict[str, type[pl.DataType]] = {"time_us": pl.Int64, "offset": pl.Int64, "line": pl.Binary}
"""What is known of an export's record, whose place is its number."""


def lines_between(run: Run, since_us: int | None, until_us: int | None, hosts: Collection[str] = ()) -> Iterator[bytes]:
    """Returns the lines from `since_us` on and before `until_us`, of these hosts if any are named, by time.

    A line without a stamp goes with the one before it. What stands in two inputs comes once; mails are no lines.
    """
    within = Piece(since_us, until_us)
    wanted = _wanted(within, [host.lower() for host in hosts])
    return by_time(run.engine, _frames(run, within, wanted))


def _wanted(within: Piece, hosts: list[str]) -> pl.Expr:
    """The condition on a line's time and host."""
    conditions = [pl.lit(value=True)]
    if within.since_us is not None:
        conditions.append(pl.col("time_us") >= within.since_us)
    if within.until_us is not None:
        conditions.append(pl.col("time_us") < within.until_us)
    if hosts:
        conditions.append(pl.col("host").str.to_lowercase().is_in(hosts))
    return pl.all_horizontal(conditions)


def _frames(run: Run, within: Piece, wanted: pl.Expr) -> Iterator[pl.DataFrame]:
    """Yields what is to wait, input by input; those that lie outside the range are not read."""
    duplicates = Duplicates(run.sources)
    for source, report in zip(run.sources, run.inputs, strict=True):
        kind = kind_of(source, run.request.input_format)
        if kind == "mails" or _outside(report, within):
            continue
        if kind == "lines":
            found = _of_log(source, run.segments.get(source.number, Segments(())), duplicates, wanted)
        else:
            found = (frame.filter(wanted) for frame in _of_export(source, run))
        yield from (frame.with_columns(source=pl.lit(source.number, pl.Int32)) for frame in found)


def _outside(report: InputReport, within: Piece) -> bool:
    """True if the input surely has no line in the range; a day is more than its ends may be wrong by."""
    if report.first_us is None or report.last_us is None:
        return False
    late = within.until_us is not None and report.first_us - DAY >= within.until_us
    return late or (within.since_us is not None and report.last_us + DAY < within.since_us)


def _of_log(source: Source, segments: Segments, duplicates: Duplicates, wanted: pl.Expr) -> Iterator[pl.DataFrame]:
    """Yields the wanted lines of a log."""
    last = None
    for block in blocks(source, BLOCK):
        table = lines(block)
        ends = table["offset"].shift(-1, fill_value=block.offset + len(block.data))
        table = without(table.select("no", "offset", "line", end=ends), duplicates.of(block))
        stamped = apply(heads(table.drop("end")).frame.select("no", "time_us", "floating", "host"), segments)
        stamped = stamped.filter(pl.col("time_us").is_not_null())
        if last is not None:
            stamped = pl.concat([last, stamped])
        last = stamped.tail(1)
        timed = table.join_asof(stamped.set_sorted("no"), on="no", strategy="backward")
        chosen = timed.with_columns(pl.col("time_us").backward_fill()).filter(wanted)
        yield chosen.with_columns(line=_bytes(block, chosen))


def _bytes(block: Block, table: pl.DataFrame) -> pl.Series:
    """The lines as they stand in the block, without what ends them."""
    places = (table.select("offset", "end") - block.offset).iter_rows()
    return pl.Series([block.data[begin:end].removesuffix(b"\n") for begin, end in places], dtype=pl.Binary())


def _of_export(source: Source, run: Run) -> Iterator[pl.DataFrame]:
    """Yields all records of an export; one that tells no time goes with the one before it."""
    last = None
    for batch in exports.stamped(source, run.request):
        rows = [(time_us, number, line) for number, time_us, line in batch]
        frame = pl.DataFrame(rows, RECORD, orient="row")
        times = pl.col("time_us").forward_fill().fill_null(pl.lit(last, pl.Int64)).backward_fill()
        frame = frame.with_columns(times, host=pl.lit(None, pl.String))
        last = frame["time_us"].last()
        yield frame
