"""`mailaudit inspect`: what the inputs are, how far they are understood, and what can be asked of them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from mailaudit.commands import options
from mailaudit.commands.behind import reading_words
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.records import count
from mailaudit.commands.remarks import clock_decision
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.measure import extent
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.plurals import counted
from mailaudit.model.request import InputReport
from mailaudit.model.times import HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session

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
  mailaudit inspect --since yesterday /var/log/mail.log
  mailaudit inspect --format json /var/log/mail.log*
""",
)
@options.reading
@options.period
@options.writing
def inspect(*, source: Input, period: Period, output: Output) -> int:
    """What the inputs are: format, hosts, span, how year and zone were decided, coverage, gaps, what can be asked.

    In a range, the lines of that range are counted, by their own times, and what can be asked is not told.
    """
    check_names((*INPUTS, *KINDS, *GAPS, *ASK), output.columns)
    with session("inspect", source, output, period) as this:
        reports = of_range(this) if period.bounded else this.run.inputs
        answers = [inputs(reports), kinds(reports), gaps(this)]
        if not period.bounded:
            answers.append(questions(this))
        return finish(this, answers, output)


def of_range(this: Session) -> list[InputReport]:
    """What became of the lines of the range; how the inputs were dated is a matter of all their lines."""
    from mailaudit import records as reading  # noqa: PLC0415 (polars)

    reports = {
        one.path: InputReport(
            one.path, one.format, year=one.year, offset=one.offset, confidence=one.confidence, reason=one.reason,
            hosts=one.hosts,
        )
        for one in this.run.inputs
    }  # fmt: skip
    every = reading.read_as(this.run.sources, this.run.request)
    for line in reading.within(every, this.since_us, this.until_us):
        report = reports[line["source_file"]]
        count(report, line)
        if (at_us := line.get("time_us")) is not None:
            report.first_us = at_us if report.first_us is None else min(report.first_us, at_us)
            report.last_us = at_us if report.last_us is None else max(report.last_us, at_us)
    return list(reports.values())


def inputs(reports: Sequence[InputReport]) -> Answer:
    """One row per input."""
    shown = ("path", "format", "hosts", "first", "last", "lines", "unparsed", "coverage", "clock")
    rows = [_input(report) for report in reports]
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


def kinds(reports: Sequence[InputReport]) -> Answer:
    """The lines of each input by kind, noise too: lines read = parsed + noise + unparsed."""
    rows = [
        (report.path, kind, number, number / report.lines)
        for report in reports
        for kind, number in sorted(
            [*report.kinds.items(), ("unparsed", report.unparsed)], key=lambda item: (-item[1], item[0])
        )
        if number
    ]
    shown = () if len(reports) > 1 else ("kind", "lines", "share")
    return Answer("kinds", "Kinds of lines", "lines", "", KINDS, rows, shown=shown)


def gaps(this: Session) -> Answer:
    """The longest times without a mail line."""
    rows = [row for row in extent.gaps(this.run.engine, LONG_GAP) if _overlaps(this, *row[:2])]
    note = "Times of an hour or more without any line about mail, over all inputs."
    return Answer("gaps", "Gaps", "gaps", "the gap", GAPS, rows, notes=(note,))


def _overlaps(this: Session, begin_us: int, end_us: int) -> bool:
    """True if the time lies in the range, in part at least."""
    late = this.until_us is not None and begin_us >= this.until_us
    return not late and (this.since_us is None or end_us > this.since_us)


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
