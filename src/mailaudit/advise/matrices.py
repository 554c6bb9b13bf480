"""Bloomreach's matrices: what a higher rate of soft or hard bounces at one or several providers calls for.

The original says nothing of soft bounces at several providers at exactly 2 %, of hard bounces between 1 and 1.5 % at
one, and of how many messages make a rate; docs/decisions has what holds here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Id = Literal["SA", "SB", "SC", "HA", "HB", "HC"]

AFFECTED = Fraction(1, 200)
"""A provider is affected from 0.5 % on."""
SOFT_HIGH = Fraction(1, 50)
HARD_WATCH, HARD_HIGH = Fraction(1, 100), Fraction(3, 200)
FEWEST = 100
"""Recipients that reached an end, below which a provider has no rate."""

SUMMARY = "summarise codes and texts of the last 48 hours (table messages) for your deliverability specialist"
SPIKES = "Look for spikes of the daily volume (table spikes): steady mail to people who read it repairs reputation."
ACTIONS: dict[Id, str] = {
    "SA": "Throttle this provider: stretch its sending to 240 minutes for the next 2 sendings, then look again. If its "
    f"soft bounces are not below 0.5 % by then, {SUMMARY}. {SPIKES}",
    "SB": "Throttle all sending: stretch it to 240 minutes for the next 2 sendings, and look again after the first. If "
    f"soft bounces are not below 0.5 % by then, {SUMMARY}. {SPIKES}",
    "SC": f"Do not wait: {SUMMARY}.",
    "HA": "Watch the next sending day. New addresses are often the cause: validate them. If hard bounces do not fall "
    f"below 0.5 %, {SUMMARY}.",
    "HB": f"Do not wait: {SUMMARY}.",
    "HC": f"The reputation of your domain or IP is at risk: {SUMMARY}.",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """What became of the mail to one provider in the period; recipients that reached an end."""

    name: str
    delivered: int
    soft: int
    hard: int

    @property
    def ended(self) -> int:
        """Recipients that reached an end."""
        return self.delivered + self.soft + self.hard

    def rate(self, kind: Literal["soft", "hard"]) -> Fraction:
        """The share of soft or hard bounces."""
        return Fraction(self.soft if kind == "soft" else self.hard, self.ended) if self.ended else Fraction(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One cell of the matrices that applies."""

    id: Id
    kind: Literal["soft", "hard"]
    providers: tuple[Provider, ...]
    """Those affected, the worst first."""
    action: str
    note: str | None = None
    """What the original leaves open."""


def findings(providers: Sequence[Provider]) -> list[Finding]:
    """The cells that apply: at most one for soft and one for hard bounces."""
    known = [provider for provider in providers if provider.ended >= FEWEST]
    return [found for found in (_soft(known), _hard(known)) if found is not None]


def _affected(providers: Sequence[Provider], kind: Literal["soft", "hard"]) -> list[Provider]:
    found = [provider for provider in providers if provider.rate(kind) >= AFFECTED]
    return sorted(found, key=lambda provider: (-provider.rate(kind), provider.name))


def _soft(providers: Sequence[Provider]) -> Finding | None:
    affected = tuple(_affected(providers, "soft"))
    if not affected:
        return None
    worst, note = affected[0].rate("soft"), None
    if worst > SOFT_HIGH:
        name: Id = "SC"
    elif len(affected) == 1:
        name = "SA"
    elif worst == SOFT_HIGH:
        name, note = "SC", "several providers, the worst at exactly 2 %: taken as above it"
    else:
        name = "SB"
    return Finding(name, "soft", affected, ACTIONS[name], note)


def _hard(providers: Sequence[Provider]) -> Finding | None:
    affected = tuple(_affected(providers, "hard"))
    if not affected:
        return None
    worst, note = affected[0].rate("hard"), None
    if len(affected) > 1:
        name: Id = "HC"
        if any(provider.rate("hard") == AFFECTED for provider in affected):
            note = "a provider at exactly 0.5 % is taken as affected"
    elif worst <= HARD_WATCH:
        name = "HA"
    else:
        name = "HB"
        if worst <= HARD_HIGH:
            note = "between 1 and 1.5 % at one provider: taken as above 1.5 %"
    return Finding(name, "hard", affected, ACTIONS[name], note)
