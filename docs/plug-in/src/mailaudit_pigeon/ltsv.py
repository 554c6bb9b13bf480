"""Labelled tab-separated values (ltsv.org): each row one line of `label:value`, with tabs between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.writers.choose import chosen, limited
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import for_programs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes every row of every table; log text is hostile, so tabs and control characters are shown as escapes."""
    del head
    for answer in answers:
        columns, places = chosen(answer, look)
        fields = [(column.name, place, for_programs(column)) for column, place in zip(columns, places, strict=True)]
        for row in limited(answer.rows, look):
            cells = [(name, form(row[place])) for name, place, form in fields if row[place] is not None]
            out.write("\t".join(f"{name}:{neutral(str(value))}" for name, value in cells) + "\n")
