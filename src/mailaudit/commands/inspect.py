"""`mailaudit inspect`: what the inputs are, how far they are understood, and what can be asked of them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from mailaudit.commands import options
from mailaudit.commands.behind import reading_words
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.remarks import clock_decision
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.measure import extent
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.plurals import counted
from mailaudit.model.times import HOUR

if TYPE_CHECKING:
    import datetime as dt

    from mailaudit.commands.options import Input, Output
    from mailaudit.commands.session import Session
    from mailaudit.model.request import InputReport

INPUTS = (
    Column("path", "text", "the input"),
    Column("format", "word", "format of its mail lines"),
    Column("hosts", "text", "hosts that wrote it"),
    Column("first", "time", "first line"),
    Column("last", "time", "last line"),
    Column("lines", "big", "lines"),
    Column("parsed", "big", "lines that were read"),
    Column("noise", "big", "lines that say nothing about mail"),
    Column("unparsed", "big", "lines that nothing understood"),
    Column("coverage", "real", "share of the mail lines that were understood"),
    Column("year", "int", "year of stamps that have none; of several, the last"),
    Column("offset", "word", "offset from UTC of stamps that have none"),
    Column("confidence", "word", "how sure year and offset are"),
    Column("clock", "text", "how year and offset were found"),
)
KINDS = (
    Column("path", "text", "the input"),
    Column("kind", "word", "format/kind of line"),
    Column("lines", "big", "lines of this kind"),
    Column("share", "real", "of the input's lines"),
)
GAPS = (
    Column("begin", "time", "last mail line before the gap"),
    Column("end", "time", "first mail line after it"),
    Column("elapsed", "real", "seconds without a mail line"),
)
ASK = (Column("question", "text", "what can be asked"), Column("command", "text", "how"))

LONG_GAP = HOUR
"""A silence that is worth a row, in µs."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit inspect /var/log/mail.log
  mailaudit inspect --format json /var/log/mail.log*
""",
)
@options.reading
@options.report_zone
@options.writing
def inspect(*, source: Input, tz: dt.tzinfo | None, output: Output) -> int:
    """What the inputs are: format, hosts, span, how year and zone were decided, coverage, gaps, what can be asked."""
    check_names((*INPUTS, *KINDS, *GAPS, *ASK), output.columns)
    with session("inspect", source, output, zone=tz) as this:
        answers = [inputs(this), kinds(this), gaps(this), questions(this)]
        return finish(this, answers, output)


def inputs(this: Session) -> Answer:
    """One row per input."""
    shown = ("path", "format", "hosts", "first", "last", "lines", "unparsed", "coverage", "clock")
    rows = [_input(report) for report in this.run.inputs]
    return Answer("inputs", "Inputs", "inputs", "first and last line", INPUTS, rows, shown=shown)


def _input(report: InputReport) -> tuple[Any, ...]:
    return (
        report.path,
        report.format,
        " ".join(report.hosts),
        report.first_us,
        report.last_us,
        report.lines,
        report.parsed,
        report.noise,
        report.unparsed,
        report.coverage,
        report.year,
        report.offset,
        report.confidence,
        clock_decision(report),
    )


def kinds(this: Session) -> Answer:
    """The lines of each input by kind, noise too: lines read = parsed + noise + unparsed."""
    rows = [
        (report.path, kind, count, count / report.lines)
        for report in this.run.inputs
        for kind, count in sorted(
            [*report.kinds.items(), ("unparsed", report.unparsed)], key=lambda item: (-item[1], item[0])
        )
        if count
    ]
    shown = () if len(this.run.inputs) > 1 else ("kind", "lines", "share")
    return Answer("kinds", "Kinds of lines", "lines", "", KINDS, rows, shown=shown)


def gaps(this: Session) -> Answer:
    """The longest times without a mail line."""
    rows = extent.gaps(this.run.engine, LONG_GAP)
    note = "Times of an hour or more without any line about mail, over all inputs."
    return Answer("gaps", "Gaps", "gaps", "the gap", GAPS, rows, notes=(note,))


def questions(this: Session) -> Answer:
    """What these inputs can answer, with the commands."""
    found = extent.contents(this.run.engine)
    unread = sum(report.unparsed for report in this.run.inputs)
    times = counted(found.refused, "time")
    rows = [
        (found.recipients, f"what happened to {counted(found.recipients, 'recipient')} of users' mail", ["stats"]),
        (found.recipients, "each of them", ["log"]),
        (found.failed, f"why {found.failed} failed", ["bounces"]),
        (found.put_off, f"how {found.put_off} were tried again", ["retries"]),
        (found.still_open, f"what {found.still_open} wait for", ["queue"]),
        (found.refused, f"what the server refused, {times}", ["stats", "--table", "own_rejects"]),
        (found.recipients, "the life of one message", ["trace", str(found.example)]),
        (unread, "the lines that nothing understood", ["records", "--unparsed"]),
    ]
    words = reading_words(this)
    asked = [(question, shlex.join(["mailaudit", *command, *words])) for number, question, command in rows if number]
    return Answer("questions", "What can be asked", "questions", "", ASK, asked)
