"""`mailaudit bounces`: what failed, why, and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, words
from mailaudit.commands.behind import explained
from mailaudit.commands.session import check_names, finish, session
from mailaudit.measure import beside, failed
from mailaudit.model.answers import Answer
from mailaudit.model.vocabulary import TYPES

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.failed import Wanted
    from mailaudit.measure.filters import Filters
    from mailaudit.model.columns import Column

TABLES = ("bounces", "addresses", "deferrals", "lists", "backscatter", "duplicates")
SHOWN = ("recipients", "domain", "category", "enhanced_status", "first", "last", "told", "queue_id", "reply")
SHOWN_BY = ("recipients", "rate", "first", "last", "trend", "action")
SHOWN_ADDRESSES = ("recipient", "type", "category", "suppress", "confidence", "failures", "last", "delivered_since")
SHOWN_DEFERRALS = ("category", "domain", "lines", "recipients", "delivered", "failed", "open", "last", "example")
SHOWN_LISTS = ("list", "ip", "category", "lines", "domains", "first", "last", "look_up")


def known_causes() -> tuple[str, ...]:
    """The words that --only knows: types and categories."""
    from mailaudit.classify.tables import categories  # noqa: PLC0415 (only when one is named)

    return (*TYPES, *categories())


@click.command(
    epilog="""\b
Examples:
  mailaudit bounces --since yesterday /var/log/mail.log
  mailaudit bounces --by category,isp --since 48h /var/log/mail.log
  mailaudit bounces --addresses --only hard --confidence high,medium --format csv /var/log/mail.log* > dead.csv
  mailaudit bounces --table lists --table deferrals /var/log/mail.log
"""
)
@options.reading
@options.unparsed
@options.filters
@options.period
@options.include_notices
@click.option(
    "--by",
    type=words.Words("key", lambda: (*failed.KEYS, *failed.ALIASES)),
    default=(),
    help="Group by these: category type isp domain outcome code template list. Default: domain,code,template.",
)
@click.option(
    "--only",
    type=words.Words("type or category of cause", known_causes),
    default=(),
    help="Only causes of these types (hard soft block config info) or categories.",
)
@click.option(
    "--confidence",
    type=words.Words("confidence", lambda: ("high", "medium", "low", "none")),
    default=(),
    help="Only causes known so well: high,medium for lists of addresses to remove.",
)
@click.option("--addresses", is_flag=True, help="One row per address, for list hygiene; the same as --table addresses.")
@click.option(
    "--table",
    "tables",
    type=words.Words("table", lambda: TABLES),
    multiple=True,
    callback=options.flat,
    help="What to show: bounces addresses deferrals lists backscatter duplicates (repeatable).",
)
@options.explain
@options.writing
def bounces(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    filters: Filters,
    period: Period,
    include_notices: bool,
    by: tuple[str, ...],
    only: tuple[str, ...],
    confidence: tuple[str, ...],
    addresses: bool,
    tables: tuple[str, ...],
    explain: bool,
    output: Output,
) -> int:
    """What failed for good and why, grouped by recipients' domain, code and reply, or as --by says.

    Failures count at the time of the failure. What differs from mail to mail (addresses, hosts, ids, numbers) is taken
    out of the reply, so that equal causes stand together; each line has its earliest example. Mail that was put off and
    came through later (greylisting, rate limits) is no bounce: see --table deferrals.
    """
    names = [*(["addresses"] if addresses and "addresses" not in tables else []), *tables] or ["bounces"]
    grouping = failed.keys(by) or failed.USUAL
    check_names([column for name in names for column in columns_of(name, grouping)], output.columns)
    with session("bounces", source, output, period) as this:
        wanted = failed.Wanted(filters, this.since_us, this.until_us, include_notices, only, confidence)
        if {"bounces", "addresses"} & set(names):
            failed.prepare(this.run.engine, wanted)
        answers = [answer_of(name, this, wanted, grouping) for name in names]
        if explain:
            answers = [explained(answer, this, period, filters) for answer in answers]
        return finish(this, answers, output)


def columns_of(name: str, grouping: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of a table."""
    return {
        "addresses": failed.ADDRESS_COLUMNS,
        "deferrals": beside.DEFERRAL_COLUMNS,
        "lists": beside.LIST_COLUMNS,
        "backscatter": beside.BACKSCATTER_COLUMNS,
        "duplicates": beside.DUPLICATE_COLUMNS,
    }.get(name) or failed.columns(grouping)


def answer_of(name: str, this: Session, wanted: Wanted, grouping: tuple[str, ...]) -> Answer:
    """One table."""
    engine, columns = this.run.engine, columns_of(name, grouping)
    if name == "addresses":
        rows = failed.addresses(engine)
        return Answer(
            name, "Addresses for which mail failed", "messages", "the failure", columns, rows, SHOWN_ADDRESSES
        )
    if name == "deferrals":
        rows = beside.deferrals(engine, wanted)
        return Answer(
            name, "What was put off, and what became of it", "attempts", "the attempt", columns, rows, SHOWN_DEFERRALS
        )
    if name == "lists":
        rows = beside.listed(engine, wanted)
        return Answer(name, "Block lists that replies name", "attempts", "the attempt", columns, rows, SHOWN_LISTS)
    if name == "backscatter":
        rows = beside.backscatter(engine, wanted)
        return Answer(
            name, "Notices to addresses elsewhere about mail from elsewhere", "notices", "the notice", columns, rows
        )
    if name == "duplicates":
        rows = beside.duplicates(engine, wanted)
        return Answer(name, "Mail that may have arrived more than once", "deliveries", "delivery", columns, rows)
    middle = failed.middle(engine, this.since_us, this.until_us, this.log_ends_us)
    rows = failed.grouped(engine, grouping, middle)
    shown: tuple[str, ...] = SHOWN
    if grouping != failed.USUAL:
        named = tuple(column.name for column in columns[: -len(failed.MEASURES)])
        shown = ("recipients", *named, *(column for column in SHOWN_BY if column != "recipients"))
    notes = told_limits(rows, columns)
    return Answer(name, "What failed", "recipients", "the failure", columns, rows, shown=shown, notes=notes)


def told_limits(rows: list[tuple[object, ...]], columns: tuple[Column, ...]) -> tuple[str, ...]:
    """What receivers ask of bulk senders, where a failure shown is about that."""
    from mailaudit import classify  # noqa: PLC0415 (read for the causes already)
    from mailaudit.classify import meanings  # noqa: PLC0415

    at = next(place for place, column in enumerate(columns) if column.name == "example")
    examples = dict.fromkeys(str(row[at]) for row in rows[:200] if row[at])
    told = dict.fromkeys(text for reply in examples for text in meanings.limits(classify.verdict(reply), reply))
    return tuple(told)
