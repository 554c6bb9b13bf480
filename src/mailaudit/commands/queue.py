"""`mailaudit queue`: what waits, how long, for whom and why."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import click

from mailaudit.classify.templates import template
from mailaudit.commands import options, queue_listing
from mailaudit.commands.session import check_names, finish, now, session, version, write, zone_name
from mailaudit.commands.words import local_zone
from mailaudit.errors import InputError, UsageError
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column
from mailaudit.model.times import SECOND
from mailaudit.writers import destination

if TYPE_CHECKING:
    import datetime as dt
    import io
    from collections.abc import Iterable, Iterator, Sequence

    from mailaudit.commands.options import Input, Output
    from mailaudit.commands.session import Session

TABLES = ("age", "destination", "reply", "waiting")
AGES = (
    (600, "under 10 min"),
    (1800, "10 to 30 min"),
    (3600, "30 min to 1 h"),
    (4 * 3600, "1 to 4 h"),
    (24 * 3600, "4 to 24 h"),
    (3 * 86400, "1 to 3 days"),
    (float("inf"), "over 3 days"),
)
"""Ages by their upper bound in seconds."""
UNKNOWN_AGE = "unknown"
SNIFFED = 4096
OPEN = """
select queue_id, outcome, submitted_us, size, sender, recipient, recipient_domain, reply
from recipients
where role in ('user', 'notice') and outcome in ('deferred', 'pending', 'held')
order by submitted_us, source, "offset", recipient
"""


class Row(NamedTuple):
    """One recipient who waits."""

    queue_id: str | None
    queue: str
    arrived_us: int | None
    age: int | None
    size: int | None
    sender: str | None
    recipient: str | None
    domain: str
    reply: str | None


WAITING = (
    Column("queue_id", "text", "queue id"),
    Column("queue", "word", "queue it is in: deferred, active, hold, …; from a log: deferred, pending or held"),
    Column("arrived", "time", "when it was accepted"),
    Column("age", "big", "seconds since then"),
    Column("size", "big", "bytes"),
    Column("sender", "text", "envelope sender; empty for the null sender"),
    Column("recipient", "text", "recipient"),
    Column("domain", "text", "recipient's domain in lower case"),
    Column("reply", "text", "last reply or reason"),
)


@click.command(
    epilog="""\b
Examples:
  postqueue -j | mailaudit queue
  mailq | mailaudit queue --table destination
  mailaudit queue /var/log/mail.log
  mailaudit queue --table waiting --format csv queue.json
"""
)
@options.reading_optional
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}.")
@options.report_zone
@options.writing
def queue(*, source: Input, names: tuple[str, ...], tz: dt.tzinfo | None, output: Output) -> int:
    """What waits in the queue: by age, by destination, by last reply, and message by message.

    Reads what `postqueue -j` or `mailq` (Postfix or Sendmail) prints, or a log: then it says what was open at its end.
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
            write(answers(rows, wanted, "as of the listing"), head, output)
            return 0
        with session("queue", source, output, zone=tz) as this:
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
    for queue_id, outcome, submitted_us, size, sender, recipient, domain, reply in this.run.engine.rows(OPEN):
        age = max(0, (end_us - submitted_us) // SECOND) if end_us else None
        rows.append(Row(queue_id, outcome, submitted_us, age, size, sender, recipient, domain or "", reply))
    return rows


def answers(rows: Sequence[Row], wanted: Sequence[str], when: str) -> list[Answer]:
    """The tables asked for, in this order: age, destination, reply, waiting."""
    unit = "recipients who wait"
    made = {"age": _by_age, "destination": _by_destination, "reply": _by_reply, "waiting": _waiting}
    return [made[name](rows, unit, when) for name in TABLES if name in wanted]


def _by_age(rows: Sequence[Row], unit: str, when: str) -> Answer:
    counts: Counter[str] = Counter()
    messages: dict[str, set[object]] = {}
    for row in rows:
        word = UNKNOWN_AGE if row.age is None else next(word for bound, word in AGES if row.age < bound)
        counts[word] += 1
        messages.setdefault(word, set()).add(row.queue_id)
    columns = (
        Column("age", "word", "time since acceptance"),
        Column("messages", "big", "messages that wait"),
        Column("recipients", "big", "their recipients who wait"),
    )
    words = [word for _, word in AGES] + ([UNKNOWN_AGE] if UNKNOWN_AGE in counts else [])
    lines = [(word, len(messages.get(word, ())), counts[word]) for word in words]
    return Answer("age", "Waiting by age", unit, when, columns, lines)


def _by_destination(rows: Sequence[Row], unit: str, when: str) -> Answer:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.domain, []).append(row)
    columns = (
        Column("domain", "text", "recipients' domain"),
        Column("messages", "big", "messages that wait"),
        Column("recipients", "big", "their recipients who wait"),
        Column("median_age", "big", "median age in seconds"),
        Column("oldest", "time", "when the oldest was accepted"),
        Column("last_reply", "text", "reply or reason of the youngest that has one"),
    )
    lines = []
    for domain, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        ages = [row.age for row in group if row.age is not None]
        arrivals = [row.arrived_us for row in group if row.arrived_us is not None]
        reply = next((row.reply for row in sorted(group, key=_age) if row.reply), None)
        median = int(statistics.median(ages)) if ages else None
        lines.append(
            (domain, len({row.queue_id for row in group}), len(group), median, min(arrivals, default=None), reply)
        )
    return Answer("destination", "Waiting by destination", unit, when, columns, lines)


def _age(row: Row) -> float:
    return float("inf") if row.age is None else row.age


def _by_reply(rows: Sequence[Row], unit: str, when: str) -> Answer:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(template(row.reply) if row.reply else "", []).append(row)
    columns = (
        Column("reply", "text", "reply or reason without what differs from mail to mail; empty: none yet"),
        Column("recipients", "big", "recipients who wait for it"),
        Column("domains", "big", "their domains"),
        Column("example", "text", "queue id of the oldest"),
    )
    lines = [
        (
            reply,
            len(group),
            len({row.domain for row in group}),
            min(group, key=lambda row: row.arrived_us or 0).queue_id,
        )
        for reply, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return Answer("reply", "Waiting by last reply", unit, when, columns, lines)


def _waiting(rows: Sequence[Row], unit: str, when: str) -> Answer:
    ordered = sorted(rows, key=lambda row: (row.arrived_us is None, row.arrived_us or 0))
    shown = ("queue_id", "queue", "arrived", "recipient", "reply")
    return Answer("waiting", "Waiting, oldest first", unit, when, WAITING, ordered, shown=shown)
