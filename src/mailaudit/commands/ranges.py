"""The range that the options name, and the zone that it is in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import dates
from mailaudit.errors import UsageError
from mailaudit.model.times import micros

if TYPE_CHECKING:
    from mailaudit.commands.options import Period


def bounds(period: Period | None, zone: dt.tzinfo, present: dt.datetime) -> tuple[int | None, int | None]:
    """The range in µs of UTC: its first moment, and the first one after it; None where it is open."""
    if period is None:
        return None, None
    zone = period.tz or zone
    period = _typed(period)
    if sum((period.today, period.days is not None, period.since is not None)) > 1:
        raise UsageError("--today, --days and --since exclude each other: each says where the range begins")
    today = present.astimezone(zone).date()
    until = dates.moment(period.until, zone, present) if period.until else None
    if period.today or period.days:
        first = today - dt.timedelta(days=(period.days or 1) - 1)
        since: int | None = micros(dates.midnight(first, zone))
        tomorrow = micros(dates.midnight(today + dt.timedelta(days=1), zone))
        until = tomorrow if until is None else until
    else:
        since = dates.moment(period.since, zone, present) if period.since else None
    if since is not None and until is not None and since >= until:
        raise UsageError(
            "the range is empty: --until is not after --since",
            hint="--until names the first moment that is no longer in the range",
        )
    return since, until


def _typed(period: Period) -> Period:
    """The range without a `today` by default (config file, audit view), if a range was typed: that goes first."""
    context = click.get_current_context(silent=True)
    if context is None or not period.today or (period.days, period.since, period.until) == (None, None, None):
        return period
    by_default = context.get_parameter_source("today") == click.core.ParameterSource.DEFAULT_MAP
    return replace(period, today=False) if by_default else period


def zone_name(zone: dt.tzinfo) -> str:
    """The zone's name for people: `Europe/Rome`, `UTC`, `+02:00`."""
    key = getattr(zone, "key", None)
    if isinstance(key, str):
        return "UTC" if key in {"Etc/UTC", "Zulu", "Etc/UCT"} else key
    name = dt.datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
    return "UTC" if name in {"+0000", ""} else f"{name[:3]}:{name[3:5]}"
