"""Mailprotector's rule: mail flows well if the last 25 results were delivered at 90 % or better.

Its second sentence, "3 failures of 25 are Bad", follows from the first at those numbers (23 successes are needed), and
is no rule of its own: with another threshold another number of failures is allowed. Who reads it as one sets
`max_failures`.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from mailaudit.model.intervals import Interval, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

State = Literal["Good", "Warning", "Bad", "Unknown"]
WORSE: tuple[State, ...] = ("Good", "Unknown", "Warning", "Bad")
"""The states, the worst one last."""
CODES: dict[State, int] = {"Good": 0, "Warning": 1, "Bad": 2, "Unknown": 3}
"""The states as exit codes, which are those of Nagios."""
SUCCESS = "delivered"


@dataclass(frozen=True, slots=True)
class Limits:
    """When mail flow is bad."""

    window: int = 25
    """Results looked at: the latest ones."""
    threshold: Fraction = Fraction(90)
    """Per cent of them that must be successes."""
    warning: Fraction | None = None
    """Per cent below which a good flow is told as a warning; None: never."""
    max_failures: int | None = None
    """Failures in the window above which it is bad whatever their share; None: only the share counts."""

    @property
    def allowed(self) -> int:
        """How many failures a full window may have."""
        by_share = int(self.window * (100 - self.threshold) // 100)
        return by_share if self.max_failures is None else min(by_share, self.max_failures)


@dataclass(frozen=True, slots=True)
class Result:
    """How one attempt (or one message to one recipient) went."""

    time_us: int
    place: tuple[int, int, int]
    """Source, offset and row: decides between results of the same time."""
    event: str
    subject: str | None
    """What is judged by: a domain, a relay, a provider."""
    queue_id: str | None = None
    sender: str | None = None
    recipient: str | None = None
    relay_host: str | None = None
    smtp_code: int | None = None
    enhanced_status: str | None = None
    reply: str | None = None
    delay: float | None = None
    """Seconds since the message arrived."""
    message: int | None = None
    """The message's key, where it is known."""

    @property
    def good(self) -> bool:
        """True for a delivery."""
        return self.event == SUCCESS

    @property
    def order(self) -> tuple[int, tuple[int, int, int]]:
        """When it was completed; then its place in the inputs."""
        return self.time_us, self.place


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state of a flow, with the numbers that make it."""

    state: State
    provisional: bool
    """True while there are fewer results than the window holds, and the others may still make another state of it."""
    results: int
    failures: int
    deferred: int
    """Of the failures, those that will be tried again."""
    limits: Limits
    interval: Interval | None
    delay: float | None
    """Median seconds from arrival to delivery, of the window's successes."""
    last: Result | None
    failed_messages: int = 0
    """Different messages among the failures."""

    @property
    def successes(self) -> int:
        """Results that were deliveries."""
        return self.results - self.failures

    @property
    def rate(self) -> float | None:
        """Share of successes."""
        return self.successes / self.results if self.results else None

    @property
    def intermittent(self) -> bool:
        """True if the flow is bad and yet the latest mail went through."""
        return self.state == "Bad" and self.last is not None and self.last.good


def latest(results: Iterable[Result], count: int) -> list[Result]:
    """The latest results in the order in which they were completed."""
    return sorted(results, key=lambda result: result.order)[-count:]


def judge(results: Sequence[Result], limits: Limits) -> Judgement:
    """Judges the latest of the results (all given in order of completion)."""
    window = results[-limits.window :]
    failures = [result for result in window if not result.good]
    delays = [result.delay for result in window if result.good and result.delay is not None]
    state = _state(len(window), len(failures), limits)
    return Judgement(
        state=state,
        provisional=0 < len(window) < limits.window and state != "Bad",
        results=len(window),
        failures=len(failures),
        deferred=sum(result.event == "deferred" for result in failures),
        limits=limits,
        interval=wilson(len(window) - len(failures), len(window)),
        delay=median(delays),
        last=window[-1] if window else None,
        failed_messages=len({result.message for result in failures}),
    )


def _state(results: int, failures: int, limits: Limits) -> State:
    """Bad once the failures are more than a full window may have: later successes could not make it good any more."""
    if not results:
        return "Unknown"
    if failures > limits.allowed:
        return "Bad"
    # Few results prove a warning as little as they prove anything else.
    if limits.warning is not None and failures * 100 > limits.window * (100 - limits.warning):
        return "Warning"
    return "Good"


def median(numbers: Sequence[float]) -> float | None:
    """The median; None of no numbers."""
    return statistics.median(numbers) if numbers else None


def worst(states: Iterable[State]) -> State:
    """The worst of the states; Unknown if there are none."""
    return max(states, key=WORSE.index, default="Unknown")
