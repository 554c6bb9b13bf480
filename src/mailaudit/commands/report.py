"""`mailaudit report`: one page to open, keep, print or hand on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, pages, periods
from mailaudit.commands.families import flat
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.commands.words import Words
from mailaudit.errors import UsageError
from mailaudit.measure import retried
from mailaudit.report import full
from mailaudit.stories import policies
from mailaudit.stories.attempts import seen
from mailaudit.stories.retries import greylisting_table, policy_table

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.periods import Named
    from mailaudit.measure.choose import Choice
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Table

ROWS = 100
"""Rows of a table in the page, unless `--limit` says otherwise."""


@click.command(
    cls=Command,
    epilog=f"""\b
Examples:
  mailaudit report -o report.html /var/log/mail.log*
  mailaudit report --monthly -o may.html /var/log/mail.log*
  mailaudit report --section month,hour --days 90 -o times.html /var/log/mail.log*
  mailaudit report --domain example.com --since 2026-05 -o customer.html /var/log/mail.log*

\b
Sections: {" ".join(full.SECTIONS)}
""",
)
@options.reading
@click.option(
    "--section",
    "wanted",
    type=Words("section", lambda: full.SECTIONS),
    multiple=True,
    callback=flat,
    metavar="NAME[,NAME…]",
    help="Only these sections. Default: all.",
)
@periods.named
@options.period
@options.filters
@options.no_collapse
@options.writing_report
def report(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    wanted: tuple[str, ...],
    named: Named,
    period: Period,
    filters: Filters,
    no_collapse: bool,
    output: Output,
) -> int:
    """One HTML page with numbers, charts and tables; it needs no network, and its tables can be searched and sorted.

    Other formats hold the same tables as data. Times are in the zone of the report (--tz).
    """
    periods.check(named, period)
    if output.format == "html" and output.output is None and sys.stdout.isatty():
        raise UsageError("a page is for a browser, not for a terminal", hint="write it to a file: -o report.html")
    with session("report", source, output, period, collapse=not no_collapse) as read:
        this = periods.placed(read, named)
        short = ROWS if output.format in pages.FOR_PEOPLE else None
        more = retries if not wanted or "retries" in wanted else None
        facts = pages.facts(this, filters, full.reads(wanted), short, output.limit, more)
        page = full.page(facts, wanted, zone_name=this.head.zone_name)
        return pages.finish(this, page, full.tables(page), output)


def retries(choice: Choice) -> tuple[Table, ...]:
    """The retry policy that shows in the logs, and what greylisting cost."""
    told = retried.tried(choice.engine)
    shows = seen(choice.engine, told)
    found = retried.nameless(choice, told)
    return policy_table(shows, policies.chosen("auto", shows), found), greylisting_table(found)
