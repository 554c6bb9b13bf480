"""Answers are written where and how the options say, and what must be said of them follows."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from mailaudit.commands import unparsed
from mailaudit.commands.remarks import tell
from mailaudit.errors import UsageError, nearest
from mailaudit.model.answers import Look
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from mailaudit.commands.options import Output
    from mailaudit.commands.session import Session
    from mailaudit.model.answers import Answer, Head
    from mailaudit.model.columns import Column


def check(output: Output) -> None:
    """Raises what can be known to be wrong before the work: no place to write, a format that cannot be written here."""
    from mailaudit.writers.formats import EXTRAS, ready  # noqa: PLC0415

    destination.check(output.output)
    ready(output.format)
    if output.format in EXTRAS and output.output is None and sys.stdout.isatty():
        raise UsageError(
            f"{output.format} is nothing for a terminal", hint=f"write it to a file: -o FILE.{output.format}"
        )
    if output.excel_safe and output.format != "csv":
        raise UsageError("--excel-safe goes with --format csv", hint="in xlsx, text is never a formula")


def prepare(output: Output) -> None:
    """Loads what writes the answer; it is loaded then anyway, but there is time for it now."""
    if output.format == "table":
        import_module("mailaudit.writers.fitting" if output.output is None and sys.stdout.isatty() else "tabulate")


def write(answers: Sequence[Answer], head: Head, output: Output) -> None:
    """Writes the answers where and how the options say."""
    from mailaudit.writers.formats import writer  # noqa: PLC0415

    check_names((column for answer in answers for column in answer.columns), output.columns)
    told = having(answers, output.columns)
    with destination.opened(output.output) as out:
        writer(output.format)(told, head, look(output, out), out)


def having(answers: Sequence[Answer], wanted: Sequence[str]) -> Sequence[Answer]:
    """The tables that have a column asked for, if any was; lines that nothing understood are asked for apart."""
    if not wanted:
        return answers
    return [one for one in answers if one.name == unparsed.NAME or not one.places.keys().isdisjoint(wanted)]


def look(output: Output, out: TextIO) -> Look:
    """How the answer is to look: columns and rows asked for, and what the terminal can show."""
    terminal = out.isatty()
    return Look(
        columns=output.columns,
        limit=output.limit,
        width=shutil.get_terminal_size().columns if terminal else None,
        excel_safe=output.excel_safe,
        color=colored(terminal=terminal),
    )


def colored(*, terminal: bool) -> bool:
    """Colour is for terminals; NO_COLOR and FORCE_COLOR say otherwise (no-color.org, force-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"


def check_names(columns: Iterable[Column], wanted: Sequence[str]) -> None:
    """Raises UsageError for a wanted column that is not among these."""
    known = list(dict.fromkeys(column.name for column in columns))
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no column {name!r} here", hint=nearest(name, known))


def finish(this: Session, answers: Sequence[Answer], output: Output) -> int:
    """Writes the answers, then what must be said about them; returns the exit code."""
    write([*answers, unparsed.answer(this)] if this.source.unparsed else answers, this.head, output)
    tell(this)
    return this.code
