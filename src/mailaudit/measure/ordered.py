"""Lines put into order of time: they wait in the store, which needs disk for them, not memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure.pieces import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

    from mailaudit.measure.engine import Engine

COLUMNS = ("time_us", "source", "offset", "line")
"""Of a frame of lines; `offset` tells which of a source comes first, `line` is its bytes."""

_TABLE = "waiting_lines"
_LINES = f'select line from {_TABLE} where {{within}} order by time_us, source, "offset"'


def by_time(engine: Engine, frames: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """Yields the lines of all frames by time; those without one come last."""
    empty = True
    for frame in frames:
        if frame.height:
            engine.add(_TABLE, frame.select(COLUMNS), first=empty)
            empty = False
    if empty:
        return
    for piece in pieces(engine, f"select time_us from {_TABLE}"):
        for (line,) in engine.stream(_LINES.format(within=piece.holds("time_us"))):
            yield line
