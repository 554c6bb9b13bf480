"""`mailaudit notify`: what failed, was refused, complained about or unsubscribed since the last run."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import click

from mailaudit.commands import dates, notify_answers, options, pages, state_file, unparsed, words
from mailaudit.commands.families import flat
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.remarks import tell
from mailaudit.commands.sections import Command
from mailaudit.commands.session import now, session
from mailaudit.model.times import DAY, micros, moment, utc
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters

KINDS = ("failed", "complained", "rejected", "unsubscribed")
TABLES = ("previous_day", "notify")
REACH = 8 * DAY
"""How late a thing may come after newer ones were told (an export of yesterday, another server's log)."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit notify --since yesterday --until today /var/log/mail.log
  mailaudit notify --state /var/lib/mailaudit/notify.json --format eml --to ann@example.com \\
      /var/log/mail.log | ifne sendmail -t -i
  mailaudit notify --kind complained,unsubscribed --format csv events.jsonl
  mailaudit notify --table previous_day --format json /var/log/mail.log
""",
)
@options.reading
@click.option(
    "--kind",
    "kinds",
    type=words.Words("kind", lambda: KINDS),
    multiple=True,
    callback=flat,
    default=(",".join(KINDS),),
    show_default=True,
    metavar="WORD[,WORD…]",
    help="What is told of.",
)
@options.state
@click.option(
    "--day",
    type=words.Moment(),
    default="yesterday",
    show_default=True,
    metavar="WHEN",
    help="The day whose four counts are shown.",
)
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}.")
@pages.mailing
@options.filters
@options.period
@options.no_collapse
@options.include_rejects
@options.writing_as(*options.FORMATS, "eml")
def notify(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    kinds: tuple[str, ...],
    state: str | None,
    day: str,
    names: tuple[str, ...],
    mail: options.Mail,
    filters: Filters,
    period: Period,
    no_collapse: bool,
    include_rejects: bool,
    output: Output,
) -> int:
    """What senders should hear of: mail that Failed, was Complained about, Rejected or Unsubscribed from.

    Each with the reason, what it means and what to do. With --state, only what no earlier run has told; as a message
    (--format eml) nothing at all is printed if there is nothing new. Tables and messages begin with the newest, data
    with the oldest. The counts of the previous day are of all mail.
    """
    check_names(notify_answers.ALL, output.columns)
    pages.check(mail, output)
    unparsed.check(source, "a message", wanted=output.format == "eml")
    kept = state_file.read(state, "notify") if state else {}
    destination.check(state)
    with session("notify", source, output, period, collapse=not no_collapse) as this:
        from mailaudit.measure import told  # noqa: PLC0415 (polars)

        told.prepare(this.run.engine, rejects=include_rejects)
        begin = dates.moment(day, this.zone, now())
        begin, end = _local_day(begin, this.zone)
        counts = told.counts(this.run.engine, begin, end)
        rows = told.told(this.run.engine, kinds, filters, this.since_us, this.until_us)
        found, memory = _news(rows, kept)
        code = _write(this, found, notify_answers.Day(begin, counts), names, mail, output)
        if state:
            state_file.write(state, "notify", memory)
        return code


def _local_day(at_us: int, zone: dt.tzinfo) -> tuple[int, int]:
    """The local day of a moment."""
    day = moment(at_us, zone).date()
    return micros(dates.midnight(day, zone)), micros(dates.midnight(day + dt.timedelta(days=1), zone))


def _news(rows: Sequence[Sequence[Any]], kept: Mapping[str, object]) -> tuple[list[Sequence[Any]], dict[str, object]]:
    """What no earlier run has told, and what to remember.

    Of each thing told a hash is kept for eight days, so that what comes late is told and nothing is told twice.
    """
    until = _moment(kept.get("until"))
    seen = _hashes(kept.get("seen"))
    found = []
    for row in rows:
        mark = _mark(row)
        if mark not in seen and (until is None or row[notify_answers.TIME] > until - REACH):
            found.append(row)
            seen[mark] = row[notify_answers.TIME]
    newest = max([row[notify_answers.TIME] for row in rows] + ([] if until is None else [until]), default=None)
    if newest is None:
        return found, {"until": None, "seen": {}}
    # Twice as long as is looked back: what is told again is worse than a longer file.
    held = {mark: utc(at) for mark, at in seen.items() if at > newest - 2 * REACH}
    return found, {"until": utc(newest), "seen": held}


def _mark(row: Sequence[Any]) -> str:
    parts = [str(row[place]) for place in notify_answers.IDENTITY]
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _moment(text: object) -> int | None:
    try:
        return micros(dt.datetime.fromisoformat(str(text)))
    except (ValueError, TypeError):
        return None


def _hashes(held: object) -> dict[str, int]:
    if not isinstance(held, dict):
        return {}
    found = {str(mark): _moment(at) for mark, at in held.items()}
    return {mark: at for mark, at in found.items() if at is not None}


def _write(
    this: Session,
    found: Sequence[Sequence[Any]],
    day: notify_answers.Day,
    names: tuple[str, ...],
    mail: options.Mail,
    output: Output,
) -> int:
    if output.format == "eml":
        if found:
            from mailaudit.commands import notify_mail  # noqa: PLC0415 (rich)

            notify_mail.write(this, found, day, mail, output)
        tell(this, quiet=True)
        return this.code
    made = {
        "previous_day": lambda: notify_answers.day_answer(day, this.zone),
        "notify": lambda: notify_answers.answer(found, this.run.inputs, newest_first=output.format in pages.FOR_PEOPLE),
    }
    wanted = names or (("notify",) if output.format == "csv" else TABLES)
    return finish(this, [made[name]() for name in TABLES if name in wanted], output)
