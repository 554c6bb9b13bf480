"""What the live view says of the last deliveries: rate, delay, state of mail flow, why mail is put off."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailaudit.advise.mail_flow import Limits, Result, judge, latest, median
from mailaudit.classify.templates import template
from mailaudit.model.times import MINUTE

if TYPE_CHECKING:
    from mailaudit.advise.mail_flow import Judgement

Row = dict[str, Any]
WINDOW = 25
"""Deliveries whose delay is looked at, and results that a state is judged by: Mailprotector's number."""
REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one moment."""

    per_minute: int
    """Deliveries in the minute before the latest line."""
    more: bool
    """There were more than are remembered."""
    delay: float | None
    """Median seconds of the last deliveries."""
    flow: Judgement
    latest: list[str]
    """What became of the last deliveries, newest first."""
    domains: list[tuple[str, Judgement]]
    """Mail flow by recipients' domain: where it is bad first, then by the number of results."""
    reasons: list[tuple[str, int]]
    """Why mail was put off, most frequent first."""


class Counted:
    """Counts rows as they come."""

    def __init__(self) -> None:
        self._results: deque[Result] = deque(maxlen=REMEMBERED)
        self._tried: deque[Result] = deque(maxlen=REMEMBERED)
        """Of these, what the state is judged by, as `health` does: real attempts to deliver users' mail."""
        self._number = 0

    def add(self, row: Row) -> None:
        """Adds a delivery line."""
        self._number += 1
        result = Result(
            row["time_us"],
            (0, 0, self._number),
            row["outcome"],
            row.get("recipient_domain"),
            reply=row.get("reply"),
            delay=row.get("delay"),
        )
        self._results.append(result)
        if row.get("tried", True) and row.get("sender") != "":
            self._tried.append(result)

    def figures(self) -> Figures:
        """The numbers now."""
        results, tried = list(self._results), list(self._tried)
        limits = Limits()
        newest = max((result.time_us for result in results), default=0)
        recent = [result for result in results if result.time_us > newest - MINUTE and result.good]
        delays = [result.delay for result in [r for r in results if r.good][-WINDOW:] if result.delay is not None]
        domains: dict[str, list[Result]] = {}
        for result in tried:
            domains.setdefault(result.subject or "", []).append(result)
        judged = [(name, judge(held, limits)) for name, held in domains.items() if name]
        reasons = Counter(template(result.reply) for result in results if result.event == "deferred" and result.reply)
        return Figures(
            len(recent),
            len(results) == REMEMBERED and results[0].time_us > newest - MINUTE,
            median(delays),
            judge(tried, limits),
            [result.event for result in reversed(latest(tried, WINDOW))],
            sorted(judged, key=lambda item: (item[1].state != "Bad", -len(domains[item[0]]), item[0])),
            reasons.most_common(3),
        )
