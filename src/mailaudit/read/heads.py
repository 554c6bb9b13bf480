"""Heads: the time, host, program and process id of every line, whatever wrote the log.

A file has one shape of lines, or two or three. The shape of a few lines is found, all lines of that shape are cut at
once by position, and what is left over is looked at line by line and cut in groups of one shape each. Wrappers of
containers and of the journal are peeled off first, up to three of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.times import SECOND
from mailaudit.read import about_log, exim, prefixes, splogger, stamps, wrappers
from mailaudit.read.blocks import LINE_LIMIT

if TYPE_CHECKING:
    from mailaudit.read.prefixes import Prefix

FRAME: dict[str, type[pl.DataType]] = {
    "no": pl.UInt32,
    "offset": pl.Int64,
    "time_us": pl.Int64,
    "floating": pl.Int8,
    "host": pl.String,
    "tag": pl.String,
    "pid": pl.String,
    "body": pl.String,
}
"""Columns of lines with a head. `repeat` (UInt32) is a ninth column where a block has lines that stand for repetitions.

Null for every ordinary line. A number N: the line is `last message repeated N times` or `message repeated N times:
[ …]`, and has host, tag, pid and body of the line it repeats. Counters (refusals) count it N times; a delivery is
counted only where `repeat` is null.
"""

REST: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "offset": pl.Int64, "line": pl.String}

_SAMPLE = 24
_ROUNDS = 4
_WRAPPERS = 3
_GROUPS = 300
"""Shapes in one block beyond which lines are left over: no log has so many."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The lines of a block: every line is in exactly one of frame, rest and skipped."""

    frame: pl.DataFrame
    """Lines with a head, in order of line numbers: columns FRAME."""
    rest: pl.DataFrame
    """Lines without a recognisable head: columns REST."""
    skipped: pl.DataFrame
    """Lines that say nothing: columns no and kind (empty, banner, mark, joined, syslogd, repeat, header, again)."""
    notices: pl.DataFrame
    """What the log says about itself (lost lines, gaps): columns no, kind, text; see `about_log`."""
    offsets: frozenset[int] = frozenset()
    """UTC offsets (seconds) that stamps of these lines name."""
    beside: pl.DataFrame | None = None
    """Stamps that splogger's stand behind: no, time_us, floating, host, utc_us."""


@dataclass(slots=True)
class _Cut:
    """What has become of the lines so far."""

    done: list[pl.DataFrame] = field(default_factory=list)
    rest: list[pl.DataFrame] = field(default_factory=list)
    joined: list[pl.Series] = field(default_factory=list)
    zones: set[str] = field(default_factory=set)
    """What stamps say of their zone."""


def heads(lines: pl.DataFrame) -> Heads:
    """Cuts the lines of a block (columns no, offset, line)."""
    skipped, numbers = [], lines["no"]
    empty = lines["line"].str.len_bytes() == 0
    if empty.any():
        skipped.append(lines.filter(empty).select("no", kind=pl.lit("empty")))
        lines = lines.filter(~empty)
    cut = _Cut()
    _cut_all(lines, cut, wrapped=0)
    frame = _in_order(cut.done, FRAME)
    rest = _in_order(cut.rest, REST)
    skipped += [joined.to_frame("no").with_columns(kind=pl.lit("joined")) for joined in cut.joined]
    banner = about_log.banners(rest)
    if len(banner):
        skipped.append(banner)
        rest = rest.join(banner, on="no", how="anti", maintain_order="left")
    if len(headers := exim.headers(rest, frame, numbers)):
        skipped.append(headers)
        rest = rest.join(headers, on="no", how="anti", maintain_order="left")
    tags = frame["tag"].unique().to_list()
    frame, folded = exim.unfold(frame, tags)
    told = splogger.unfold(frame, tags)
    frame = told.frame
    frame, spent = about_log.settle(frame)
    skipped += [spent, folded, told.spent]
    notices = [about_log.notices(frame, spent, tags), _truncated(lines)]
    offsets = frozenset(east // SECOND for zone in cut.zones if (east := stamps.offset(zone)) is not None)
    return Heads(
        frame,
        rest,
        pl.concat(skipped).sort("no"),
        pl.concat(notices).sort("no"),
        offsets | told.offsets,
        told.beside,
    )


def _in_order(parts: list[pl.DataFrame], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    parts = [part for part in parts if len(part)]
    if len(parts) == 1:
        return parts[0]
    return pl.concat(parts).sort("no") if parts else pl.DataFrame(schema=schema)


def _truncated(lines: pl.DataFrame) -> pl.DataFrame:
    """A notice for each line that was longer than LINE_LIMIT."""
    long = lines["line"].str.len_bytes() >= LINE_LIMIT
    chosen = lines.filter(long) if long.any() else lines.clear()
    return chosen.select("no", kind=pl.lit("long_line"), text=pl.lit(f"longer than {LINE_LIMIT} bytes"))


def _cut_all(lines: pl.DataFrame, cut: _Cut, *, wrapped: int) -> None:
    """Cuts the usual shapes of the lines, then the odd lines one by one."""
    left = lines
    for _ in range(_ROUNDS):
        shape = _usual(left, wrapped=wrapped)
        if shape is None:
            break
        left = _cut_shape(left, shape, cut, wrapped=wrapped)
    if len(left):
        _cut_odd(left, cut, wrapped=wrapped)


def _usual(lines: pl.DataFrame, *, wrapped: int) -> Prefix | str | None:
    """The shape that most of a few lines have."""
    sample = lines["line"].gather_every(max(1, len(lines) // _SAMPLE)).to_list()
    found = Counter(shape for line in sample if (shape := _shape(line, wrapped=wrapped)))
    return found.most_common(1)[0][0] if found else None


def _shape(line: str, *, wrapped: int) -> Prefix | str | None:
    """The wrapper's name, or else the prefix of a line. A line inside a wrapper needs no stamp."""
    if wrapped < _WRAPPERS and (name := wrappers.find(line)):
        return name
    return prefixes.find(line) or (prefixes.find(line, stamped=False) if wrapped else None)


def _cut_shape(
    lines: pl.DataFrame, shape: Prefix | str, cut: _Cut, *, wrapped: int, sure: bool = False
) -> pl.DataFrame:
    """Cuts the lines of one shape and gives back the others."""
    if isinstance(shape, str):
        peeled = wrappers.peel(lines, shape)
        cut.joined.append(peeled.joined)
        cut.done.append(_inside(peeled.inside, wrapped + 1, cut.zones))
        return peeled.left
    done, left = prefixes.cut(lines, shape, sure=sure)
    cut.done.append(done)
    if shape.stamp.zone and len(done):
        cut.zones.add(shape.stamp.zone)
    return left


def _cut_odd(lines: pl.DataFrame, cut: _Cut, *, wrapped: int) -> None:
    """Cuts what the usual shapes left over: each line by its own shape."""
    rows: dict[Prefix | str | None, list[int]] = {}
    for row, line in enumerate(lines["line"].to_list()):
        rows.setdefault(_shape(line, wrapped=wrapped), []).append(row)
    cut.rest.append(lines[rows.pop(None, [])].select(REST.keys()))
    for count, (shape, chosen) in enumerate(rows.items()):
        group = lines[chosen]
        left = _cut_shape(group, shape, cut, wrapped=wrapped, sure=True) if shape and count < _GROUPS else group
        cut.rest.append(left.select(REST.keys()))


def _inside(peeled: pl.DataFrame, wrapped: int, zones: set[str]) -> pl.DataFrame:
    """The heads of lines that were inside a wrapper, completed by what the wrapper knows; their zones go to `zones`.

    The wrapper's time is better than one without a zone. A line whose program the journal names needs no head.
    """
    named = peeled["tag"].is_not_null() & ~peeled["line"].str.contains(f"^{stamps.LIKELY}")
    direct = peeled.filter(named).select(
        "no", "offset", "time_us", pl.lit(0, pl.Int8).alias("floating"), "host", "tag", "pid", body="line"
    )
    cut = _Cut(done=[direct], zones=zones)
    others = peeled.filter(~named)
    _cut_all(others.select(REST.keys()), cut, wrapped=wrapped)
    cut.done += [_headless(left) for left in cut.rest]
    frame = _in_order(cut.done[1:], FRAME)
    outer = others.select("no", outer_us="time_us", outer_host="host", outer_tag="tag", outer_pid="pid")
    frame = frame.join(outer, on="no", how="left", maintain_order="left")
    better = pl.col("outer_us").is_not_null() & ((pl.col("floating") != 0) | pl.col("time_us").is_null())
    frame = frame.with_columns(
        time_us=pl.when(better).then("outer_us").otherwise("time_us"),
        floating=pl.when(better).then(pl.lit(0, pl.Int8)).otherwise("floating"),
        host=pl.coalesce("host", "outer_host"),
        pid=pl.when(pl.col("tag").is_null()).then("outer_pid").otherwise("pid"),
        tag=pl.coalesce("tag", "outer_tag"),
    )
    return _in_order([direct, frame.select(FRAME.keys())], FRAME)


def _headless(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines inside a wrapper that have no head of their own at all (an empty line)."""
    nothing = {name: pl.lit(None, FRAME[name]).alias(name) for name in ("time_us", "host", "tag", "pid")}
    return lines.select("no", "offset", **nothing, floating=pl.lit(0, pl.Int8), body="line").select(FRAME.keys())
