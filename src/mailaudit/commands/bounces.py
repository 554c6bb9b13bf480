"""`mailaudit bounces`: what failed, why, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, words
from mailaudit.commands.behind import Asked, explained, with_commands
from mailaudit.commands.families import flat
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.raw import check_raw, write_raw
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.errors import UsageError
from mailaudit.measure import beside, failed, listing
from mailaudit.model.answers import Answer
from mailaudit.model.vocabulary import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.engine import Engine, Row
    from mailaudit.measure.failed import Wanted
    from mailaudit.measure.filters import Filters
    from mailaudit.model.columns import Column

SHOWN = ("recipients", "domain", "category", "enhanced_status", "first", "last", "told", "queue_id", "reply")
ASKED = "What receivers ask of senders, where the failures above are about that:"
SHOWN_BY = ("rate", "first", "last", "trend", "action")


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that --by does not change: its words, and what gives its rows."""

    title: str
    unit: str
    time: str
    columns: tuple[Column, ...]
    rows: Callable[[Engine, Wanted], Iterable[Row]]
    shown: tuple[str, ...] = ()


LISTINGS = {
    "addresses": Listing(
        "Addresses for which mail failed", "messages", "the failure", failed.ADDRESS_COLUMNS,
        lambda engine, _: failed.addresses(engine),
        ("recipient", "type", "category", "suppress", "confidence", "failures", "last", "delivered_since"),
    ),
    "deferrals": Listing(
        "What was put off, and what became of it", "attempts", "the attempt", beside.DEFERRAL_COLUMNS,
        beside.deferrals,
        ("category", "domain", "lines", "recipients", "delivered", "failed", "open", "last", "example"),
    ),
    "lists": Listing(
        "Block lists that replies name", "attempts", "the attempt", beside.LIST_COLUMNS, beside.listed,
        ("list", "ip", "category", "lines", "domains", "first", "last", "look_up"),
    ),
    "backscatter": Listing(
        "Notices to addresses elsewhere about mail from elsewhere", "notices", "the notice",
        beside.BACKSCATTER_COLUMNS, beside.backscatter,
    ),
    "duplicates": Listing(
        "Mail that may have arrived more than once", "deliveries", "delivery", beside.DUPLICATE_COLUMNS,
        beside.duplicates,
    ),
}  # fmt: skip
"""The tables beside `bounces`, by name."""
TABLES = ("bounces", *LISTINGS)
FAILURES = frozenset(("bounces", "addresses"))
"""Those of them that are about what failed for good."""


def known_causes() -> tuple[str, ...]:
    """The words that --only knows: types and categories."""
    from mailaudit.classify.tables import categories  # noqa: PLC0415 (only when one is named)

    return (*TYPES, *categories())


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit bounces --since yesterday /var/log/mail.log
  mailaudit bounces --by category,isp --since 48h /var/log/mail.log
  mailaudit bounces --addresses --only hard --confidence high,medium --format csv /var/log/mail.log* > dead.csv
  mailaudit bounces --table lists --table deferrals /var/log/mail.log
  mailaudit bounces --only block --domain gmail.com --raw /var/log/mail.log
""",
)
@options.reading
@options.filters
@options.period
@options.include_notices
@options.no_collapse
@click.option(
    "--by",
    type=words.Words("key", lambda: (*failed.KEYS, *failed.ALIASES)),
    multiple=True,
    callback=flat,
    metavar="A,B",
    help="Group by these: category type isp domain outcome code template list. Default: domain,code,template.",
)
@click.option(
    "--only",
    type=words.Words("type or category of cause", known_causes),
    multiple=True,
    callback=flat,
    metavar="WORD[,WORD…]",
    help="Only causes of these types (hard soft block config info) or categories.",
)
@click.option(
    "--confidence",
    type=words.Words("confidence", lambda: ("high", "medium", "low", "none")),
    multiple=True,
    callback=flat,
    metavar="WORD[,WORD…]",
    help="Only causes that are so sure: high, medium, low, none; high,medium for lists of addresses to remove.",
)
@click.option("--addresses", is_flag=True, help="One row per address, for list hygiene; the same as --table addresses.")
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}. Default: bounces.")
@options.raw
@options.explain
@options.writing
def bounces(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    filters: Filters,
    period: Period,
    include_notices: bool,
    no_collapse: bool,
    by: tuple[str, ...],
    only: tuple[str, ...],
    confidence: tuple[str, ...],
    addresses: bool,
    names: tuple[str, ...],
    raw: bool,
    explain: bool,
    output: Output,
) -> int:
    """What failed for good and why, grouped by recipients' domain, code and reply, or as --by says.

    Failures count at the time of the failure. What differs from mail to mail (addresses, hosts, ids, numbers) is taken
    out of the reply, so that equal causes stand together; each line has its earliest example. Mail that was put off and
    came through later (greylisting, rate limits) is no bounce: see --table deferrals.
    """
    chosen = tuple(dict.fromkeys([*(["addresses"] if addresses else []), *names])) or ("bounces",)
    grouping = failed.keys(by) or failed.USUAL
    check_names([column for name in chosen for column in columns_of(name, grouping)], output.columns)
    check_raw(source, output, raw=raw)
    if raw and not FAILURES.issuperset(chosen):
        raise UsageError("--raw shows the lines of what failed, and goes with no table of other mail")
    with session("bounces", source, output, period, collapse=not no_collapse) as this:
        wanted = failed.Wanted(filters, this.since_us, this.until_us, include_notices, only, confidence)
        if FAILURES & set(chosen):
            failed.prepare(this.run.engine, wanted)
        if raw:
            return write_raw(this, listing.lives_of(this.run.engine, failed.roots(this.run.engine)), (), output)
        answers = [answer_of(name, this, wanted, grouping) for name in chosen]
        if explain:
            asked = Asked(period, filters, include_notices, only=only, confidence=confidence)
            answers = [explained(answer, this, asked) for answer in answers]
            output = with_commands(output)
        return finish(this, answers, output)


def columns_of(name: str, grouping: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of a table."""
    return LISTINGS[name].columns if name in LISTINGS else failed.columns(grouping)


def answer_of(name: str, this: Session, wanted: Wanted, grouping: tuple[str, ...]) -> Answer:
    """One table."""
    engine = this.run.engine
    if name in LISTINGS:
        one = LISTINGS[name]
        return Answer(name, one.title, one.unit, one.time, one.columns, one.rows(engine, wanted), one.shown)
    columns = failed.columns(grouping)
    rows = failed.grouped(engine, grouping, failed.middle(engine, this.since_us, this.until_us, this.log_ends_us))
    shown: tuple[str, ...] = SHOWN
    if grouping != failed.USUAL:
        keys = tuple(column.name for column in columns[: -len(failed.MEASURES)])
        shown = ("recipients", *keys, *SHOWN_BY)
    notes = told_limits(rows, columns)
    return Answer(name, "What failed", "recipients", "the failure", columns, rows, shown=shown, notes=notes)


def told_limits(rows: list[tuple[object, ...]], columns: tuple[Column, ...]) -> tuple[str, ...]:
    """What receivers ask of bulk senders, where a failure shown is about that."""
    from mailaudit import classify  # noqa: PLC0415 (read for the causes already)
    from mailaudit.classify import meanings  # noqa: PLC0415

    at = next(place for place, column in enumerate(columns) if column.name == "example")
    examples = dict.fromkeys(str(row[at]) for row in rows[:200] if row[at])
    told = dict.fromkeys(text for reply in examples for text in meanings.limits(classify.verdict(reply), reply))
    return (ASKED, *told) if told else ()
