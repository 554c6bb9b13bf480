"""The bands of a delivery rate, and what each asks for."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

from mailaudit.report.chance import wilson

if TYPE_CHECKING:
    from mailaudit.model.page import Level

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


def band(delivered: int, ended: int) -> str | None:
    """Returns the band of delivered among those that ended; None of nothing.

    More than 99 % is healthy, 98 to 99 % (both ends) monitor, below 98 % investigate, below 95 % now. Whole numbers are
    compared, so that 98.00 % is never taken for less.
    """
    if ended <= 0:
        return None
    if 100 * delivered > 99 * ended:
        return HEALTHY
    if 100 * delivered >= 98 * ended:
        return MONITOR
    return INVESTIGATE if 100 * delivered >= 95 * ended else NOW


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
