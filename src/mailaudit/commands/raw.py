"""`--raw`: the log lines themselves, read once more from the inputs, byte for byte unless a terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.commands.remarks import tell
from mailaudit.writers import destination
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Collection

    from mailaudit.commands.options import Output
    from mailaudit.commands.session import Session
    from mailaudit.originals import Place


def write_raw(this: Session, keys: Collection[int], places: Collection[Place], output: Output) -> int:
    """Writes the lines of these lives, and the lines at these places (source, line), in input order; the exit code."""
    from mailaudit.measure import filed  # noqa: PLC0415 (only here)
    from mailaudit.originals import lines_of  # noqa: PLC0415 (polars)

    places = {*places, *filed.places(this.run.engine, keys)}
    left = output.limit
    with destination.opened(output.output) as out:
        terminal = out.isatty()
        for line in lines_of(this.run, keys, places):
            if left is not None:
                if left == 0:
                    break
                left -= 1
            if terminal:
                out.write(neutral(line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")) + "\n")
            else:
                out.buffer.write(line if line.endswith(b"\n") else line + b"\n")
    tell(this)
    return this.code
