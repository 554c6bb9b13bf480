"""The formats by the word that `--format` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mailaudit.writers import delimited, json_document, json_lines, markdown, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

    from mailaudit.writers.answers import Answer, Head, Look

Writer: TypeAlias = "Callable[[Sequence[Answer], Head, Look, TextIO], None]"

WRITERS: Mapping[str, Writer] = {
    "table": table.write,
    "csv": delimited.write,
    "json": json_document.write,
    "jsonl": json_lines.write,
    "markdown": markdown.write,
}
"""The formats by the word that `--format` takes."""
