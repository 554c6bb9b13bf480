"""The bands of a delivery rate, and what each asks for."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

from mailaudit.advise.bands import band
from mailaudit.model.intervals import wilson

if TYPE_CHECKING:
    from mailaudit.model.page import Level

__all__ = ["ADVICE", "HEALTHY", "INVESTIGATE", "LEVELS", "MONITOR", "NOW", "RARE", "SMALL", "band", "carried"]

SMALL = 1000
RARE = 0.025
HEALTHY, MONITOR, INVESTIGATE, NOW = "healthy", "monitor", "investigate", "now"
LEVELS: dict[str, Level] = {HEALTHY: "good", MONITOR: "note", INVESTIGATE: "warning", NOW: "bad"}
ADVICE = {
    HEALTHY: "",
    MONITOR: "Watch it: if it does not improve over the next three sendings, investigate.",
    INVESTIGATE: "Investigate soon: see the causes of the bounces.",
    NOW: "Act now: stop or slow down what is being sent, and see the causes of the bounces.",
}


def carried(delivered: int, ended: int) -> bool:
    """Tells whether the numbers carry that the rate is not healthy: one of 99 % would hardly ever give so few.

    Small numbers are counted out exactly (binomial, 2.5 %): Wilson's interval is too short where next to nothing fails.
    """
    if ended <= SMALL:
        fewer = sum(
            comb(ended, failed) * 0.01**failed * 0.99 ** (ended - failed) for failed in range(ended - delivered)
        )
        return 1 - fewer < RARE
    interval = wilson(delivered, ended)
    return interval is not None and interval[1] < 0.99  # noqa: PLR2004 (the end of the healthy band)


__all__ = ["ADVICE", "HEALTHY", "INVESTIGATE", "LEVELS", "MONITOR", "NOW", "band", "carried"]
