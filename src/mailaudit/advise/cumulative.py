"""When an address is left alone: Bloomreach's cumulative bounce logic, on plain facts about addresses.

Three consecutive soft bounces within seven days, or five at any distance, suppress an address for seven days from the
last of them. One more soft bounce after that suppresses it for good; that is decided at the next sending attempt.
Consecutive means: no sign of life (delivered, opened, clicked) in between. A message counts once, however often it was
tried. What is certain counts at once: an address that does not exist, a complaint, a withdrawn subscription.

A send that would have been suppressed is taken as not sent: its soft bounces do not count. What it proved (the address
took it, or does not exist) is known nevertheless. See docs/decisions for what the original leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mailaudit.model.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["sent", "soft", "alive", "invalid", "complained", "unsubscribed", "resubscribed"]
State = Literal["invalid", "permanent", "complained", "unsubscribed", "due", "temporary", "watched"]

TEMPORARY = "Temporarily suppressed due to repeated soft bounces for this email address"
PERMANENT = "Permanently suppressed due to repeated soft bounces for this email address"
"""Bloomreach's own words."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The numbers of the rule."""

    few: int = 3
    """So many consecutive soft bounces …"""
    within_us: int = 7 * DAY
    """… of which the last is at most so long after the first suppress for a time,"""
    many: int = 5
    """and so many at any distance."""
    pause_us: int = 7 * DAY
    """How long, from the last soft bounce."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to mail for one address."""

    time_us: int
    place: tuple[int, ...]
    """Decides between facts of the same time."""
    address: str
    kind: Kind
    message: int
    reason: str | None = None
    category: str | None = None
    transactional: bool = False
    """Of a send: tried whatever is known of the address."""
    row: int = -1
    """Where it stands; -1: nowhere, as a send does."""

    @property
    def order(self) -> tuple[int, bool, tuple[int, ...]]:
        """By time; a send comes before its own result."""
        return self.time_us, self.kind != "sent", self.place


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an address is left alone (or, `watched`, why it will be soon)."""

    address: str
    state: State
    reason: str
    since_us: int
    until_us: int | None
    """End of a temporary suppression; None: for good, or not decided yet."""
    facts: tuple[Fact, ...]
    """The events that led to it."""
    alive_us: int | None
    """The latest sign of life after it began; None: none."""


@dataclass(frozen=True, slots=True)
class Spared:
    """A send that would not have been made."""

    sent: Fact
    state: State
    reason: str
    valid_until_us: int | None


@dataclass(slots=True)
class Address:
    """All that is known of one address, fact by fact."""

    rule: Rule
    run: list[Fact] = field(default_factory=list)
    """Consecutive soft bounces, one a message."""
    until_us: int | None = None
    """End of the temporary suppression that the run led to, even if it is over; None: it led to none."""
    began_us: int = 0
    due: bool = False
    """A soft bounce came after that end: the next attempt is the one that is suppressed for good."""
    counted: set[int] = field(default_factory=set)
    spared: set[int] = field(default_factory=set)
    certain: dict[State, Suppression] = field(default_factory=dict)
    alive_us: int | None = None

    def take(self, fact: Fact) -> Spared | None:
        """Takes the next fact; returns what a suppression would have spared."""
        match fact.kind:
            case "sent":
                return None if fact.transactional else self._attempt(fact)
            case "soft":
                self._soft(fact)
            case "alive":
                self.run, self.until_us, self.due = [], None, False
                self.alive_us = fact.time_us
            case "resubscribed":
                self.certain.pop("unsubscribed", None)
            case "invalid" | "complained" | "unsubscribed":
                self._certain(fact.kind, fact.reason or fact.kind, fact.time_us, (fact,))
        return None

    def _soft(self, fact: Fact) -> None:
        if fact.message in self.spared or fact.message in self.counted:
            return
        self.counted.add(fact.message)
        self.run.append(fact)
        rule = self.rule
        if self.until_us is None:
            close = len(self.run) >= rule.few and fact.time_us - self.run[-rule.few].time_us <= rule.within_us
            if close or len(self.run) >= rule.many:
                self.until_us, self.began_us = fact.time_us + rule.pause_us, fact.time_us
        elif fact.time_us < self.until_us:
            # Sent before the suppression began, failed during it: it is the last soft bounce now.
            self.until_us = fact.time_us + rule.pause_us
        else:
            self.due = True

    def _attempt(self, fact: Fact) -> Spared | None:
        if self.due:
            self._certain("permanent", PERMANENT, fact.time_us, tuple(self.run))
        for state in ("invalid", "permanent", "complained", "unsubscribed"):
            known = self.certain.get(state)
            if known is not None:
                self.spared.add(fact.message)
                return Spared(fact, state, known.reason, None)
        if self.until_us is not None and fact.time_us < self.until_us:
            self.spared.add(fact.message)
            return Spared(fact, "temporary", TEMPORARY, self.until_us)
        return None

    def _certain(self, state: State, reason: str, since_us: int, facts: tuple[Fact, ...]) -> None:
        self.certain.setdefault(state, Suppression(facts[0].address, state, reason, since_us, None, facts, None))

    def standing(self, as_of_us: int) -> Iterator[Suppression]:
        """Yields what holds for the address at a moment, all facts up to it taken; the strongest first."""
        for state in ("invalid", "permanent", "complained", "unsubscribed"):
            known = self.certain.get(state)
            if known is not None:
                since = known.since_us
                alive = self.alive_us if self.alive_us is not None and self.alive_us > since else None
                yield Suppression(known.address, state, known.reason, since, None, known.facts, alive)
        if not self.run or "permanent" in self.certain:
            return
        address, facts = self.run[0].address, tuple(self.run)
        if self.due:
            last = facts[-1].time_us
            yield Suppression(address, "due", f"{PERMANENT} (at the next attempt)", last, None, facts, None)
        elif self.until_us is not None and as_of_us < self.until_us:
            yield Suppression(address, "temporary", TEMPORARY, self.began_us, self.until_us, facts, None)
        else:
            yield Suppression(address, "watched", self._watched(), facts[0].time_us, None, facts, None)

    def _watched(self) -> str:
        if self.until_us is not None:
            return "the suppression is over; one more soft bounce makes it permanent"
        return f"{len(self.run)} consecutive soft bounces"


def simulate(facts: Iterable[Fact], rule: Rule, as_of_us: int) -> tuple[list[list[Suppression]], list[Spared]]:
    """What holds for each address at a moment, and the sends up to it that would have been spared."""
    known: dict[str, Address] = {}
    spared = []
    for fact in sorted((fact for fact in facts if fact.time_us <= as_of_us), key=lambda fact: fact.order):
        saved = known.setdefault(fact.address, Address(rule)).take(fact)
        if saved is not None:
            spared.append(saved)
    standing = [list(address.standing(as_of_us)) for _, address in sorted(known.items())]
    return [held for held in standing if held], spared
