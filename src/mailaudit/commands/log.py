"""`mailaudit log`: what became of each message, one row per recipient."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import follow, options, unparsed
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.raw import check_raw, write_all, write_raw
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.errors import UsageError
from mailaudit.measure import listing
from mailaudit.model.answers import Answer
from mailaudit.model.statuses import NATIVE
from mailaudit.writers.table import ROWS

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters

SHOWN = (
    "submitted_at",
    "queue_id",
    "sender",
    "recipient",
    "status",
    "attempts",
    "category",
    "enhanced_status",
    "reply",
)
AUDITED = ("submitted_at", "queue_id", "raised_by", "recipient", "subject", "status", "category", "reply")


def _audit_view(context: click.Context, _: click.Parameter, chosen: bool) -> bool:  # noqa: FBT001 (click's signature)
    """The audit view is a set of defaults; what is typed, or stands in the config file, goes before them."""
    if chosen:
        context.default_map = {"today": True, "vocabulary": "blocks", **(context.default_map or {})}
    return chosen


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit log --today --last 100 /var/log/mail.log
  mailaudit log --days 7 --status bounced,expired /var/log/mail.log*
  mailaudit log --domain gmail.com --code 4xx --format csv -o gmail.csv /var/log/mail.log
  mailaudit log --follow --status bounced,expired --format jsonl /var/log/mail.log
  mailaudit log --audit --raised-by j.smith --status failed,complained events.jsonl
  mailaudit log --sender billing@ --since "last monday" --raw /var/log/mail.log
  mailaudit log --days 7 --raw -o week.log /var/log/mail.log*
""",
)
@options.reading
@options.filters
@options.period
@options.writing
@click.option(
    "--audit",
    is_flag=True,
    is_eager=True,  # before --vocabulary, whose default it changes
    callback=_audit_view,
    help="The audit view: today's mail unless a range is given, in Blocks Online's words unless others are, with who "
    "had it sent and its subject.",
)
@options.last
@options.include_rejects
@options.include_notices
@options.no_collapse
@options.vocabulary
@options.raw
@options.pivot
@click.option(
    "--follow", "following", is_flag=True, help="Show each delivery as it happens, through rotations, until stopped."
)
def log(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    filters: Filters,
    period: Period,
    output: Output,
    audit: bool,
    last: int | None,
    include_rejects: bool,
    include_notices: bool,
    no_collapse: bool,
    vocabulary: str,
    raw: bool,
    pivot: str | None,
    following: bool,
) -> int:
    """What became of each message: one row per message and recipient, by time of acceptance.

    Passes through a content filter count as one message, notices of the mail server and refusals at the door are left
    out; the options bring them back. --raw shows log lines instead: those of the mail that filters or --last choose, or
    without such a choice every line of the range, connections too, in order of time.
    """
    check_raw(source, output, raw=raw)
    unparsed.check(source, "--follow", wanted=following)
    if following:
        follow.check(output, period, others=bool(raw or last or include_rejects or include_notices))
        if vocabulary != NATIVE:
            raise UsageError("--follow tells the status in our words", hint="without --follow, log takes --vocabulary")
        return follow.follow(source, filters, period, output, collapse=not no_collapse)
    check_names((*listing.LOG_COLUMNS, *listing.AUDIT_COLUMNS), output.columns)
    with session("log", source, output, period, collapse=not no_collapse) as this:
        selection = listing.Selection(
            filters,
            this.since_us,
            this.until_us,
            rejects=include_rejects,
            notices=include_notices,
            last=last,
            vocabulary=vocabulary,
            pivot=pivot is not None,
            audit=audit or any(column.name in output.columns for column in listing.AUDIT_COLUMNS),
            ends_us=this.log_ends_us,
        )
        if raw and not (filters.about_mail or last or pivot):
            return write_all(this, filters.host, output)
        if raw:
            return write_raw(this, *listing.log_lines(this.run.engine, selection), output)
        shown = AUDITED if audit else SHOWN
        return finish(this, *listed(this, selection, output, shown=shown, notes=_overdue(this, selection)))


def listed(
    this: Session,
    selection: listing.Selection,
    output: Output,
    *,
    shown: tuple[str, ...] = SHOWN,
    notes: tuple[str, ...] = (),
) -> tuple[list[Answer], Output]:
    """The rows as an answer, and how it is to be written: people get twenty rows unless they ask for more."""
    total = None
    if output.format == "table":
        total = listing.log_count(this.run.engine, selection)
        # Whoever asks for the last hundred wants to see a hundred.
        output = output if output.limit is not None else replace(output, limit=selection.last or ROWS)
        selection = replace(selection, first=output.limit)
    else:
        selection = replace(selection, ends_us=None)  # a column of words has only words
    answer = Answer(
        "log",
        "What became of each message",
        "one row per message and recipient",
        "time of acceptance",
        (*listing.LOG_COLUMNS, *(listing.AUDIT_COLUMNS if selection.audit else ())),
        listing.log(this.run.engine, this.run.inputs, selection),
        shown=shown,
        total=total,
        notes=notes,
    )
    return [answer], output


def _overdue(this: Session, selection: listing.Selection) -> tuple[str, ...]:
    """A note if mail that a provider took has been pending for long."""
    count = listing.overdue(this.run.engine, selection)
    if not count:
        return ()
    return (f"{count} pending for more than 10 minutes when the logs end: handed over, and nothing heard since.",)
