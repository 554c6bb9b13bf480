"""Long answers in pieces: ranges of time that hold so few rows that none of them takes much memory.

A query that joins what is long with what is long takes memory for all of it, however slowly its rows are fetched. Asked
for a range of time, it takes memory for that range; and ranges in order of time give rows in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine

ROWS = 50_000
"""Rows of a piece, unless more of them are of one minute."""

_BEGINS = """
select min(minute_us)
from (
    select minute_us, before_n - before_n % {rows} as piece
    from (
        select
            minute_us,
            cast(sum(n) over (
                order by minute_us rows between unbounded preceding and current row
            ) as bigint) - n as before_n
        from (
            select time_us - time_us % 60000000 as minute_us, cast(count(*) as bigint) as n
            from ({times}) t
            where time_us is not null and {within}
            group by time_us - time_us % 60000000
        ) minutes
    ) running
) pieces
group by piece
order by min(minute_us)
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of time, its end excluded; None: open. Rows without a time are in the piece that has no end."""

    since_us: int | None
    until_us: int | None

    def holds(self, column: str) -> str:
        """The condition that a time is in the piece; integers of ours, so they may stand in the text."""
        parts = [f"{column} >= {self.since_us:d}"] if self.since_us is not None else []
        parts += [f"{column} < {self.until_us:d}"] if self.until_us is not None else []
        text = " and ".join(parts) or "true"
        return f"({text} or {column} is null)" if parts and self.until_us is None else text


ALL = Piece(None, None)


def pieces(engine: Engine, times: str, within: Piece = ALL, *, rows: int = ROWS) -> list[Piece]:
    """Returns the pieces of what has the times of a query (column `time_us`), in order of time; at least one.

    What is not `within` a range does not count, but is in the first or the last of them all the same.
    """
    sql = _BEGINS.format(times=times, within=within.holds("time_us"), rows=rows)
    begins = [begin for (begin,) in engine.rows(sql)]
    return [Piece(*ends) for ends in pairwise([None, *begins[1:], None])]
