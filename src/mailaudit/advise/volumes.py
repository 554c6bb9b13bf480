"""Daily volumes: spikes, and a warm-up against its plan."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from mailaudit.errors import UsageError
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEWEST_DAYS = 3
"""Earlier days with mail that a spike is measured against."""
HIGHER = 2
"""Times the median of the earlier days that a spike exceeds."""
LEAST = 100
"""Recipients that a spike has more than usual."""
EARLIER = 14
"""Days that are looked back."""
BELOW = Fraction(4, 5)
"""Share of the plan below which a day is told to be under it."""
ALL = "all"
HEADS = {"date": "day", "provider": "isp", "domain": "isp", "volume": "recipients", "planned": "recipients"}
"""What the columns of a plan may be called, too."""


@dataclass(frozen=True, slots=True)
class Spike:
    """A day with far more mail than the days before."""

    provider: str
    day: dt.date
    recipients: int
    usual: float
    days: int
    """Earlier days with mail, of which `usual` is the median."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """One day of a warm-up."""

    provider: str
    day: dt.date
    planned: int
    sent: int
    state: Literal["as planned", "over", "under"]


def spikes(volumes: Mapping[str, Mapping[dt.date, int]]) -> list[Spike]:
    """The spikes in order of time; `all` before the providers."""
    found = []
    for provider, days in volumes.items():
        for day, recipients in sorted(days.items()):
            before = sorted(days[other] for other in days if day - dt.timedelta(days=EARLIER) <= other < day)
            if len(before) < FEWEST_DAYS:
                continue
            middle = len(before) // 2
            usual = before[middle] if len(before) % 2 else (before[middle - 1] + before[middle]) / 2
            if recipients > HIGHER * usual and recipients - usual >= LEAST:
                found.append(Spike(provider, day, recipients, usual, len(before)))
    return sorted(found, key=lambda spike: (spike.day, spike.provider != ALL, spike.provider))


def against_plan(
    volumes: Mapping[str, Mapping[dt.date, int]], plan: Sequence[tuple[dt.date, str, int]]
) -> list[WarmUp]:
    """Each line of the plan beside what was sent; a day of the plan without mail has 0."""
    names = {name.lower(): name for name in volumes}
    found = []
    for day, provider, planned in plan:
        name = names.get(provider.lower(), provider)
        found.append(_judged(name, day, planned, volumes.get(name, {}).get(day, 0)))
    return found


def against_growth(volumes: Mapping[str, Mapping[dt.date, int]], factor: Fraction) -> list[WarmUp]:
    """Each day beside `factor` times the largest day before it; the first day has no limit."""
    found = []
    for provider, days in volumes.items():
        largest = 0
        for day, sent in sorted(days.items()):
            if largest:
                judged = _judged(provider, day, int(largest * factor), sent)
                found.append(
                    judged if judged.state == "over" else WarmUp(provider, day, judged.planned, sent, "as planned")
                )
            largest = max(largest, sent)
    return sorted(found, key=lambda one: (one.day, one.provider != ALL, one.provider))


def _judged(provider: str, day: dt.date, planned: int, sent: int) -> WarmUp:
    state: Literal["as planned", "over", "under"] = "as planned"
    if sent > planned:
        state = "over"
    elif sent < planned * BELOW:
        state = "under"
    return WarmUp(provider, day, planned, sent, state)


def read_plan(path: str, first_day: dt.date | None) -> list[tuple[dt.date, str, int]]:
    """The plan of a CSV file with the columns day, recipients and, if need be, isp.

    A day is a date, or a number: 1 is the first day with mail. Raises UsageError with the line that is wrong.
    """
    try:
        text = by_hand.text(path, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"plan {path}: {reason}") from error
    rows = [(number, row) for number, row in enumerate(csv.reader(text.splitlines()), 1) if any(row)]
    heads = [HEADS.get(head.strip().lower(), head.strip().lower()) for head in rows[0][1]] if rows else []
    if "day" not in heads or "recipients" not in heads:
        raise UsageError(f"plan {path}: no columns day and recipients", hint="the first line: day,isp,recipients")
    found = []
    for number, row in rows[1:]:
        cells = dict(zip(heads, (cell.strip() for cell in row), strict=False))
        try:
            word, planned = cells["day"], int(cells["recipients"])
            if word.isdigit() and len(word) < len("20260101"):
                if first_day is None:
                    continue
                day = first_day + dt.timedelta(days=int(word) - 1)
            else:
                day = dt.date.fromisoformat(word)
        except (KeyError, ValueError, OverflowError) as error:
            raise UsageError(
                f"{path}:{number}: no day and number: {','.join(row)!r}",
                hint="write 2026-05-31,Google,500 or 1,Google,500",
            ) from error
        if planned < 0:
            raise UsageError(f"{path}:{number}: {planned} recipients cannot be planned")
        found.append((day, cells.get("isp") or ALL, planned))
    return found
