"""How good a delivery rate is: Bloomreach's bands, with exact edges."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from mailaudit.model.columns import Column

Band = Literal["healthy", "monitor", "investigate", "now"]

HEALTHY, MONITOR, INVESTIGATE = 99, 98, 95
"""Per cent: above the first healthy, from the second on watched, from the third on looked into, below that at once."""
EDGES = (INVESTIGATE, MONITOR, HEALTHY, 100)
"""Per cent that a rate is told to have only if it has them: rounding must not carry it over an edge."""
COLUMN = Column(
    "band", "word", "healthy (above 99 %), monitor (98 to 99 %), investigate (below 98 %), now (below 95 %)"
)
WORDS: dict[Band, str] = {
    "healthy": "healthy", "monitor": "monitor", "investigate": "investigate", "now": "act now",
}  # fmt: skip
"""The bands in a sentence, where the word `now` alone would tell a time."""

TOLD = "Bands: above 99 % healthy, 98 to 99 % monitor, below 98 % investigate, below 95 % now."

ADVICE: dict[Band, str] = {
    "healthy": "Nothing to do.",
    "monitor": "Watch it closely; look into it if it has not improved after 3 sendings.",
    "investigate": "Look into it soon: at which providers, for which causes.",
    "now": "Look into it now, before anything else is sent: at which providers, for which causes.",
}


def band(delivered: int, ended: int) -> Band | None:
    """The band of a rate; None if nothing has reached an end."""
    if ended <= 0:
        return None
    return of_rate(Fraction(100 * delivered, ended))


def of_rate(per_cent: Fraction | float) -> Band:
    """The band of a rate in per cent; the upper end of monitor, 99 %, is not healthy yet."""
    if per_cent > HEALTHY:
        return "healthy"
    if per_cent >= MONITOR:
        return "monitor"
    return "investigate" if per_cent >= INVESTIGATE else "now"


def rounded(per_cent: float) -> str:
    """A rate in per cent with two digits: `98.99`, also for 98.999, which is not 99."""
    text = f"{per_cent:.2f}"
    if float(text) in EDGES and per_cent < float(text):
        text = f"{float(text) - 0.01:.2f}"
    return text
