"""`mailaudit log --follow`: rows as they happen, one line each, written at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.commands.output import check_names, colored, look
from mailaudit.commands.session import cpu_checked, request
from mailaudit.commands.words import local_zone
from mailaudit.errors import InputError, UsageError
from mailaudit.measure import listing
from mailaudit.model.answers import Answer
from mailaudit.writers import destination
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import local

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from typing import Any

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.measure.filters import Filters

FORMATS = ("table", "jsonl")
_TIMES = {"submitted_at": "submitted_us", "finished_at": "finished_us"}
STYLE = {"green": "\x1b[32m", "yellow": "\x1b[33m", "red": "\x1b[31m", "magenta": "\x1b[35m"}


def check(output: Output, period: Period, *, others: bool) -> None:
    """Raises UsageError for what does not go with following."""
    if output.format not in FORMATS:
        raise UsageError(f"--follow writes {' or '.join(FORMATS)}, not {output.format}", hint="--format jsonl")
    if period.since or period.until or period.today or period.days:
        raise UsageError("--follow shows what happens from now on", hint="without --follow, log takes any range")
    if others:
        raise UsageError(
            "--follow shows deliveries; --raw, --last, --include-rejects and --include-notices do not go with it"
        )
    check_names(listing.LOG_COLUMNS, output.columns)


def follow(source: Input, filters: Filters, period: Period, output: Output, *, collapse: bool) -> int:
    """Writes rows until it is stopped, or standard input ends."""
    with cpu_checked():
        from mailaudit.follow import Follower  # noqa: PLC0415 (polars)
    follower = Follower(request(source, period.tz), filters, collapse=collapse)
    if not follower.sources:
        raise InputError("nothing to follow", hint="--follow takes plain files that grow, or - for standard input")
    rows = follower.rows()
    limited = rows if output.limit is None else (row for row, _ in zip(rows, range(output.limit), strict=False))
    with destination.opened(output.output) as out:
        if output.format == "jsonl":
            from mailaudit.writers.json_lines import objects  # noqa: PLC0415

            fields = (tuple(row.get(_TIMES.get(c.name, c.name)) for c in listing.LOG_COLUMNS) for row in limited)
            answer = Answer("log", "", "", "", listing.LOG_COLUMNS, fields)
            lines: Iterator[str] = objects(answer, look(output, out))
        else:
            styles: dict[str, str] = {}
            if colored(terminal=out.isatty()):
                from mailaudit.writers.fitting import STYLES  # noqa: PLC0415 (rich)

                styles = STYLES
            zone = period.tz or local_zone()
            lines = (line(row, zone, styles) for row in limited)
        for text in lines:
            out.write(f"{text}\n")
            out.flush()
    return 0


def line(row: dict[str, Any], zone: dt.tzinfo, styles: dict[str, str]) -> str:
    """A row for people: when, how it stands, from whom to whom, what was answered."""
    status = row["status"]
    style = STYLE.get(styles.get(status, ""), "")
    word = f"{style}{status:9}\x1b[0m" if style else f"{status:9}"
    sender = row["sender"] if row["sender"] is not None else "?"
    said = f"{row['queue_id'] or '?'} {sender or '<>'} -> {row['recipient']}"
    more = " ".join(str(row[name]) for name in ("relay_host", "reply") if row[name])
    return f"{local(row['time_us'], zone)} {word} {neutral(said)}" + (f" ({neutral(more)})" if more else "")
