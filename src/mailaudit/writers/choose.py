"""What of an answer is written: its columns, its rows, and the words that say what it counts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.model.answers import Answer, Head, Look, Row, Table
    from mailaudit.model.columns import Column


def chosen(answer: Answer, look: Look, names: tuple[str, ...] = ()) -> tuple[list[Column], list[int]]:
    """The columns asked for with `--columns` (else those named, else all) and their places in a row."""
    place_of = answer.places
    wanted = [name for name in look.columns if name in place_of] or [name for name in names if name in place_of]
    places = [place_of[name] for name in wanted] if wanted else list(range(len(answer.columns)))
    return [answer.columns[place] for place in places], places


def limited(rows: Iterable[Row], look: Look) -> Iterable[Row]:
    """The rows, or the first `--limit` of them."""
    return rows if look.limit is None else islice(rows, look.limit)


def basis(answer: Answer, head: Head) -> str:
    """What one of the table's units is, which time counts, and whose clock the times are read from."""
    return f"{answer.basis}; zone: {head.zone_name}" if answer.time else answer.unit


def known(table: Table, rows: Sequence[Row]) -> tuple[list[Column], list[int]]:
    """The columns of a page, and their places in a row: those shown (else all), but for those that say nothing here."""
    at = table.places
    named = [at[name] for name in table.shown if name in at] or list(at.values())
    places = [place for place in named if any(row[place] is not None for row in rows)]
    return [table.columns[place] for place in places], places
