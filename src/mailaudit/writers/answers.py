"""What writers are given: answers (plain columns and rows), and what stands around them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.model.columns import Column
    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning
    from mailaudit.writers.values import Row


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
    sparse: bool = False
    """True where most fields of a row are empty: JSON leaves empty ones out."""
    notes: tuple[str, ...] = ()
    """Sentences under the table for people."""
    total: int | None = None
    """Rows there are, where `rows` may be fewer."""
    whole: bool = False
    """True for a table that people see whole unless a limit is set."""


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
