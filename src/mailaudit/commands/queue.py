"""`mailaudit queue`: what waits, how long, for whom and why."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from mailaudit.commands import options, unparsed
from mailaudit.commands.output import check_names, finish, write
from mailaudit.commands.queue_answers import TABLES, Row, answers
from mailaudit.commands.ranges import zone_name
from mailaudit.commands.sections import Command
from mailaudit.commands.session import now, session, version
from mailaudit.commands.words import local_zone
from mailaudit.errors import InputError, UsageError
from mailaudit.measure.waiting import waiting
from mailaudit.model.answers import Head
from mailaudit.model.times import SECOND
from mailaudit.read import queue_listing
from mailaudit.writers import destination

if TYPE_CHECKING:
    import datetime as dt
    import io
    from collections.abc import Iterable, Iterator

    from mailaudit.commands.options import Input, Output
    from mailaudit.commands.session import Session

SNIFFED = 4096
"""Bytes that tell a queue listing from a log."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  postqueue -j | mailaudit queue
  mailq | mailaudit queue --table destination
  mailaudit queue /var/log/mail.log
  mailaudit queue --table waiting --format csv queue.json
""",
)
@options.reading_optional
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}.")
@options.report_zone
@options.no_collapse
@options.writing
def queue(*, source: Input, names: tuple[str, ...], tz: dt.tzinfo | None, no_collapse: bool, output: Output) -> int:
    """What waits in the queue: by age, by destination, by last reply, and message by message.

    Reads what `postqueue -j` or `mailq` (Postfix, Sendmail, Exim) prints, or a log: what was open at its end.
    Without PATH it reads standard input.
    """
    wanted = names or TABLES
    check_names((column for one in answers((), wanted, "") for column in one.columns), output.columns)
    destination.check(output.output)
    with ExitStack() as stack:
        listing = _listing(source, tz or source.input_tz or local_zone(), stack)
        if listing is not None:
            rows, zone = listing
            head = Head("queue", version(), zone=zone, zone_name=zone_name(zone))
            left = [unparsed.none()] if source.unparsed else []
            write([*answers(rows, wanted, "as of the listing"), *left], head, output)
            return 0
        with session("queue", source, output, zone=tz, collapse=not no_collapse) as this:
            return finish(this, answers(_from_log(this), wanted, "as of the end of the log"), output)


def _listing(source: Input, zone: dt.tzinfo, stack: ExitStack) -> tuple[list[Row], dt.tzinfo] | None:
    """The rows of the listings given; None if the inputs are logs."""
    present = now()
    rows: list[Row] = []
    for path in source.paths:
        try:
            stream = stack.enter_context(_opened(path))
            first = stream.peek(SNIFFED)[:SNIFFED]
        except IsADirectoryError:
            return None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from error
        if first and not queue_listing.is_listing(first.decode("utf-8", "replace")):
            if rows:
                raise UsageError("queue listings and logs cannot be read together", hint="give them one at a time")
            return None
        lines = (line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in stream)
        rows += _rows(queue_listing.read_listing(lines, path, zone, present), int(present.timestamp() * SECOND))
    return rows, zone


@contextmanager
def _opened(path: str) -> Iterator[io.BufferedReader]:
    """The bytes of a file, or of standard input, which stays open."""
    if path == "-":
        yield cast("io.BufferedReader", sys.stdin.buffer)
        return
    with Path(path).open("rb") as stream:
        yield stream


def _rows(found: Iterable[queue_listing.Waiting], present_us: int) -> Iterable[Row]:
    for message in found:
        age = None if message.arrived_us is None else max(0, (present_us - message.arrived_us) // SECOND)
        for address, reason in message.recipients or [("", None)]:
            domain = address.rpartition("@")[2].lower() if "@" in address else ""
            yield Row(
                message.queue_id,
                message.queue,
                message.arrived_us,
                age,
                message.size,
                message.sender,
                address,
                domain,
                reason,
            )


def _from_log(this: Session) -> list[Row]:
    end_us = this.log_ends_us or 0
    rows = []
    for queue_id, outcome, submitted_us, size, sender, recipient, domain, reply in waiting(this.run.engine):
        age = max(0, (end_us - submitted_us) // SECOND) if end_us else None
        rows.append(Row(queue_id, outcome, submitted_us, age, size, sender, recipient, domain or "", reply))
    return rows
