"""What a share may really be: the Wilson interval, which is honest for few samples and for shares near 0 and 1.

E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
"""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""Standard deviations on each side that hold 95 % of a normal distribution."""


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float] | None:
    """Returns the interval, between 0 and 1, in which the share behind `part` of `whole` lies; None of nothing."""
    if whole <= 0:
        return None
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    reach = z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    low, high = (middle - reach) / (1 + square / whole), (middle + reach) / (1 + square / whole)
    # At the ends rounding would give -1e-17 and 1.0000000000000002.
    return (0.0 if part == 0 else low), (1.0 if part == whole else high)
