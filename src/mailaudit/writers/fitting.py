"""Tables fitted to a terminal: nothing is cut off, whatever the width.

Columns that do not fit stand under their row, with their names; a text that has room enough is folded in place.
A table of numbers goes on in a second one below it, which begins with the same words.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mailaudit.model.answers import EXPLAIN
from mailaudit.writers.values import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from rich.containers import Lines

    from mailaudit.model.answers import Look
    from mailaudit.model.columns import Column

BETWEEN = 2
"""Blanks between columns."""
ROOM = 40
"""Characters that a text folded in place has at least."""
LEAST = 16
"""…and at least so many, if it takes no more lines there than under the row."""
INDENT = 4
NUMBERS = 4
"""Columns of numbers that make a table one of numbers."""
LONG = 24
"""Text wider than this gives way before other columns."""
CUT = "..."
"""The end of what was cut."""
COMMANDS = (EXPLAIN, "command")
"""Columns of commands to copy, which are never folded."""
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
    goes_on: bool = False
    """The rows stand above already: what is too long is cut here."""


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
    if not look.columns:
        columns, cells = _known(columns, cells, width)
    for number, plan in enumerate(_panes(columns, cells, width) or [planned(columns, cells, width)]):
        if number:
            out.write("\n")
        _pane(columns, cells, plan, width, console)


def _pane(columns: Sequence[Column], cells: Sequence[Sequence[str]], plan: Plan, width: int, console: Console) -> None:
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
    """Takes columns out of the row until the rest fits: long text first, the widest of it, then what stands last.

    What the rows are about stands in the first column, and stays there unless it takes half the width.
    """
    widths = _natural(columns, cells)
    begins = 0 if widths[0] <= width // 2 else None
    below = [at for at, column in enumerate(columns) if column.name == EXPLAIN]
    for at in below:
        del widths[at]
    while _total(widths) > width and len(widths) > 1:
        long = [at for at in widths if at != begins and columns[at].type == "text" and widths[at] > LONG]
        gives_way = max(long, key=lambda at: widths[at]) if long else max(widths)
        room = width - (_total(widths) - widths[gives_way])
        if _folds_well(columns, cells, gives_way, room, width):
            widths[gives_way] = room
            break
        del widths[gives_way]
        below.append(gives_way)
    return Plan(widths, sorted(below))


def _known(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int
) -> tuple[Sequence[Column], Sequence[Sequence[str]]]:
    """The table without columns in which nothing is known, where all of them would not fit."""
    if _total(_natural(columns, cells)) <= width:
        return columns, cells
    kept = [at for at in range(len(columns)) if not at or any(row[at] for row in cells)]
    return [columns[at] for at in kept], [[row[at] for at in kept] for row in cells]


def _natural(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> dict[int, int]:
    return {
        at: max([cell_len(column.name), *(cell_len(row[at]) for row in cells)]) for at, column in enumerate(columns)
    }


def _folds_well(columns: Sequence[Column], cells: Sequence[Sequence[str]], at: int, room: int, width: int) -> bool:
    """Tells whether a text folded in place takes no more lines than under the row, and no word of it is torn apart."""
    texts = [row[at] for row in cells]
    if room < LEAST or columns[at].type not in {"text", "word"} or columns[at].name in COMMANDS:
        return False
    longest = max((cell_len(word) for text in texts for word in text.split()), default=0)
    if longest > room and (room < ROOM or longest <= width - INDENT):
        return False
    aside = sum(_lines(text, room) for text in texts)
    under = sum(1 + _lines(f"{columns[at].name}: {text}", width - INDENT) if text else 1 for text in texts)
    return aside <= under


def _lines(text: str, room: int) -> int:
    """How many lines of this room a text takes that is folded between its words, and in them where they are longer."""
    lines, left = 1, room
    for word in text.split():
        size = cell_len(word)
        if size > left:
            more, rest = divmod(size - 1, room)
            lines, left = lines + 1 + more, room - rest
        else:
            left -= size
        left -= 1
    return lines


def _panes(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[Plan]:
    """The parts of a table of numbers that is too wide, each beginning with the same words; none for other tables."""
    widths = _natural(columns, cells)
    explained = [at for at, column in enumerate(columns) if column.name == EXPLAIN]
    for at in explained:
        del widths[at]
    numbers = [at for at in widths if is_number(columns[at])]
    keys = [0, *itertools.takewhile(lambda at: at not in numbers, list(widths)[1:])]
    if _total(widths) <= width or len(numbers) < max(NUMBERS, len(widths) // 2):
        return []
    while len(keys) > 1 and sum(widths[at] + BETWEEN for at in keys) > width // 2:
        keys.pop()
    widths[0] = min(widths[0], width // 2)
    others = [at for at in widths if at not in keys]
    if any(widths[at] > LONG for at in others):
        return []
    begin = {at: widths[at] for at in keys}
    panes = [dict(begin)]
    for at in others:
        if _total(panes[-1] | {at: widths[at]}) > width and len(panes[-1]) > len(keys):
            panes.append(dict(begin))
        panes[-1][at] = widths[at]
    return [Plan(pane, [] if number else explained, goes_on=number > 0) for number, pane in enumerate(panes)]


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + BETWEEN * (len(widths) - 1)


def _heads(columns: Sequence[Column], plan: Plan) -> list[Text]:
    return [Text(column.name if at in plan.widths else "") for at, column in enumerate(columns)]


def _side_by_side(columns: Sequence[Column], row: Sequence[Text], plan: Plan, console: Console) -> Iterator[Text]:
    """The lines of the row; more than one if a text is folded."""
    folded = {at: _folded(row[at], size, plan, console) for at, size in plan.widths.items()}
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


def _folded(cell: Text, size: int, plan: Plan, console: Console) -> Lines:
    if plan.goes_on and cell.cell_len > size:
        cell = cell.copy()
        cell.truncate(size - len(CUT), overflow="crop")
        cell.append(CUT)
    return cell.wrap(console, size, overflow="fold")


def _under(columns: Sequence[Column], row: Sequence[Text], plan: Plan, width: int, console: Console) -> Iterator[Text]:
    """What stands under the row: short fields together in a line, long ones folded."""
    line = Text()
    for at in plan.below:
        if not row[at].plain:
            continue
        if columns[at].name in COMMANDS:
            yield from _indented(line, width, console)
            line = Text()
            yield Text(" " * INDENT).append_text(row[at])
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
