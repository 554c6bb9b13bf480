"""Senders that leave their own history: a stolen account sends more, to more people, from more places.

An account is compared with nobody but itself. Its history are the earlier periods (days, or hours of a short log) in
which it sent anything, without those that were outliers themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mailaudit.advise.mail_flow import median
from mailaudit.model.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Measure = Literal["messages", "recipients", "networks", "failure_rate"]

FEWEST = 5
"""Earlier periods with mail below which there is no history to leave."""
LARGER = 2
"""Times the largest earlier value that a count must exceed."""
LEAST = {"messages": 20, "recipients": 50, "networks": 5}
"""Counts below these are nobody's trouble."""
FEWEST_ENDED = 20
"""Recipients that reached an end, below which a failure rate says nothing."""
LEAST_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Period:
    """What one account sent in one day or hour."""

    account: str
    kind: str
    """sasl_user or sender."""
    begin_us: int
    end_us: int
    messages: int
    recipients: int
    failed: int
    """Recipients for whom mail failed for good."""
    ended: int
    """Recipients that reached an end."""
    networks: int
    """Networks of clients (/24, or /48 of IPv6) that handed mail in."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A period in which an account left its history in one measure."""

    period: Period
    measure: Measure
    value: float
    usual: float
    """The median before."""
    most: float
    """The largest before; of a rate, what it was at most with 95 % certainty."""
    history: int
    """Earlier periods it is compared with."""


def outliers(periods: Iterable[Period]) -> list[Outlier]:
    """The outliers of all accounts, in order of time; of each account the periods come in order of time."""
    held: dict[tuple[str, str], list[Period]] = {}
    for period in periods:
        held.setdefault((period.kind, period.account), []).append(period)
    found = [outlier for one in held.values() for outlier in _of_one(one)]
    return sorted(found, key=lambda outlier: (outlier.period.begin_us, outlier.period.account, outlier.measure))


def _of_one(periods: Sequence[Period]) -> Iterable[Outlier]:
    history: list[Period] = []
    for period in periods:
        odd = [] if len(history) < FEWEST else [*_counts(period, history), *_failures(period, history)]
        if not odd:
            history.append(period)
        yield from odd


def _counts(period: Period, history: Sequence[Period]) -> Iterable[Outlier]:
    measures: tuple[Measure, ...] = ("messages", "recipients", "networks")
    for measure in measures:
        value = getattr(period, measure)
        before = [getattr(earlier, measure) for earlier in history]
        if value >= LEAST[measure] and value > LARGER * max(before):
            yield Outlier(period, measure, value, median(before) or 0, max(before), len(history))


def _failures(period: Period, history: Sequence[Period]) -> Iterable[Outlier]:
    ended = sum(earlier.ended for earlier in history)
    now, before = wilson(period.failed, period.ended), wilson(sum(earlier.failed for earlier in history), ended)
    if now is None or before is None or min(period.ended, ended) < FEWEST_ENDED:
        return
    rate = period.failed / period.ended
    if rate >= LEAST_RATE and before.below(now):
        usual = median([earlier.failed / earlier.ended for earlier in history if earlier.ended]) or 0
        yield Outlier(period, "failure_rate", rate, usual, before.high, len(history))
