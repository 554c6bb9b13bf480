"""Sendings, one after the other: whether a rate that was to be watched has improved after three more."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mailaudit.advise.bands import band

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.advise.bands import Band

AFTER = 3
"""Sendings that a watched rate has to improve in."""
FEWEST = 100
"""Recipients that reached an end, below which a sending is no evidence."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One campaign (or tag, or sender) on one day, and what became of it."""

    name: str
    series: str
    """Sendings of one series are compared with each other: those of one sender, or of one domain's campaigns."""
    day: str
    first_us: int
    last_us: int
    recipients: int
    delivered: int
    soft: int
    hard: int
    complained: int

    @property
    def ended(self) -> int:
        """Recipients that reached an end."""
        return self.delivered + self.soft + self.hard

    @property
    def band(self) -> Band | None:
        """The band of its delivery rate."""
        return band(self.delivered, self.ended)

    @property
    def rate(self) -> Fraction:
        """Its delivery rate; 0 if nothing has reached an end."""
        return Fraction(self.delivered, self.ended) if self.ended else Fraction(0)


def unimproved(sendings: Iterable[Sending]) -> dict[Sending, tuple[Sending, ...]]:
    """The sendings by which a watched rate should have improved and has not, each with the four that show it.

    The first of the four is to be watched (98 to 99 %), and none of the three after it is healthy or better than it.
    """
    series: dict[str, list[Sending]] = {}
    for sending in sorted(sendings, key=lambda one: (one.first_us, one.name)):
        if sending.ended >= FEWEST:
            series.setdefault(sending.series, []).append(sending)
    return {one: four for held in series.values() for one, four in _of_series(held)}


def _of_series(held: Sequence[Sending]) -> Iterable[tuple[Sending, tuple[Sending, ...]]]:
    for place in range(AFTER, len(held)):
        first, *later = held[place - AFTER : place + 1]
        if first.band == "monitor" and all(one.band != "healthy" and one.rate <= first.rate for one in later):
            yield held[place], (first, *later)
