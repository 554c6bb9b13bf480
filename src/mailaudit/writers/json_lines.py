"""JSON Lines: one row an object, with `table` where there are several."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mailaudit.writers.choose import chosen, limited
from mailaudit.writers.escapes import json_safe
from mailaudit.writers.values import for_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes every row as one line."""
    del head
    for answer in answers:
        out.writelines(text + "\n" for text in objects(answer, look, table=answer.name if len(answers) > 1 else None))


def objects(answer: Answer, look: Look, *, table: str | None = None) -> Iterator[str]:
    """Each row as the text of a JSON object, in one line."""
    columns, places = chosen(answer, look)
    fields = [(column.name, place, for_programs(column)) for column, place in zip(columns, places, strict=True)]
    start = {} if table is None else {"table": table}
    for row in limited(answer.rows, look):
        item: dict[str, object] = dict(start)
        for name, place, form in fields:
            value = row[place]
            if isinstance(value, dict):
                item.update({key: field for key, field in value.items() if key not in item})
            elif value is not None:
                item[name] = form(value)
            elif not answer.sparse:
                item[name] = None
        yield dumps(item)


def dumps(item: object) -> str:
    """The JSON text in one line, safe for a terminal."""
    return json_safe(json.dumps(item, ensure_ascii=False, allow_nan=False))
