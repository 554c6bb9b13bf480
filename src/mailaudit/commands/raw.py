"""`--raw`: the log lines themselves, read once more from the inputs, byte for byte unless a terminal shows them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.commands import unparsed
from mailaudit.commands.remarks import note, tell
from mailaudit.errors import UsageError
from mailaudit.writers import destination
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mailaudit.commands.options import Input, Output
    from mailaudit.commands.session import Session
    from mailaudit.originals import Place


def check_raw(source: Input, output: Output, *, raw: bool) -> None:
    """Raises UsageError for what has no place beside lines as they stand: other lines, and chosen columns."""
    unparsed.check(source, "--raw", wanted=raw)
    if raw and output.columns:
        raise UsageError("--raw shows whole lines, which have no columns", hint="leave out --raw, or --columns")


def write_raw(this: Session, keys: Collection[int], places: Collection[Place], output: Output) -> int:
    """Writes the lines of these lives, and the lines at these places (source, line), in input order; the exit code."""
    from mailaudit.measure import filed  # noqa: PLC0415 (only here)
    from mailaudit.originals import lines_of  # noqa: PLC0415 (polars)

    places = {*places, *filed.places(this.run.engine, keys)}
    return _write(this, lines_of(this.run, keys, places), output)


def write_all(this: Session, hosts: Collection[str], output: Output) -> int:
    """Writes every line of the range, in order of time; those of these hosts alone if any are named; the exit code."""
    from mailaudit.between import lines_between  # noqa: PLC0415 (polars)

    return _write(this, lines_between(this.run, this.since_us, this.until_us, hosts), output)


def _write(this: Session, lines: Iterable[bytes], output: Output) -> int:
    """Writes the lines; what could steer a terminal never reaches one."""
    from mailaudit.parsing import kind_of  # noqa: PLC0415 (polars)

    with destination.opened(output.output) as out:
        terminal = out.isatty()
        for line in islice(lines, output.limit):
            if terminal:
                out.write(neutral(line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")) + "\n")
            else:
                out.buffer.write(line if line.endswith(b"\n") else line + b"\n")
    for source in this.run.sources:
        if kind_of(source, this.run.request.input_format) == "mails":
            note(f"{source.path} holds mails, which are no lines of a log: --raw leaves them out")
    tell(this)
    return this.code
