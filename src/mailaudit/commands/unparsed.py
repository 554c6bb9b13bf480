"""`--unparsed`: what nothing understood, shown beside any answer over logs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError
from mailaudit.model.answers import Answer, Table
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from mailaudit.commands.options import Input
    from mailaudit.commands.session import Session

NAME = "unparsed"
TITLE = "Lines that nothing understood"
COLUMNS = (
    Column("source_file", "text", "the input"),
    Column("line", "int", "line number in it, from 1"),
    Column("format", "word", "format of the line; null for lines of no known program"),
    Column("text", "text", "the line, or what is wrong with a record"),
)
SHOWN = ("line", "format", "text")


def check(source: Input, place: str, *, wanted: bool = True) -> None:
    """Raises UsageError if the lines are asked for beside something that is `wanted` and has no place for them."""
    if source.unparsed and wanted:
        raise UsageError(
            f"--unparsed shows a table of lines, and {place} has no place for one",
            hint="mailaudit records --unparsed shows them alone",
        )


def answer(this: Session) -> Answer:
    """The lines of a run that nothing understood, read once more from where they stand."""
    from mailaudit import records  # noqa: PLC0415 (polars)

    names = [column.name for column in COLUMNS]
    found = records.unread(this.run.sources, this.run.request)
    rows = (tuple(row.get(name) for name in names) for row in found)
    shown = SHOWN if len(this.run.sources) == 1 else ("source_file", *SHOWN)
    return Answer(NAME, TITLE, "lines", "", COLUMNS, rows, shown=shown)


def none() -> Answer:
    """No line: of what is read whole or not at all."""
    return Answer(NAME, TITLE, "lines", "", COLUMNS, (), shown=SHOWN)


def table(this: Session, limit: int) -> Table:
    """The first of these lines, for a page."""
    found = answer(this)
    total = sum(report.unparsed for report in this.run.inputs)
    return Table(NAME, TITLE, found.unit, "", COLUMNS, list(islice(found.rows, limit)), found.shown, total=total)
