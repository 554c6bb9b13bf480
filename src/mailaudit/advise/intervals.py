"""What a share may really be: the Wilson interval, which is honest for few samples and for shares near 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""Standard deviations on each side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A share between 0 and 1, from `low` to `high`."""

    low: float
    high: float

    def below(self, other: Interval) -> bool:
        """True if the whole interval lies below the other one."""
        return self.high < other.low


def wilson(hits: int, samples: int) -> Interval | None:
    """The 95 % interval of a share (Wilson 1927); None without samples."""
    if samples <= 0:
        return None
    share, square = hits / samples, Z * Z
    middle = share + square / (2 * samples)
    spread = Z * sqrt(share * (1 - share) / samples + square / (4 * samples * samples))
    whole = 1 + square / samples
    # At the ends rounding would give -1e-17 and 1.0000000000000002.
    low = 0.0 if hits == 0 else (middle - spread) / whole
    high = 1.0 if hits == samples else (middle + spread) / whole
    return Interval(low, high)
