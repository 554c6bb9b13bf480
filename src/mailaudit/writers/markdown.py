"""Markdown tables, for tickets and wikis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.writers.choose import basis, chosen, limited
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import for_people, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look

SPECIAL = re.compile(r"([\\`*\[\]<>|~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|^[#+-])")
"""What Markdown, or the HTML inside it, would take for its own."""


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes one section and table per answer, with all rows."""
    for number, answer in enumerate(answers):
        columns, places = chosen(answer, look, answer.shown)
        forms = [for_people(column, head.zone) for column in columns]
        out.write("\n" if number else "")
        out.write(f"## {plain(answer.title)}\n\n{plain(basis(answer, head))}\n\n")
        out.write(_line([plain(column.name) for column in columns]))
        out.write(_line(["---:" if is_number(column) else "---" for column in columns]))
        rows = 0
        for row in limited(answer.rows, look):
            rows += 1
            out.write(_line([plain(form(row[place])) for form, place in zip(forms, places, strict=True)]))
        out.write("" if rows else "\n(none)\n")
        out.writelines(f"\n{plain(note)}\n" for note in answer.notes)


def plain(text: str) -> str:
    """Log text as Markdown that shows exactly it."""
    return SPECIAL.sub(r"\\\1", neutral(text))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
