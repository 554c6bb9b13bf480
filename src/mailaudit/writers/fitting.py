"""Tables fitted to a terminal: nothing is cut off, whatever the width.

Columns that do not fit stand under their row, with their names; one long text that has room enough is folded in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mailaudit.writers.answers import EXPLAIN
from mailaudit.writers.values import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from mailaudit.model.columns import Column
    from mailaudit.writers.answers import Look

BETWEEN = 2
"""Blanks between columns."""
ROOM = 40
"""Characters that a text folded in place has at least."""
INDENT = 4
LONG = 24
"""Text wider than this gives way before other columns."""
STYLES = {
    "delivered": "green",
    "deferred": "yellow",
    "pending": "yellow",
    "held": "yellow",
    "gap": "yellow",
    "bounced": "red",
    "expired": "red",
    "rejected": "red",
    "complained": "red",
    "unknown": "magenta",
    "OK": "green",
    "Good": "green",
    "Warning": "yellow",
    "Bad": "red",
    "FAIL": "red",
    "Unknown": "magenta",
}
"""Colours of words of state; the words themselves always stand there too."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each column stands."""

    widths: dict[int, int]
    """Width of the columns that stand side by side, by their place."""
    below: list[int]
    """Columns under the row."""


def write(columns: Sequence[Column], cells: Sequence[Sequence[str]], look: Look, width: int, out: TextIO) -> None:
    """Writes the rows within `width` characters a line."""
    console = Console(
        file=out,
        width=width,
        color_system="standard" if look.color else None,
        force_terminal=look.color,
        no_color=not look.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    plan = planned(columns, cells, width)
    rows = [_heads(columns, plan)] + [[Text(cell, STYLES.get(cell, "")) for cell in row] for row in cells]
    for number, row in enumerate(rows):
        for line in _side_by_side(columns, row, plan, console):
            if not number:
                line.stylize("bold")
            console.print(line, soft_wrap=True)
        if number:
            for line in _under(columns, row, plan, width, console):
                console.print(line, soft_wrap=True)


def planned(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> Plan:
    """Takes columns out of the row until the rest fits: long text first, the widest of it, then what stands last."""
    widths = {
        at: max([cell_len(column.name), *(cell_len(row[at]) for row in cells)]) for at, column in enumerate(columns)
    }
    below = [at for at, column in enumerate(columns) if column.name == EXPLAIN]
    for at in below:
        del widths[at]
    while _total(widths) > width and len(widths) > 1:
        long = [at for at in widths if columns[at].type == "text" and widths[at] > LONG]
        gives_way = max(long, key=lambda at: widths[at]) if long else max(widths)
        room = width - (_total(widths) - widths[gives_way])
        if len(long) == 1 and room >= ROOM:
            widths[gives_way] = room
            break
        del widths[gives_way]
        below.append(gives_way)
    return Plan(widths, sorted(below))


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + BETWEEN * (len(widths) - 1)


def _heads(columns: Sequence[Column], plan: Plan) -> list[Text]:
    return [Text(column.name if at in plan.widths else "") for at, column in enumerate(columns)]


def _side_by_side(columns: Sequence[Column], row: Sequence[Text], plan: Plan, console: Console) -> Iterator[Text]:
    """The lines of the row; more than one if a text is folded."""
    folded = {at: row[at].wrap(console, size, overflow="fold") for at, size in plan.widths.items()}
    for number in range(max((len(lines) for lines in folded.values()), default=0) or 1):
        line = Text()
        for place, (at, size) in enumerate(plan.widths.items()):
            cell = folded[at][number].copy() if number < len(folded[at]) else Text()
            cell.rstrip()
            cell.align("right" if is_number(columns[at]) else "left", size)
            line.append(" " * (BETWEEN if place else 0))
            line.append_text(cell)
        line.rstrip()
        yield line


def _under(columns: Sequence[Column], row: Sequence[Text], plan: Plan, width: int, console: Console) -> Iterator[Text]:
    """What stands under the row: short fields together in a line, long ones folded."""
    line = Text()
    for at in plan.below:
        if not row[at].plain:
            continue
        if columns[at].name == EXPLAIN:
            yield Text(" " * INDENT).append_text(row[at])  # a command to copy is never folded
            continue
        field = Text(f"{columns[at].name}: ", "dim").append_text(row[at])
        if line and INDENT + line.cell_len + BETWEEN + field.cell_len <= width:
            line.append(" " * BETWEEN).append_text(field)
            continue
        yield from _indented(line, width, console)
        line = field
    yield from _indented(line, width, console)


def _indented(line: Text, width: int, console: Console) -> Iterator[Text]:
    if line:
        for part in line.wrap(console, max(width - INDENT, 1), overflow="fold"):
            part.rstrip()
            yield Text(" " * INDENT).append_text(part)
