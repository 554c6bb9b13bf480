"""Tables for people: fitted to a terminal, or at full width in a pipe, a file, a mail."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.model.answers import EXPLAIN
from mailaudit.writers.choose import basis, chosen
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import for_people, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look
    from mailaudit.model.columns import Column

ROWS = 20
"""Rows of a table for people, unless `--limit` says otherwise."""


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes each answer under a line that says what is counted, by which time, in which zone."""
    for number, answer in enumerate(answers):
        columns, places = chosen(answer, look, answer.shown)
        forms = [for_people(column, head.zone) for column in columns]
        rows = iter(answer.rows)
        usual = None if answer.whole else ROWS
        cells = [
            [form(row[place]) for form, place in zip(forms, places, strict=True)]
            for row in islice(rows, look.limit if look.limit is not None else usual)
        ]
        more = sum(1 for _ in rows) if answer.total is None else answer.total - len(cells)
        out.write("\n" if number else "")
        _caption(answer, head, look, out, f", {len(cells)} of {len(cells) + more} rows" if more else "")
        if not cells:
            out.write("  (none)\n")
        else:
            grid(columns, cells, look, out)
        for note in answer.notes:
            paragraph(note, look, out)


def grid(columns: list[Column], cells: list[list[str]], look: Look, out: TextIO) -> None:
    """Writes rows of cells under the columns' names, fitted to the terminal if there is one."""
    safe = [[neutral(cell) for cell in row] for row in cells]
    if look.width is None:
        _full_width(columns, safe, out)
    else:
        from mailaudit.writers import fitting  # noqa: PLC0415 (rich)

        fitting.write(columns, safe, look, look.width, out)


def paragraph(text: str, look: Look, out: TextIO, indent: str = "", further: str = "") -> None:
    """Writes a line of prose; on a terminal it is broken between words, further lines begin with `further`, too."""
    line = indent + neutral(text)
    if look.width is None:
        out.write(f"{line}\n")
        return
    from mailaudit.writers.wrapping import wrapped  # noqa: PLC0415 (rich)

    out.writelines(f"{part}\n" for part in wrapped(line, look.width, indent + further))


def _caption(answer: Answer, head: Head, look: Look, out: TextIO, count: str) -> None:
    title = neutral(answer.title)
    out.write(f"\x1b[1m{title}\x1b[0m{count}\n" if look.color else f"{title}{count}\n")
    paragraph(f"({basis(answer, head)})", look, out)


def _full_width(columns: list[Column], cells: list[list[str]], out: TextIO) -> None:
    """Writes every cell whole, one line a row; the command that explains a row stands under it."""
    from tabulate import tabulate  # noqa: PLC0415 (only when a table is written)

    plain = [place for place, column in enumerate(columns) if column.name != EXPLAIN]
    text = tabulate(
        [[row[place] for place in plain] for row in cells],
        headers=[columns[place].name for place in plain],
        tablefmt="simple",
        colalign=["right" if is_number(columns[place]) else "left" for place in plain],
        disable_numparse=True,  # a queue id such as 4E10 is no number
    )
    lines = [line.rstrip() for line in text.split("\n")]
    explained = next((place for place, column in enumerate(columns) if column.name == EXPLAIN), None)
    header, body = lines[:2], lines[2:]
    out.writelines(f"{line}\n" for line in header)
    for line, row in zip(body, cells, strict=True):
        out.write(f"{line}\n")
        if explained is not None and row[explained]:
            out.write(f"    {row[explained]}\n")
