"""`mailaudit investigate`: how the delivery rate stands, at which provider it suffers, and what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from mailaudit.advise import volumes
from mailaudit.advise.matrices import findings
from mailaudit.commands import dates, investigate_advice, investigate_answers, options
from mailaudit.commands.families import family
from mailaudit.commands.investigate_answers import Look, Range
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.errors import UsageError
from mailaudit.model.times import HOUR, micros, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mailaudit.advise.volumes import WarmUp
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Answer

TABLES: dict[str, Callable[[Look], Answer]] = {
    "advice": investigate_advice.answer,
    "rates": investigate_answers.rates,
    "isps": investigate_answers.isps,
    "trend": investigate_answers.trend,
    "sendings": investigate_answers.sendings,
    "messages": investigate_answers.messages,
    "spikes": investigate_answers.spikes,
    "warm_up": investigate_answers.warm_up,
    "evidence": investigate_answers.evidence,
}
"""The tables in their order, and what makes each."""
CHOOSING = ("status", "outcome", "code", "text")
"""Filters by how it ended: of what is chosen so, no rate says anything."""
DAYS = 14
MESSAGES = 48 * HOUR


class Factor(click.ParamType["Fraction"]):
    """A factor above 1: `1.5`, `2`."""

    name = "factor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The factor, exactly."""
        if not isinstance(value, str):
            return value
        try:
            factor = Fraction(value)
        except (ValueError, ZeroDivisionError):
            factor = Fraction(0)
        if not 1 < factor <= 100:  # noqa: PLR2004 (per cent would be a mistake)
            self.fail(
                f"{value!r} is no factor. Write how much more each day may have: 1.5 is half as much again.", param, ctx
            )
        return factor


@dataclass(frozen=True, slots=True)
class Expected:
    """What a warm-up is compared with: a plan or a growth, or neither."""

    plan: str | None
    growth: Fraction | None


warm_up = family(
    Expected,
    "expected",
    "Warm-up",
    click.option(
        "--plan", metavar="FILE", help="Warm-up plan: CSV with the columns day, recipients and, if need be, isp."
    ),
    click.option(
        "--growth",
        type=Factor(),
        metavar="FACTOR",
        help="Warm-up without a plan: a day may have so many times the largest day before it.",
    ),
)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit investigate /var/log/mail.log*
  mailaudit investigate --days 7 --table advice --table messages events.jsonl
  mailaudit investigate --plan warm-up.csv --table warm_up /var/log/mail.log*
  mailaudit investigate --sender @news.example.com --domain .example.org /var/log/mail.log*
  mailaudit investigate --growth 1.5 --format json /var/log/mail.log*
""",
)
@options.reading
@warm_up
@options.tables(lambda: tuple(TABLES), f"Only these tables: {', '.join(TABLES)}.")
@options.filters
@options.period
@options.writing
def investigate(
    *,
    source: Input,
    expected: Expected,
    names: tuple[str, ...],
    filters: Filters,
    period: Period,
    output: Output,
) -> int:
    """Where mail to others suffers, and what to do: Bloomreach's way of looking into bounces, on any log.

    The last 14 days of the logs, unless a range is given: delivery rate and its band, soft and hard bounces by mailbox
    provider with the matrices' advice (SA to HC), sendings, what receivers said in the last 48 hours, spikes of volume,
    and a warm-up against a plan. Every advice shows its numbers and the rows behind it.
    """
    check_names(investigate_answers.ALL, output.columns)
    for name in CHOOSING:
        if getattr(filters, name):
            raise UsageError(f"--{name} would choose the answer", hint="investigate judges by what became of all mail")
    plan, growth = expected.plan, expected.growth
    if plan is not None and growth is not None:
        raise UsageError("--plan and --growth exclude each other")
    if "warm_up" in names and plan is None and growth is None:
        raise UsageError("a warm-up needs something to compare with", hint="--plan FILE, or --growth 1.5")
    if plan is not None:
        volumes.read_plan(plan, None)
    with session("investigate", source, output, period) as this:
        from mailaudit.measure import outcomes  # noqa: PLC0415 (polars)

        outcomes.prepare(this.run.engine, this.zone, filters)
        found = _look(this, filters, expected)
        left_out = {"warm_up"} if found.warm_up is None else set()
        if output.format not in {"json", "jsonl"}:
            left_out.add("evidence")
        wanted = names or [name for name in TABLES if name not in left_out]
        return finish(this, [make(found) for name, make in TABLES.items() if name in wanted], output)


def _look(this: Session, filters: Filters, expected: Expected) -> Look:
    from mailaudit.measure import outcomes  # noqa: PLC0415

    engine, span = this.run.engine, _range(this)
    providers = outcomes.providers(engine, span.since_us, span.until_us)
    by_day = outcomes.volumes(engine, span.since_us, span.until_us)
    return Look(
        this,
        filters,
        span,
        outcomes.totals(engine, span.since_us, span.until_us),
        providers,
        findings(providers),
        outcomes.sendings(engine, span.since_us, span.until_us),
        volumes.spikes(by_day),
        _warm_up(by_day, expected),
    )


def _range(this: Session) -> Range:
    """The range asked for; without a beginning, 14 local days up to its end."""
    ends = this.log_ends_us
    until = this.until_us if this.until_us is not None else (0 if ends is None else ends) + 1
    if ends is not None:
        until = min(until, ends + 1)
    since = this.since_us
    if since is None:
        last = moment(until - 1, this.zone).date()
        first = last - dt.timedelta(days=DAYS - 1) if ends is not None else last
        since = micros(dates.midnight(first, this.zone))
    return Range(since, until, max(since, until - MESSAGES))


def _warm_up(by_day: Mapping[str, Mapping[dt.date, int]], expected: Expected) -> list[WarmUp] | None:
    if expected.growth is not None:
        return volumes.against_growth(by_day, expected.growth)
    if expected.plan is None:
        return None
    return volumes.against_plan(by_day, volumes.read_plan(expected.plan, min(by_day[volumes.ALL], default=None)))
