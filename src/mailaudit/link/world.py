"""When clocks were set, anywhere in the world: the instants that a change of a log's offset can lie at."""

from __future__ import annotations

import contextlib
from calendar import timegm
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailaudit.link.offsets import SECOND_US, changes_of, offset_at
from mailaudit.link.survey import DAY_US, STEP_US
from mailaudit.model.times import moment

_PLACES = """
Europe/Berlin America/New_York Europe/London America/Los_Angeles America/Chicago Europe/Helsinki America/Denver
America/Sao_Paulo Australia/Sydney America/Mexico_City Europe/Moscow Europe/Istanbul Asia/Tehran Africa/Cairo
Asia/Jerusalem Africa/Casablanca America/Santiago America/Halifax Pacific/Auckland Australia/Adelaide
America/St_Johns America/Anchorage Asia/Beirut Asia/Amman Asia/Damascus Asia/Gaza Europe/Dublin Europe/Kyiv
Europe/Chisinau Europe/Minsk Europe/Volgograd Europe/Kaliningrad Europe/Samara Asia/Yekaterinburg Asia/Omsk
Asia/Novosibirsk Asia/Krasnoyarsk Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Magadan Asia/Kamchatka Asia/Baku
Asia/Yerevan Asia/Tbilisi Asia/Almaty Asia/Karachi Asia/Dhaka Asia/Baghdad Asia/Ulaanbaatar Asia/Hovd Asia/Seoul
Africa/Windhoek Africa/Tunis Africa/Khartoum Africa/Juba America/Argentina/Buenos_Aires America/Montevideo
America/Asuncion America/Caracas America/Bogota America/Havana America/Port-au-Prince America/Bahia
America/Campo_Grande America/Tijuana America/Ojinaga America/Cancun America/Adak America/Miquelon America/Nuuk
America/Scoresbysund America/Grand_Turk America/Punta_Arenas Atlantic/Azores Atlantic/Stanley Antarctica/Troll
Pacific/Easter Pacific/Apia Pacific/Fiji Pacific/Tongatapu Pacific/Chatham Pacific/Norfolk Pacific/Efate
Australia/Perth Australia/Lord_Howe Australia/Hobart Australia/Eucla Indian/Mauritius America/Mazatlan America/Moncton
America/Goose_Bay America/Winnipeg Asia/Bishkek
""".split()  # noqa: SIM905 - eighty names read better in lines
"""One place for each rule in use since 1990; where several could explain a change, the first does."""

_STEP_US = 10 * DAY_US
_MOST_YEARS = 8


class Change(NamedTuple):
    """Clocks at one offset (seconds) were set to another, at an instant (µs)."""

    instant: int
    before: int
    after: int


@lru_cache(maxsize=32)
def changes_in(year: int) -> tuple[Change, ...]:
    """All changes of a year, likelier ones first."""
    low, high = (timegm((y, 1, 1, 0, 0, 0)) * SECOND_US for y in (year, year + 1))
    found: dict[Change, None] = {}
    for name in _PLACES:
        with contextlib.suppress(ZoneInfoNotFoundError):
            zone = ZoneInfo(name)
            before = offset_at(zone, low)
            for instant, after in changes_of(zone, low, high, step_us=_STEP_US):
                found[Change(instant, before, after)] = None
                before = after
    return tuple(found)


def instants(before: int, after: int, low_us: int, high_us: int) -> list[int]:
    """Instants at which clocks somewhere were set from one offset (seconds) to another, likelier ones first."""
    years = range(_year(low_us), _year(high_us) + 1)
    return [
        change.instant
        for year in years[-_MOST_YEARS:]
        for change in changes_in(year)
        if low_us < change.instant <= high_us and (change.before, change.after) == (before, after)
    ]


def shown(offset: int, before_us: int, after_us: int) -> tuple[int, int] | None:
    """The change (instant, new offset) that a step from one wall-clock time to the next shows, if it is one.

    It is one if clocks at this offset were set then, somewhere in the world: back, and both times occurred twice; or
    forward, and the lines come right before and right after the hour that was left out.
    """
    for change in changes_in(_year(before_us)):
        old, new = change.instant + offset * SECOND_US, change.instant + change.after * SECOND_US
        back = new <= after_us < before_us < old
        forward = before_us < old < new <= after_us and old - before_us + after_us - new <= STEP_US
        if change.before == offset and (back or forward):
            return change.instant, change.after
    return None


def _year(utc_us: int) -> int:
    return moment(utc_us).year
