"""CSV as RFC 4180 has it: CR LF, quotes where needed, one header."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from mailaudit.writers.choose import chosen, limited
from mailaudit.writers.escapes import neutral
from mailaudit.writers.json_lines import dumps
from mailaudit.writers.values import for_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look, Value


DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What formulas, and commands of other programs, begin with."""


BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's old code page."""


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes all rows; several tables become one, with a first column `table` and the columns of all."""
    del head
    several = len(answers) > 1
    names = list(dict.fromkeys(column.name for answer in answers for column in chosen(answer, look)[0]))
    if look.excel_safe:
        out.write(BOM)
    rows = csv.writer(out)
    rows.writerow(["table", *names] if several else names)
    for answer in answers:
        rows.writerows(_rows(answer, look, names, several=several))


def _rows(answer: Answer, look: Look, names: list[str], *, several: bool) -> Iterator[list[object]]:
    columns, places = chosen(answer, look)
    fields = [
        (names.index(column.name) + several, place, for_programs(column))
        for column, place in zip(columns, places, strict=True)
    ]
    empty: list[object] = [""] * (len(names) + several)
    if several:
        empty[0] = answer.name
    for row in limited(answer.rows, look):
        line = empty.copy()
        for at, place, form in fields:
            value = _cell(form(row[place]))
            line[at] = harmless(value) if look.excel_safe else value
        yield line


def harmless(value: object) -> object:
    """Text as spreadsheets show it and do not run it (OWASP: CSV injection); numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def _cell(value: Value) -> object:
    """Text without control characters; true and false as JSON has them; nothing for what is not known."""
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, dict | list):
        return dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
