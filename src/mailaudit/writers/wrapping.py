"""Prose in lines of so many cells of a terminal: wide characters take two, combining ones none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Iterator


LEAST = 8
"""Columns that a line has beside a given beginning."""


def wrapped(text: str, width: int, further: str = "") -> list[str]:
    """The text broken between its words, and in them only where one has no room in a line; blanks stay as they are.

    Lines after the first begin with `further`.
    """
    if cell_len(text) <= width:
        return [text]
    further = further if cell_len(further) + LEAST <= width else ""
    line = text[: len(text) - len(text.lstrip(" "))]
    lines: list[str] = []
    for blanks, word in _words(text.strip(" ")):
        too_long = cell_len(further + word) > width
        if too_long or cell_len(line + blanks + word) <= width:
            line += blanks + word
        elif not line.strip(" "):  # the blanks before the first word give way to it
            line = " " * (width - cell_len(word)) + word
        else:
            lines.append(line)
            line = further + word
        while cell_len(line) > width:
            first = chop_cells(line, width)[0]
            lines.append(first)
            line = further + line[len(first) :]
    return [*lines, line]


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Each word with the blanks before it."""
    blanks = ""
    for part in text.split(" "):
        if part:
            yield blanks, part
            blanks = " "
        else:
            blanks += " "
