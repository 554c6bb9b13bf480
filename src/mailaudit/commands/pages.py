"""What commands that make pages have in common: the facts, and writing a page as text, mail or data."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import unparsed
from mailaudit.commands.families import family
from mailaudit.commands.options import Mail, mail_from, mail_to
from mailaudit.commands.output import check_names, look, write
from mailaudit.commands.remarks import tell
from mailaudit.commands.session import now, version
from mailaudit.errors import UsageError
from mailaudit.model.page import Section
from mailaudit.model.plurals import counted
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from mailaudit.commands.options import Output
    from mailaudit.commands.session import Session
    from mailaudit.measure.choose import Choice
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Table
    from mailaudit.model.page import Page
    from mailaudit.report.facts import Facts

FOR_PEOPLE = ("table", "eml", "html", "pdf")
"""Formats that show the page; the others have its tables, all rows and columns of them."""
UNPARSED = 100
"""Lines that nothing understood on a page, unless `--limit` says otherwise."""


mailing: Callable[[Callable[..., Any]], Callable[..., Any]] = family(
    Mail,
    "mail",
    "Mail",
    mail_to,
    mail_from,
    click.option("--subject", metavar="TEXT", help="With --format eml: the subject. Default: what the page is about."),
)


def check(mail: Mail, output: Output) -> None:
    """Raises UsageError for recipients without a mail."""
    if output.format != "eml" and (mail.to or mail.mail_from or mail.subject):
        raise UsageError("--to, --from and --subject go with --format eml", hint="mailaudit itself sends no mail")


def facts(
    this: Session,
    filters: Filters,
    names: Iterable[str],
    short: int | None,
    limit: int | None,
    more: Callable[[Choice], tuple[Table, ...]] | None = None,
) -> Facts:
    """The answers that a page is made from, for the session's range; `more` makes tables besides."""
    from mailaudit import flow  # noqa: PLC0415 (polars)
    from mailaudit.measure.choose import Options  # noqa: PLC0415 (after the usage is checked)
    from mailaudit.report.facts import Logs, gather  # noqa: PLC0415

    begins = [report.first_us for report in this.run.inputs if report.first_us is not None]
    logs = Logs(this.run.inputs, this.run.warnings, min(begins, default=None), this.log_ends_us)
    asked = Options(
        zone=this.zone, since_us=this.since_us, until_us=this.until_us, filters=filters, limit=limit, short=short
    )
    with this.run.engine.roomier(flow.for_page(this.run.request)):
        return gather(this.run.engine, asked, logs, names, more=more)


def finish(
    this: Session,
    page: Page,
    tables: list[Table],
    output: Output,
    mail: Mail | None = None,
    *,
    ascii_only: bool = False,
) -> int:
    """Writes the page, or its tables for programs; says on standard error what a reader must know; the exit code."""
    if output.format not in FOR_PEOPLE:
        answers = [*tables, unparsed.answer(this)] if this.source.unparsed else tables
        write([replace(answer, shown=()) for answer in answers], this.head, output)
    else:
        if this.source.unparsed:
            left = unparsed.table(this, UNPARSED if output.limit is None else output.limit)
            page = replace(page, sections=(*page.sections, Section(left.name, left.title, tables=(left,))))
        check_names((column for table in tables for column in table.columns), output.columns)
        with destination.opened(output.output) as out:
            if output.format == "table":
                from mailaudit.writers import page_text  # noqa: PLC0415

                page_text.write(page, look(output, out), this.zone, out, ascii_only=ascii_only)
            elif mail is not None and output.format == "eml":
                out.write(as_mail(this, page, output, mail, ascii_only=ascii_only))
            else:
                from mailaudit.writers import page_html  # noqa: PLC0415

                html = page_html.html(page, this.zone, version(), output.limit)
                if output.format == "pdf":
                    from mailaudit.writers import pdf  # noqa: PLC0415 (an extra)

                    out.buffer.write(pdf.made(html))
                else:
                    out.write(html)
    tell(this)
    return this.code


def as_mail(this: Session, page: Page, output: Output, mail: Mail, *, ascii_only: bool) -> str:
    """The page as a message with text and HTML."""
    from io import StringIO  # noqa: PLC0415

    from mailaudit.model.answers import Look  # noqa: PLC0415
    from mailaudit.writers import eml, page_mail, page_text  # noqa: PLC0415

    text = StringIO()
    page_text.write(page, Look(limit=output.limit), this.zone, text, ascii_only=ascii_only)
    return eml.message(
        sender=mail.mail_from,
        recipients=mail.to,
        subject=mail.subject or subject(page),
        date=now().astimezone(this.zone),
        text=text.getvalue(),
        html=page_mail.html(page, this.zone, version(), output.limit),
    )


def subject(page: Page) -> str:
    """What stands in the subject of a mail: how bad it is, and which period."""
    words = counted(page.troubled, "problem") if page.troubled else "all well"
    host = os.uname().nodename
    period = page.about[0].partition(" (")[0]
    return f"{page.title} of {host}: {words}; {period}"
