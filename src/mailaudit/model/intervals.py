"""What a share may really be: the Wilson interval, which is honest for few samples and for shares near 0 and 1.

E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z95 = 1.959963984540054
"""Standard deviations on each side that hold 95 % of a normal distribution."""


class Interval(NamedTuple):
    """Between which two numbers a share lies, both between 0 and 1."""

    low: float
    high: float

    def below(self, other: Interval) -> bool:
        """True if the whole interval lies below the other one."""
        return self.high < other.low


def wilson(part: int, whole: int, z: float = Z95) -> Interval | None:
    """The interval in which the share behind `part` of `whole` lies; None of nothing."""
    if whole <= 0:
        return None
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    reach = z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    low, high = (middle - reach) / (1 + square / whole), (middle + reach) / (1 + square / whole)
    # At the ends rounding would give -1e-17 and 1.0000000000000002.
    return Interval(0.0 if part == 0 else low, 1.0 if part == whole else high)
