"""The years in which mail can have happened: a stamp outside of them is a broken clock, or a trap for programs."""

from __future__ import annotations

import datetime as dt

from mailaudit.model.times import micros

FIRST, LAST = 1970, 2199
"""1970 is what machines without a battery begin with; a century and a half from now is a forgery."""

FIRST_US = micros(dt.datetime(FIRST, 1, 1, tzinfo=dt.UTC))
END_US = micros(dt.datetime(LAST + 1, 1, 1, tzinfo=dt.UTC))
"""The first moment of them, and the first one after them, in µs of UTC."""


def sane(time_us: int | None) -> int | None:
    """The time, if mail can have happened then; else None."""
    return time_us if time_us is not None and FIRST_US <= time_us < END_US else None
