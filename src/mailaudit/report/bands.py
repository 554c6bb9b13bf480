"""The bands of a delivery rate, and what each asks for."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

from mailaudit.model.intervals import wilson

if TYPE_CHECKING:
    from mailaudit.model.page import Level

SMALL = 1000
"""Recipients up to which chance is counted out."""
RARE = 0.025
"""A chance below this is none."""
HEALTHY, MONITOR, INVESTIGATE, NOW = "healthy", "monitor", "investigate", "now"
LEVELS: dict[str, Level] = {HEALTHY: "good", MONITOR: "note", INVESTIGATE: "warning", NOW: "bad"}


def carried(delivered: int, ended: int) -> bool:
    """Tells whether the numbers carry that the rate is not healthy."""
    return beyond(ended - delivered, ended, 0.01)


def beyond(part: int, whole: int, rate: float) -> bool:
    """Tells whether the numbers carry that a part is larger than this rate, which would hardly ever give so many.

    Small numbers are counted out exactly (binomial, 2.5 %): Wilson's interval is too short where next to nothing fails.
    """
    if whole <= SMALL:
        fewer = sum(comb(whole, number) * rate**number * (1 - rate) ** (whole - number) for number in range(part))
        return 1 - fewer < RARE
    interval = wilson(part, whole)
    return interval is not None and interval.low > rate
