"""Answers: plain columns and rows, as questions make them and writers lay them out; and what stands around them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.model.columns import Column
    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning

Value: TypeAlias = object
"""What a cell may hold: str, int, float, bool, None; a dict stands for fields that differ from row to row."""
Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One table: its name in JSON, what its head says, its columns, its rows."""

    name: str
    title: str
    unit: str
    """What one counts: recipients, messages, attempts, lines …"""
    time: str
    """Which time places a fact in the range: acceptance, delivery, the attempt …"""
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    shown: tuple[str, ...] = ()
    """Columns of the table for people; all of them if empty. Machine formats have every column."""
    notes: tuple[str, ...] = ()
    """Sentences under the table for people."""
    total: int | None = None
    """Rows there are, where `rows` may be fewer."""
    whole: bool = False
    """True for a table that makes no sense in part: people see it whole unless a limit is set."""
    level_column: str = ""
    """A column whose words are levels or bands, for colour."""
    sparse: bool = False
    """True where most fields of a row are empty: JSON leaves empty ones out."""

    @property
    def basis(self) -> str:
        """What one counts, and which time places it."""
        return f"{self.unit}; time: {self.time}" if self.time else self.unit

    @property
    def places(self) -> dict[str, int]:
        """Where in a row each column stands."""
        return {column.name: place for place, column in enumerate(self.columns)}


@dataclass(frozen=True, slots=True)
class Table(Answer):
    """An answer whose rows are at hand."""

    rows: Sequence[Row]
    """Those of a question are to be read while its engine is open."""

    @property
    def length(self) -> int:
        """Rows there are, more than are at hand where a limit was set."""
        return len(self.rows) if self.total is None else self.total

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows with their columns' names."""
        return [dict(zip(self.places, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands around the answers: who asked, over which time, of what."""

    command: str
    version: str = ""
    since_us: int | None = None
    until_us: int | None = None
    zone: dt.tzinfo = dt.UTC
    zone_name: str = "UTC"
    inputs: Sequence[InputReport] = ()
    warnings: Sequence[InputWarning] = ()
    known_at_end: bool = False
    """Inputs and warnings are complete only when all rows have been taken."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the reader wants to see it."""

    columns: tuple[str, ...] = ()
    limit: int | None = None
    width: int | None = None
    """Characters a terminal has in a line; None where output is not a terminal."""
    color: bool = False
    excel_safe: bool = False
    """CSV: text that a spreadsheet would take for a formula has an apostrophe in front."""


EXPLAIN = "explain"
"""Name of the column with the command that lists a line's rows; tables for people show it under the line."""
