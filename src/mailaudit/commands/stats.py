"""`mailaudit stats`: the numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from mailaudit.commands import dates, options
from mailaudit.commands.behind import Asked, explained, with_commands
from mailaudit.commands.families import flat
from mailaudit.commands.output import finish
from mailaudit.commands.sections import Command
from mailaudit.commands.session import now, session
from mailaudit.commands.words import Words
from mailaudit.errors import UsageError
from mailaudit.measure import compare as comparison
from mailaudit.measure import tables
from mailaudit.measure.by import ALIASES, DIMENSIONS
from mailaudit.measure.choose import Options
from mailaudit.writers.table import ROWS

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Answer

FOLDS = ("verp", "srs", "prvs", "plus")


@click.command(
    cls=Command,
    epilog=f"""\b
Examples:
  mailaudit stats /var/log/mail.log
  mailaudit stats --table summary --table hour --since yesterday --until today /var/log/mail.log
  mailaudit stats --by day,direction --days 7 --format csv /var/log/mail.log*
  mailaudit stats --table recipient_domain --explain /var/log/mail.log
  mailaudit stats --table summary --since 'last week' --until 'this week' --compare previous /var/log/mail.log*
  mailaudit stats --profile pflogsumm --profile-options '-u 10 --problems-first' /var/log/mail.log

\b
Tables: {" ".join(tables.TABLES)}
More, when asked for: {" ".join(tables.MORE)}
""",
)
@options.reading
@options.tables(
    lambda: (*tables.TABLES, *tables.MORE), "Only these tables (listed below). Default: those of the report."
)
@click.option(
    "--by",
    type=Words("key", lambda: (*DIMENSIONS, *ALIASES)),
    multiple=True,
    callback=flat,
    metavar="A,B",
    help=f"Count by a combination of: {' '.join(DIMENSIONS)}.",
)
@options.filters
@options.period
@options.include_notices
@options.no_collapse
@click.option(
    "--fold",
    type=Words("way of writing a sender", lambda: FOLDS),
    multiple=True,
    callback=flat,
    metavar="A,B",
    help=f"Count as one sender what differs by {', '.join(FOLDS)} only.",
)
@click.option(
    "--compare",
    metavar="previous|RANGE",
    help="Beside each number that of an earlier range: the one just before, A..B, or A: as long, from A on.",
)
@click.option(
    "--profile",
    metavar="pflogsumm[=1.1.5|1.3.0]",
    help="pflogsumm's own report, counted as it counts; with --explain why its totals differ from ours.",
)
@click.option(
    "--profile-options", metavar="TEXT", help="With --profile: its own options, such as '-u 5 --problems-first'."
)
@options.explain
@options.writing
def stats(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    names: tuple[str, ...],
    by: tuple[str, ...],
    filters: Filters,
    period: Period,
    include_notices: bool,
    no_collapse: bool,
    fold: tuple[str, ...],
    compare: str | None,
    profile: str | None,
    profile_options: str | None,
    explain: bool,
    output: Output,
) -> int:
    """Numbers: messages, recipients, what became of them, by time, host, sender, domain, reply, delay and more.

    Each table says in its head what it counts, and which time places it in the range.
    """
    if profile is not None:
        from mailaudit.commands import profiles  # noqa: PLC0415 (only for this)

        asked_of_it = profiles.known(profile, profile_options, period, filters)
        return profiles.run(source, output, period, asked_of_it, explain=explain)
    if profile_options is not None:
        raise UsageError("--profile-options goes with --profile")
    if compare and by:
        raise UsageError("--compare goes with tables, not with --by", hint="use --table NAME, or ask twice")
    ready = partial(tables.prepare, names or tables.TABLES)
    with session("stats", source, output, period, collapse=not no_collapse, meanwhile=ready) as this:
        asked = Options(
            zone=this.zone,
            since_us=this.since_us,
            until_us=this.until_us,
            filters=filters,
            notices=include_notices,
            fold=fold,
            limit=output.limit,
            short=ROWS if output.format == "table" else None,
        )
        answers: list[Answer] = []
        if by:
            answers.append(tables.compute_by(this.run.engine, by, asked))
        if compare:
            before = earlier(compare, asked, this)
            answers += comparison.compute(this.run.engine, names or tables.TABLES, asked, before)
        elif names or not by:
            answers += tables.compute(this.run.engine, names or tables.TABLES, asked)
        if output.format == "table":
            answers = [accounted(answer, this) for answer in answers]
        if explain:
            as_asked = Asked(period, filters, include_notices, fold=bool(fold))
            answers = [explained(answer, this, as_asked) for answer in answers]
            output = with_commands(output)
        return finish(this, answers, output)


def accounted(answer: Answer, this: Session) -> Answer:
    """The table with `~` before its counts if the log says that lines are missing; under the summary, all lines."""
    if this.run.lossy:
        counts = [at for at, column in enumerate(answer.columns) if column.type == "big"]
        columns = tuple(replace(c, type="word") if c.type == "big" else c for c in answer.columns)
        rows = [
            tuple(f"~{value}" if at in counts and value is not None else value for at, value in enumerate(row))
            for row in answer.rows
        ]
        lost = "~ at least: the log says that lines of it are missing (see the warnings)."
        answer = replace(answer, columns=columns, rows=rows, notes=(*answer.notes, lost))
    if answer.name != "summary":
        return answer
    read, parsed, noise, unparsed = (
        sum(getattr(report, name) for report in this.run.inputs) for name in ("lines", "parsed", "noise", "unparsed")
    )
    lines = f"Lines read: {read} = {parsed} parsed + {noise} noise + {unparsed} unparsed."
    return replace(answer, notes=(*answer.notes, lines))


def earlier(compare: str, asked: Options, this: Session) -> tuple[int, int]:
    """The range to compare with; µs of UTC, from the first moment to the first that is no longer in it."""
    range_ = comparison.previous(this.run.engine, asked)
    if range_ is None:
        # The logs hold nothing of the range: an answer too, and `finish` says what they do hold.
        range_ = (asked.since_us or 0, asked.since_us or 0)
    if compare == "previous":
        return range_
    begin, dots, end = compare.partition("..")
    present = now()
    since = dates.moment(begin, this.zone, present)
    until = dates.moment(end, this.zone, present) if dots else since + range_[1] - range_[0]
    if since >= until:
        raise UsageError(f"the range {compare!r} is empty", hint="--compare 2026-05..2026-06 is the month of May")
    return since, until
