"""What numbers carry: intervals of rates, and whether two counts or two rates differ by more than chance.

A change is told only where its 99 % interval leaves out "no difference": a page makes dozens of comparisons, and at
95 % one of twenty would be told although nothing has changed.
"""

from __future__ import annotations

from math import hypot

from mailaudit.model.intervals import wilson

Z99 = 2.575829
"""Standard deviations of a 99 % interval: for a change that is told."""
WORTH_TELLING = 0.1
"""Counts that differ by less than this part of the earlier one are no change, however many they are: mail comes in
bursts, so that large counts vary more than chance alone would make them."""


def difference(
    part: int, whole: int, part_before: int, whole_before: int, z: float = Z99
) -> tuple[float, float] | None:
    """Returns the interval of the difference of two rates (Newcombe's hybrid score); None of nothing."""
    now, before = wilson(part, whole, z), wilson(part_before, whole_before, z)
    if now is None or before is None:
        return None
    rate, rate_before = part / whole, part_before / whole_before
    between = rate - rate_before
    low = between - hypot(rate - now.low, before.high - rate_before)
    high = between + hypot(now.high - rate, rate_before - before.low)
    return low, high


def rates_differ(part: int, whole: int, part_before: int, whole_before: int) -> bool | None:
    """Tells whether two rates differ by more than chance; None if there is nothing to compare."""
    interval = difference(part, whole, part_before, whole_before)
    return None if interval is None else interval[0] > 0 or interval[1] < 0


def counts_differ(now: int, before: int, length: int = 1, length_before: int = 1) -> bool:
    """Tells whether two counts differ by more than chance and the lengths of their times, and enough to be told.

    Given their sum, the later of two Poisson counts with one rate is binomial with its part of the time (1/2 of equally
    long times); its interval leaves that out. March has a tenth more mail than February, and nothing has changed.
    """
    share = wilson(now, now + before, Z99)
    if share is None or abs(now * length_before - before * length) < WORTH_TELLING * before * length:
        return False
    usual = length / (length + length_before)
    return share.low > usual or share.high < usual
