"""`mailaudit summary`: what cron mails to the people who run the server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, pages, periods
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.errors import UsageError
from mailaudit.report import summary as declared

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Mail, Output, Period
    from mailaudit.commands.periods import Named
    from mailaudit.measure.filters import Filters


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit summary --yesterday /var/log/mail.log*
  mailaudit summary --weekly --format eml --to postmaster@example.com /var/log/mail.log* | sendmail -t -i
  mailaudit summary --daily --only-if problems /var/log/mail.log*
  zcat mail.log.*.gz | mailaudit summary --monthly --ascii
  mailaudit summary --weekly --as-of end old-mail.log
""",
)
@options.reading_optional
@periods.named
@options.period
@options.filters
@options.no_collapse
@click.option(
    "--only-if",
    type=click.Choice(["problems"]),
    metavar="problems",
    help="Print nothing at all unless somebody should act or look: cron then sends no mail.",
)
@click.option("--ascii", "ascii_only", is_flag=True, help="Plain ASCII, for old mail readers and printers.")
@pages.mailing
@options.writing_pages
def summary(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    named: Named,
    period: Period,
    filters: Filters,
    no_collapse: bool,
    only_if: str | None,
    ascii_only: bool,
    mail: Mail,
    output: Output,
) -> int:
    """What a period brought, for people: problems first, then volume, rates, causes, delays, and what is new.

    Compares with the period of equal length just before, where the logs hold it, and calls a change only what is more
    than chance. Fits a mail of 80 columns. Without a period: all that the logs hold.
    """
    if source.paths == ("-",) and sys.stdin.isatty():
        raise UsageError("no logs were named", hint="mailaudit summary --yesterday /var/log/mail.log*")
    periods.check(named, period)
    pages.check(mail, output)
    from mailaudit.writers.page_text import ROWS  # noqa: PLC0415 (rich)

    with session("summary", source, output, period, collapse=not no_collapse) as read:
        this = periods.placed(read, named)
        short = output.format in pages.FOR_PEOPLE
        names = declared.STATISTICS if short else (*declared.STATISTICS, *declared.TIMES)
        facts = pages.facts(this, filters, names, ROWS if short else None, output.limit)
        page = declared.page(facts, zone_name=this.head.zone_name)
        if only_if and not page.troubled:
            return 0
        tables = declared.tables(page, facts)
        return pages.finish(this, page, tables, output, mail, ascii_only=ascii_only)
