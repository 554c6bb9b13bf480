"""How pages put numbers and times into sentences."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from mailaudit.advise.bands import rounded
from mailaudit.model.plurals import counted
from mailaudit.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS = ("bytes", "KB", "MB", "GB", "TB")
STEP = 1000
SHORT = 160
"""Characters of a reply on a page."""


def per_cent(part: int, whole: int) -> str:
    """Part of the whole in per cent with two digits, never rounded over the edge of a band; `–` of nothing."""
    return f"{rounded(100 * part / whole)} %" if whole else "–"


def size(number: int) -> str:
    """Bytes in a unit that leaves few digits, in powers of ten: `321.6 MB`."""
    value, at = float(number), 0
    while value >= STEP and at < len(UNITS) - 1:
        value, at = value / STEP, at + 1
    return counted(number, "byte") if not at else f"{value:.1f} {UNITS[at]}"


def stamp(at_us: int, zone: dt.tzinfo) -> str:
    """The moment in the zone, to the minute: `2026-05-31 06:26`."""
    return moment(at_us, zone).strftime("%Y-%m-%d %H:%M")


def span(since_us: int, until_us: int, zone: dt.tzinfo) -> str:
    """A range as people name it: one day, first and last day where it begins and ends at midnight, else its ends.

    What begins with 1970 and has no length is the range of logs without a time.
    """
    if since_us == 0 and until_us <= 1:
        return "no period, as there is no mail"
    since, until = moment(since_us, zone), moment(until_us, zone)
    if since.time() == until.time() == dt.time():
        last = until.date() - dt.timedelta(days=1)
        if since.date() == last:
            return f"{since:%A, %Y-%m-%d}"
        return f"{since:%Y-%m-%d} to {last:%Y-%m-%d}, {counted((last - since.date()).days + 1, 'day')}"
    return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"


def shortened(text: str) -> str:
    """The text, or its beginning and `…`."""
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def listed(words: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
