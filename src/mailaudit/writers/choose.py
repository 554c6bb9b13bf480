"""What of an answer is written: its columns, its rows, and the words that say what it counts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailaudit.model.columns import Column
    from mailaudit.writers.answers import Answer, Head, Look
    from mailaudit.writers.values import Row


def chosen(answer: Answer, look: Look, names: tuple[str, ...] = ()) -> tuple[list[Column], list[int]]:
    """The columns asked for with `--columns` (else those named, else all) and their places in a row."""
    place_of = {column.name: place for place, column in enumerate(answer.columns)}
    wanted = [name for name in look.columns if name in place_of] or [name for name in names if name in place_of]
    places = [place_of[name] for name in wanted] if wanted else list(range(len(answer.columns)))
    return [answer.columns[place] for place in places], places


def limited(rows: Iterable[Row], look: Look) -> Iterable[Row]:
    """The rows, or the first `--limit` of them."""
    return rows if look.limit is None else islice(rows, look.limit)


def basis(answer: Answer, head: Head) -> str:
    """What one of the table's units is, which time counts, and whose clock the times are read from."""
    if not answer.time:
        return answer.unit
    return f"{answer.unit}; time: {answer.time}; zone: {head.zone_name}"
