"""Rows of long answers, kept where the store keeps what is much, and brought out a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailaudit.measure.engine import Engine, Row

MANY = 20_000
"""Rows above which an answer is kept; a million in Python take half a gigabyte."""
TAKEN = 20_000
"""Rows brought out at a time."""
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Kept(Sequence["Row"]):
    """The rows of an answer, in order; to be read while the engine is open."""

    engine: Engine
    table: str
    length: int
    change: Callable[[Row], Row]

    def __len__(self) -> int:
        """How many there are."""
        return self.length

    def __iter__(self) -> Iterator[Row]:
        """Yields them."""
        for first in range(0, self.length, TAKEN):
            yield from map(self.change, _taken(self.engine, self.table, first, first + TAKEN))

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        """The row at a place, or those of a slice."""
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(self.length))]
        place = range(self.length)[at]
        (row,) = _taken(self.engine, self.table, place, place + 1)
        return self.change(row)


def rows(engine: Engine, names: str, sql: str, order: str) -> Sequence[Row]:
    """Asks for columns of a question whose rows may be many; they come in that order."""
    table = f"answer_{next(_NUMBERS)}"
    engine.run(
        f"create table {table} as "
        f"select {names}, row_number() over (order by {order}) - 1 as answer_place from (\n{sql}\n) answer"
    )
    ((length,),) = engine.rows(f"select count(*) from {table}")
    if length > MANY:
        return Kept(engine, table, length, lambda row: row)
    found = _taken(engine, table, 0, length)
    engine.run(f"drop table {table}")
    return found


def changed(found: Sequence[Row], change: Callable[[Row], Row]) -> Sequence[Row]:
    """The rows with something done to each of them."""
    if not isinstance(found, Kept):
        return [change(row) for row in found]
    before = found.change
    return replace(found, change=lambda row: change(before(row)))


def _taken(engine: Engine, table: str, first: int, end: int) -> list[Row]:
    return engine.rows(
        f"select * exclude (answer_place) from {table} "
        "where answer_place >= ? and answer_place < ? order by answer_place",
        [first, end],
    )
