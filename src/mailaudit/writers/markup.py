"""What HTML pages and mails have in common: templates that escape everything, and tables as cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mailaudit.writers.choose import known
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import for_people, is_number

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import jinja2

    from mailaudit.model.answers import Table
    from mailaudit.model.columns import Column
    from mailaudit.model.page import Level

COLOURS = {"bad": "#b3261e", "warning": "#8a5a00", "new": "#0b57a4", "note": "#566173", "good": "#1b6e3c"}
"""Of levels, on white; all have a contrast of at least 4.5 to 1."""
WORDS = {"bad": "Act now", "warning": "Look", "new": "New", "note": "Note", "good": "Good"}
LEVEL_OF: dict[str, Level] = {
    "Good": "good", "Warning": "warning", "Bad": "bad",
    "healthy": "good", "monitor": "note", "investigate": "warning", "now": "bad",
    "good": "good", "warning": "warning", "bad": "bad", "new": "new", "note": "note",
}  # fmt: skip
"""Words in cells that have a colour."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field: its text, what it sorts by, and whether it is a number."""

    text: str
    number: bool
    key: str
    level: Level | None
    whole: bool
    """True for what is not broken into lines."""


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head."""

    name: str
    label: str
    meaning: str
    number: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """A table as cells."""

    basis: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    more: str
    find: bool
    """True if rows hold names that somebody may look for."""


@cache
def environment() -> jinja2.Environment:
    """The templates. Whatever stands in them is escaped, and a name they do not know is an error."""
    import jinja2  # noqa: PLC0415 (only when a page is written)

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("mailaudit.writers"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    made.filters["neutral"] = neutral
    made.finalize = lambda value: neutral(value) if type(value) is str else value
    return made


def laid(table: Table, zone: dt.tzinfo, limit: int | None) -> Laid:
    """The columns of the table that say something, and its first rows, as text."""
    rows = table.rows if limit is None or table.whole else table.rows[:limit]
    columns, places = known(table, rows)
    forms = [for_people(column, zone) for column in columns]
    cells = [
        [
            _cell(column, form(row[place]), row[place], table)
            for column, form, place in zip(columns, forms, places, strict=True)
        ]
        for row in rows
    ]
    more = f"{len(rows)} of {table.length} rows" if table.length > len(rows) else ""
    find = any(column.type == "text" for column in columns)
    return Laid(table.basis, [_head(column) for column in columns], cells, more, find)


def _cell(column: Column, text: str, value: object, table: Table) -> Cell:
    number = is_number(column)
    level = LEVEL_OF.get(text) if column.name == table.level_column else None
    key = "" if value is None or not (number or column.type == "time") else str(value)
    return Cell(text, number, key, level, column.type != "text")


def _head(column: Column) -> Head:
    return Head(column.name, column.name.replace("_", " "), column.meaning, is_number(column))
