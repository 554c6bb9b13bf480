"""The words in which people name a time: `yesterday`, `2026-W21`, `3 days ago`, `48h`, `last monday`.

Every phrase names a beginning, in the zone of the report: `--since` includes it, `--until` ends before it.
A day begins at its local midnight, whatever summer time does to its length; `48h` is counted in real hours.
"""

from __future__ import annotations

import datetime as dt
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError
from mailaudit.model.times import micros
from mailaudit.model.times import moment as instant

if TYPE_CHECKING:
    from collections.abc import Callable

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SECONDS_OF = {"s": 1, "m": 60, "h": 3600}
UNIT_OF = {
    "s": "s", "sec": "s", "second": "s",
    "m": "m", "min": "m", "minute": "m",
    "h": "h", "hour": "h",
    "d": "d", "day": "d",
    "w": "w", "week": "w",
    "month": "month",
    "y": "y", "year": "y",
}  # fmt: skip
FIRST, LAST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(3000, 1, 1, tzinfo=dt.UTC)
"""No mail is older, none younger: `0001-01-01` and `9999-12-31` mean these, which have a day before and after them."""
PHRASES = (
    "today", "yesterday", "now", *WEEKDAYS, "this week", "last week", "this month", "last month", "last year",
)  # fmt: skip
"""What may have been meant by a phrase that means nothing."""
END = "end"
"""The word for the end of the logs."""
EXAMPLES = "yesterday, 'last week', 2026-05, 2026-05-31, '2026-05-31 09:00', 48h, '3 days ago'"


def moment(text: str, zone: dt.tzinfo, now: dt.datetime) -> int:
    """The beginning of what the phrase names, in µs of UTC; raises UsageError if it names nothing."""
    phrase = " ".join(text.lower().replace("_", " ").split())
    here = now.astimezone(zone)
    try:
        for read in (_word, _amount, _relative_period, _iso):
            found = read(phrase, here)
            if found is not None:
                break
        else:
            found = _free_form(text, here)
    except OverflowError:  # beyond the calendar of Python: the year 0, or 10000
        hint = f"leave it out if the range is to be open, or write it like one of these: {EXAMPLES}"
        raise UsageError(f"'{text}' is outside of the calendar", hint=hint) from None
    return micros(min(max(found, FIRST), LAST))


def as_of(text: str, zone: dt.tzinfo, now: dt.datetime, ends_us: int | None) -> int:
    """The last moment, in µs of UTC, of what was known then; `ends_us` is the logs' last, None if they have no time.

    A list as of a day has what happened on it: a plain date (`2026-05-31`) means the last moment of the day.
    """
    if text == END:
        return micros(now) if ends_us is None else ends_us
    at = moment(text, zone, now)
    return micros(midnight(instant(at, zone).date() + dt.timedelta(days=1), zone)) - 1 if is_day(text) else at


def is_day(text: str) -> bool:
    """Tells whether the words are a plain date."""
    return re.fullmatch(r"\s*\d{4}-?\d\d-?\d\d\s*", text) is not None


def midnight(day: dt.date, zone: dt.tzinfo | None) -> dt.datetime:
    """The local beginning of the day; its first hour, where summer time begins at midnight."""
    return _at(dt.datetime.combine(day, dt.time()), zone)


def _at(wall: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """The moment that clocks show so. Of an hour that occurs twice it is the first; one that never was is moved on."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def _word(phrase: str, here: dt.datetime) -> dt.datetime | None:
    today = here.date()
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}
    if phrase in days:
        return midnight(today - dt.timedelta(days=days[phrase]), here.tzinfo)
    if phrase == "now":
        return here
    if phrase in WEEKDAYS:
        return midnight(today - dt.timedelta(days=(today.weekday() - WEEKDAYS.index(phrase)) % 7), here.tzinfo)
    return None


def _amount(phrase: str, here: dt.datetime) -> dt.datetime | None:
    """`48h`, `14d`, `3 days ago`: hours are real hours, days keep the time of day."""
    found = re.fullmatch(r"(\d{1,5}) ?([a-z]+?)s?(?: ago)?", phrase) or re.fullmatch(
        r"(\d{1,5}) ?([smhdw])(?: ago)?", phrase
    )
    if not found:
        return None
    number, unit = int(found[1]), UNIT_OF.get(found[2])
    if unit is None:
        return None
    if unit in SECONDS_OF:
        return here.astimezone(dt.UTC) - dt.timedelta(seconds=number * SECONDS_OF[unit])
    wall = here.replace(tzinfo=None)
    if unit in {"d", "w"}:
        return _at(wall - dt.timedelta(days=number * (7 if unit == "w" else 1)), here.tzinfo)
    months = wall.year * 12 + wall.month - 1 - number * (12 if unit == "y" else 1)
    if months < 12:  # noqa: PLR2004 (year 1)
        return None
    first = dt.datetime.combine(dt.date(months // 12, months % 12 + 1, 1), wall.time())
    last_day = (_months_later(first.date(), 1) - dt.timedelta(days=1)).day
    return _at(first.replace(day=min(wall.day, last_day)), here.tzinfo)


def _relative_period(phrase: str, here: dt.datetime) -> dt.datetime | None:
    """`this month`, `last week`, `last monday`."""
    which, _, unit = phrase.partition(" ")
    if which not in {"this", "last", "previous"} or not unit:
        return None
    today, back = here.date(), 0 if which == "this" else 1
    starts: dict[str, Callable[[], dt.date]] = {
        "day": lambda: today - dt.timedelta(days=back),
        "week": lambda: today - dt.timedelta(days=today.weekday() + 7 * back),
        "month": lambda: _months_later(today, -back),
        "year": lambda: dt.date(today.year - back, 1, 1),
    }
    if unit in starts:
        return midnight(starts[unit](), here.tzinfo)
    if unit == "hour":
        return here.replace(minute=0, second=0, microsecond=0).astimezone(dt.UTC) - dt.timedelta(hours=back)
    if unit in WEEKDAYS:
        days = (today.weekday() - WEEKDAYS.index(unit)) % 7
        return midnight(today - dt.timedelta(days=7 if back and not days else days), here.tzinfo)
    return None


def _iso(phrase: str, here: dt.datetime) -> dt.datetime | None:
    """`2026`, `2026-05`, `2026-W21`, `2026-05-31`, `2026-05-31 09:00[:30][Z|+02:00]`, `09:00` (today)."""
    try:
        if found := re.fullmatch(r"(\d{4})(?:-(\d\d))?", phrase):
            return midnight(dt.date(int(found[1]), int(found[2] or 1), 1), here.tzinfo)
        if found := re.fullmatch(r"(\d{4})-?w(\d\d)(?:-?([1-7]))?", phrase):
            return midnight(dt.date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1)), here.tzinfo)
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", phrase):
            return midnight(dt.date.fromisoformat(phrase), here.tzinfo)
        if re.fullmatch(r"\d\d?:\d\d(:\d\d)?", phrase):
            return _at(dt.datetime.combine(here.date(), dt.time.fromisoformat(phrase.zfill(5))), here.tzinfo)
        when = dt.datetime.fromisoformat(phrase.upper())
    except ValueError:
        return None
    return when.astimezone(dt.UTC) if when.tzinfo else _at(when, here.tzinfo)


def _free_form(text: str, here: dt.datetime) -> dt.datetime:
    """What dateutil makes of it (`31 May 2026 9am`); what is left out is taken from today, at midnight."""
    from dateutil import parser  # noqa: PLC0415 (only for phrases that nothing above knows)

    default = dt.datetime.combine(here.date(), dt.time())
    try:
        when = parser.parse(text, default=default)
    except (ValueError, OverflowError):
        near = get_close_matches(text.lower(), PHRASES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"write it like one of these: {EXAMPLES}"
        raise UsageError(f"'{text}' is no date or time that mailaudit knows", hint=hint) from None
    return when.astimezone(dt.UTC) if when.tzinfo else _at(when, here.tzinfo)


def _months_later(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
