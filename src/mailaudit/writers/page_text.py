"""A page as text: for a mail of 80 columns, a pipe or a terminal; in plain ASCII where that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mailaudit.writers import fitting
from mailaudit.writers.choose import known
from mailaudit.writers.escapes import neutral
from mailaudit.writers.fitting import BETWEEN
from mailaudit.writers.values import for_people, is_number
from mailaudit.writers.wrapping import wrapped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from mailaudit.model.answers import Look, Table
    from mailaudit.model.columns import Column
    from mailaudit.model.page import Finding, Page, Section

WIDTH = 78
"""Characters of a line of mail (RFC 5322 asks for at most 78)."""
ROWS = 10
"""Rows of a table on a page, unless `--limit` says otherwise."""
LEAST = 16
"""Columns that a wrapped text has at least."""
MARKS = {"bad": "!!", "warning": "! ", "new": "* ", "note": "- ", "good": "+ "}
STYLES = {"bad": "\x1b[31m", "warning": "\x1b[33m", "good": "\x1b[32m"}
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
ASCII = str.maketrans({"–": "-", "—": "-", "…": "...", "×": "x", "’": "'", "µ": "u", "≥": ">=", "≤": "<=", "·": "*"})
"""What our own texts hold beyond ASCII; what log texts hold beyond it is shown as escapes."""


def write(page: Page, look: Look, zone: dt.tzinfo, out: TextIO, *, ascii_only: bool = False) -> None:
    """Writes the page; no line is wider than the terminal, or than a mail's where there is none."""
    sheet = _Sheet(look.width or WIDTH, look, zone, ascii_only)
    out.writelines(f"{line}\n" for line in sheet.lines(page))


def in_ascii(text: str) -> str:
    """The text in ASCII: dashes and the like by their nearest, all else as Python's escapes."""
    return text.translate(ASCII).encode("ascii", "backslashreplace").decode("ascii")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is written on: how wide it is, what it can show."""

    width: int
    look: Look
    zone: dt.tzinfo
    ascii_only: bool

    def lines(self, page: Page) -> Iterator[str]:
        """The page, line by line."""
        yield self._styled(self._clean(page.title), BOLD)
        for line in page.about:
            yield from self._wrapped(line)
        for section in page.sections:
            yield ""
            yield self._styled(self._clean(section.title).upper(), BOLD)
            yield from self._section(section)

    def _section(self, section: Section) -> Iterator[str]:
        for text in section.text:
            yield from self._wrapped(text)
        for finding in section.findings:
            yield from self._finding(finding)
        if section.figures and (section.text or section.findings):
            yield ""
        width = max((len(figure.name) for figure in section.figures), default=0)
        room = max((len(figure.value) for figure in section.figures), default=0)
        for figure in section.figures:
            line = f"{figure.name:{width}}  {figure.value:>{room}}  {figure.note}".rstrip()
            yield from self._wrapped(line, " " * (width + room + 4))
        said = ""
        for number, table in enumerate(section.tables):
            if number or section.figures:
                yield ""
            title = "" if not number and table.title == section.title else table.title
            basis = "" if table.basis == said else f"({table.basis})"
            said = table.basis
            yield from self._wrapped(f"{title} {basis}".strip())
            yield from self._table(table)
            for note in table.notes:
                yield from self._wrapped(note)

    def _finding(self, finding: Finding) -> Iterator[str]:
        first = True
        for line in self._wrapped(f"{MARKS[finding.level]} {finding.text}", "   "):
            yield self._styled(line, STYLES.get(finding.level, "")) if first else line
            first = False
        if finding.action:
            yield from self._wrapped(f"   -> {finding.action}", "      ")

    def _table(self, table: Table) -> Iterator[str]:
        usual = None if table.whole else ROWS
        rows = table.rows[: usual if self.look.limit is None else self.look.limit]
        if not rows:
            yield "  (none)"
            return
        columns, places = known(table, rows)
        forms = [for_people(column, self.zone) for column in columns]
        cells = [[self._clean(form(row[place])) for form, place in zip(forms, places, strict=True)] for row in rows]
        yield from self._grid(columns, cells)
        if table.length > len(rows):
            yield f"  {len(rows)} of {table.length} rows"

    def _grid(self, columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> Iterator[str]:
        """Rows whose last text is wrapped in the room that is left; where there is none, as `fitting` lays them out."""
        widths = [
            max(cell_len(column.name), *(cell_len(row[at]) for row in cells)) for at, column in enumerate(columns)
        ]
        used = sum(widths[:-1]) + BETWEEN * (len(columns) - 1)
        if is_number(columns[-1]) or self.width - used < LEAST:
            grid = StringIO()
            fitting.write(columns, cells, self.look, self.width, grid)
            yield from grid.getvalue().rstrip("\n").split("\n")
            return
        heads = [column.name for column in columns]
        yield self._styled(_row(columns, heads, widths).rstrip(), BOLD)
        for row in cells:
            first, *further = _folded(row[-1], self.width - used)
            yield _row(columns, [*row[:-1], first], widths).rstrip()
            yield from (" " * used + part for part in further)

    def _clean(self, text: str) -> str:
        """The text without what a terminal would obey, and in ASCII where that is asked for."""
        return in_ascii(neutral(text)) if self.ascii_only else neutral(text)

    def _wrapped(self, text: str, further: str = "") -> Iterable[str]:
        return wrapped(self._clean(text), self.width, further)

    def _styled(self, text: str, style: str) -> str:
        return f"{style}{text}{PLAIN}" if self.look.color and style else text


def _row(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = []
    for column, cell, size in zip(columns, cells, widths, strict=True):
        pad = " " * (size - cell_len(cell))
        parts.append(pad + cell if is_number(column) else cell + pad)
    return (" " * BETWEEN).join(parts)


def _folded(text: str, room: int) -> list[str]:
    """The text in lines of so many columns, broken between words where they fit."""
    return [line.plain.rstrip() for line in Text(text).wrap(Console(width=room), room, overflow="fold")] or [""]
