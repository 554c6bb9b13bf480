"""Times of records, in µs of UTC: epochs of any unit, ISO 8601 of any precision, and what spreadsheets make of them."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mailaudit.model import years
from mailaudit.model.times import micros as micros_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = ((10**11, 1_000_000, 1), (10**14, 1000, 1), (10**17, 1, 1), (10**20, 1, 1000))
"""Numbers below the first are of the unit that is so many µs, divided by the last: s, ms, µs, ns."""
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE]\+?\d+)?")
_ISO = re.compile(
    r"(\d{4})[-/.] ?(\d\d?)[-/.] ?(\d\d?)\.?(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*"
    r"(Z|(?:UTC|GMT)[+-]\d\d?(?::?\d\d)?|[A-Z]{3,4}|[+-]\d\d:?\d\d|[+-]\d\d)?(?: [A-Z]{3,4})?"
)
"""A zone's letters may stand behind its offset, as Go writes it: `+0000 UTC`."""
_DOTNET = re.compile(r"\\?/Date\((\d+)(?:[+-]\d{4})?\)\\?/")
"""How .NET, and so PowerShell 5, writes a time in JSON: ms of UTC, whatever offset stands behind."""
_LOCAL = re.compile(
    r"(\d\d?)([/.-])(\d\d?)\2(\d{4}|\d\d),?\s+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*([AaPp]\.?\s?[Mm]\.?)?\s*"
    r"(Z|(?:UTC|GMT)[+-]\d\d?(?::?\d\d)?|[A-Z]{3,4}|[+-]\d\d:?\d\d)?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?")
_LONGEST = 64
"""Characters of the longest text that may be a time."""
_TWELVE = 12
_THIRTEENTH = re.compile(r"\s*(?:1[3-9]|2\d|3[01])/\d\d?/\d{2,4}")
ABBREVIATIONS = {
    "PST": -480, "PDT": -420, "MST": -420, "MDT": -360, "CST": -360, "CDT": -300, "EST": -300, "EDT": -240,
    "WET": 0, "BST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "JST": 540, "AEST": 600, "AEDT": 660,
}  # fmt: skip
"""Minutes from UTC of the zones that exports write as letters."""


def micros(values: Sequence[Any], zone: dt.tzinfo, *, day_first: bool = False) -> list[int | None]:
    """The times in µs of UTC; None for what is none or lies in no year of mail. `zone` is that of times that say none.

    Dates like 3/2/2026 of one export are all of one order: a 13th month among them proves that the day comes first.
    """
    day_first = day_first or any(type(value) is str and _THIRTEENTH.match(value) for value in values)
    return [None if value is None else years.sane(_one(value, zone, day_first)) for value in values]


def _one(value: Any, zone: dt.tzinfo, day_first: bool) -> int | None:  # noqa: ANN401, FBT001 (one of many forms)
    kind = type(value)
    if kind is int:
        return _number(value)
    if kind is str:
        return _text(value, zone, day_first)
    if kind is float:
        return _number(value) if value == value and abs(value) < 1e20 else None  # noqa: PLR0124, PLR2004 (NaN)
    return None


def _number(value: float) -> int | None:
    if value <= 0:
        return None
    for limit, times, parts in _UNITS:
        if value < limit:
            return round(value * times) // parts
    return None


@lru_cache(maxsize=65536)
def _text(text: str, zone: dt.tzinfo, day_first: bool) -> int | None:  # noqa: FBT001 (cached)
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if _NUMBER.fullmatch(text):
        return _decimal(text)
    if found := _DOTNET.fullmatch(text):
        return int(found[1]) * 1000
    if found := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        return _moment((year, month, day), (hour, minute, second, fraction), offset, zone)
    if found := _LOCAL.fullmatch(text):
        one, separator, two, year, hour, minute, second, fraction, half, offset = found.groups()
        swap = day_first or separator != "/" or int(one) > _TWELVE
        month, day = (two, one) if swap and int(two) <= _TWELVE else (one, two)
        year = year if len(year) == 4 else f"20{year}"  # noqa: PLR2004
        if half:
            hour = str(int(hour) % _TWELVE + (_TWELVE if half[0] in "pP" else 0))
        return _moment((year, month, day), (hour, minute, second, fraction), offset, zone)
    return _spelled(text, zone)


def _decimal(text: str) -> int | None:
    """A number in a text; all digits of a fraction of seconds count."""
    whole, dot, fraction = text.replace(",", ".").partition(".")
    if "e" in text.lower():
        return _number(float(text.replace(",", ".")))
    seconds = int(whole)
    if not dot or seconds >= 10**11:
        return _number(seconds)
    return seconds * 1_000_000 + int(fraction[:6].ljust(6, "0")) if seconds > 0 else None


def _moment(
    date: tuple[str, str, str], time: tuple[str | None, ...], offset: str | None, zone: dt.tzinfo
) -> int | None:
    hour, minute, second, fraction = time
    try:
        moment = dt.datetime(
            int(date[0]),
            int(date[1]),
            int(date[2]),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "")[:6].ljust(6, "0")),
            tzinfo=_zone(offset) or zone,
        )
        return micros_of(moment)
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None) -> dt.tzinfo | None:
    if not offset:
        return None
    if offset in ("Z", "UTC", "GMT"):
        return dt.UTC
    if offset.isalpha():
        return dt.timezone(dt.timedelta(minutes=ABBREVIATIONS[offset])) if offset in ABBREVIATIONS else None
    sign, hours, rest = _OFFSET.match(offset).groups("0")  # type: ignore[union-attr]  # the pattern of a time let it by
    minutes = int(hours) * 60 + int(rest)
    return dt.timezone(dt.timedelta(minutes=-minutes if sign == "-" else minutes))


def _spelled(text: str, zone: dt.tzinfo) -> int | None:
    """A time with the names of days or months in it, as mails and some exports write it."""
    from dateutil import parser  # noqa: PLC0415 (slow, and hardly ever needed)

    if not re.search(r"\d", text) or not re.search(r"[A-Za-z]{3}", text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a zone that is not known is the usual one
            moment = parser.parse(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return micros_of(moment)
    except (ValueError, OverflowError):  # also for an offset of more than a day
        return None
