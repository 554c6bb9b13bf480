"""The years in which mail can have happened: a stamp outside of them is a broken clock, or a trap for programs."""

from __future__ import annotations

import datetime as dt

FIRST, LAST = 1970, 2199
"""1970 is what machines without a battery begin with; a century and a half from now is a forgery."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST_US = (dt.datetime(FIRST, 1, 1, tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
END_US = (dt.datetime(LAST + 1, 1, 1, tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
"""The first moment of them, and the first one after them, in µs of UTC."""


def sane(time_us: int | None) -> int | None:
    """The time, if mail can have happened then; else None."""
    return time_us if time_us is not None and FIRST_US <= time_us < END_US else None
