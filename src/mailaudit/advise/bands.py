"""How good a delivery rate is: Bloomreach's bands, with exact edges."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

Band = Literal["healthy", "monitor", "investigate", "now"]

HEALTHY, MONITOR, INVESTIGATE = 99, 98, 95
"""Per cent: above the first healthy, from the second on watched, from the third on looked into, below that at once."""

ADVICE: dict[Band, str] = {
    "healthy": "Nothing to do.",
    "monitor": "Watch it closely; look into it if it has not improved after 3 sendings.",
    "investigate": "Look into it soon: which providers, which replies.",
    "now": "Look into it now, before anything else is sent.",
}


def band(delivered: int, ended: int) -> Band | None:
    """The band of a rate; None if nothing has reached an end."""
    if ended <= 0:
        return None
    rate = Fraction(100 * delivered, ended)
    if rate > HEALTHY:
        return "healthy"
    if rate >= MONITOR:
        return "monitor"
    return "investigate" if rate >= INVESTIGATE else "now"
