"""One JSON document: what was asked, of which inputs, and the tables (docs: the JSON of mailaudit, schema 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.model.times import utc
from mailaudit.writers.json_lines import dumps, objects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look
    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning

SCHEMA = 1


def write(answers: Sequence[Answer], head: Head, look: Look, out: TextIO) -> None:
    """Writes the document row by row, so that a million rows need no more memory than one."""
    out.write("{\n")
    out.writelines(f" {dumps(name)}: {dumps(value)},\n" for name, value in _asked(head).items())
    if not head.known_at_end:
        out.writelines(f" {dumps(name)}: {dumps(value)},\n" for name, value in _read(head).items())
    out.write(' "tables": {')
    for number, answer in enumerate(answers):
        out.write(",\n" if number else "\n")
        _table(answer, look, out)
    out.write("\n }" if answers else "}")
    if head.known_at_end:
        out.writelines(f",\n {dumps(name)}: {dumps(value)}" for name, value in _read(head).items())
    out.write("\n}\n")


def _table(answer: Answer, look: Look, out: TextIO) -> None:
    out.write(f'  {dumps(answer.name)}: {{"unit": {dumps(answer.unit)}, "time": {dumps(answer.time)}, "rows": [')
    between = "\n   "
    for text in objects(answer, look):
        out.write(between + text)
        between = ",\n   "
    out.write("]}" if between == "\n   " else "\n  ]}")


def _asked(head: Head) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "command": head.command,
        "version": head.version,
        "range": {
            "since": None if head.since_us is None else utc(head.since_us),
            "until": None if head.until_us is None else utc(head.until_us),
            "tz": head.zone_name,
        },
    }


def _read(head: Head) -> dict[str, object]:
    return {
        "inputs": [_input(item) for item in head.inputs],
        "warnings": [_warning(item) for item in head.warnings],
    }


def _input(item: InputReport) -> dict[str, object]:
    return {
        "path": item.path,
        "format": item.format,
        "lines": item.lines,
        "parsed": item.parsed,
        "noise": item.noise,
        "unparsed": item.unparsed,
        "year": item.year,
        "offset": item.offset,
        "confidence": item.confidence,
    }


def _warning(item: InputWarning) -> dict[str, object]:
    return {"kind": item.kind, "text": item.text, "source_file": item.source_file, "line": item.line}
