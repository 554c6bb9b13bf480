"""The periods of reports by their names: whole days, weeks and months that have ended, and the last 24 hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import dates
from mailaudit.commands.dates import END
from mailaudit.commands.families import family
from mailaudit.commands.options import as_of
from mailaudit.commands.session import now
from mailaudit.errors import UsageError
from mailaudit.model.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mailaudit.commands.options import Period
    from mailaudit.commands.session import Session

DAY = dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
QUIET = dt.timedelta(hours=2)
"""A log that ends so shortly before midnight holds the whole day."""


@dataclass(frozen=True, slots=True)
class Named:
    """A period by its name, and the moment that counts as now."""

    weekly: bool
    daily: bool
    yesterday: bool
    monthly: bool
    as_of: str | None


named: Callable[[Callable[..., Any]], Callable[..., Any]] = family(
    Named,
    "named",
    "Period",
    click.option("--daily", is_flag=True, help="The last 24 hours."),
    click.option("--yesterday", is_flag=True, help="The whole day before today."),
    click.option("--weekly", is_flag=True, help="The seven whole days before today."),
    click.option("--monthly", is_flag=True, help="The whole month before this one."),
    as_of,
)


def check(given: Named, period: Period) -> None:
    """Raises UsageError for two ways to say which period."""
    words = [name for name in ("daily", "yesterday", "weekly", "monthly") if getattr(given, name)]
    if len(words) > 1:
        raise UsageError(f"--{' and --'.join(words)} exclude each other: each names a whole period")
    if given.as_of and not words:
        raise UsageError("--as-of goes with --daily, --yesterday, --weekly or --monthly")
    others = [name for name in ("since", "until", "today", "days") if getattr(period, name)]
    if words and others:
        raise UsageError(
            f"--{words[0]} and --{others[0]} exclude each other: each says where the period begins or ends"
        )


def placed(this: Session, given: Named) -> Session:
    """The session with the bounds of the named period in the report's zone."""
    if not any((given.weekly, given.daily, given.yesterday, given.monthly)):
        return this
    since, until = bounds(given, present(this, given), this.zone)
    return replace(this, since_us=micros(since), until_us=micros(until))


def present(this: Session, given: Named) -> dt.datetime:
    """What counts as now."""
    if given.as_of is None:
        return now()
    return moment(dates.as_of(given.as_of, this.zone, now(), this.log_ends_us))


def bounds(given: Named, at: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """First moment and first moment after the period that the name means at this time."""
    if given.daily:
        # A period ends before its end; the last line of the logs, or of a day, belongs to it.
        end = at + TICK if given.as_of == END or (given.as_of and dates.is_day(given.as_of)) else at
        return end - DAY, end
    # The last line of a whole day comes shortly before midnight.
    today = (at + (QUIET if given.as_of == END else dt.timedelta())).astimezone(zone).date()
    if given.monthly:
        first = today.replace(day=1)
        return dates.midnight((first - DAY).replace(day=1), zone), dates.midnight(first, zone)
    return dates.midnight(today - (DAY if given.yesterday else 7 * DAY), zone), dates.midnight(today, zone)
