"""Intervals of shares, to compare one with another."""

from __future__ import annotations

from dataclasses import dataclass

from mailaudit.model import intervals


@dataclass(frozen=True, slots=True)
class Interval:
    """A share between 0 and 1, from `low` to `high`."""

    low: float
    high: float

    def below(self, other: Interval) -> bool:
        """True if the whole interval lies below the other one."""
        return self.high < other.low


def wilson(hits: int, samples: int) -> Interval | None:
    """The 95 % interval of a share; None without samples."""
    found = intervals.wilson(hits, samples)
    return None if found is None else Interval(*found)
