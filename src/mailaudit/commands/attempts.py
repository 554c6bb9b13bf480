"""Delivery attempts in order, recipient by recipient: the waits between them, and the retry policy they show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mailaudit.commands.policies import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine

SECOND = 1_000_000
TRIES = ("delivered", "deferred", "soft_bounced", "hard_bounced", "bounced")
"""Events that are attempts, unless the line says that none was made."""

ATTEMPTS = """
select d.key, d.recipient, d.time_us, d.event
from deliveries d
join (
    select key, recipient_key from deliveries
    where event = 'deferred' and recipient is not null
    group by key, recipient_key
) again on again.key = d.key and again.recipient_key = d.recipient_key
where d.event in ('delivered', 'deferred', 'soft_bounced', 'hard_bounced', 'bounced') and coalesce(d.attempted, true)
order by d.key, d.recipient, d.time_us, d.source, d."offset"
"""
"""The attempts for every recipient that was put off at least once."""

WARNED = """
select (d.time_us - l.accepted_us) / 1000000.0
from deliveries d
join lives l on l.key = d.key
where d.event = 'notified' and d.notice = 'delay' and l.accepted_us is not null
"""

GAVE_UP = """
select (finished_us - accepted_us) / 1000000.0
from recipients
where outcome = 'expired' and accepted_us is not null and finished_us is not null
"""


@dataclass(frozen=True, slots=True)
class Tries:
    """The attempts for one recipient of one life."""

    key: int
    recipient: str
    times_us: tuple[int, ...]

    @property
    def waits(self) -> list[float]:
        """Seconds between each attempt and the next."""
        return [(later - earlier) / SECOND for earlier, later in pairwise(self.times_us)]


def attempts(engine: Engine) -> Iterator[Tries]:
    """The attempts of every recipient that was put off, with the times of all lines but each time once."""
    last: tuple[int, str] | None = None
    times: list[int] = []
    for key, recipient, time_us, _ in engine.rows(ATTEMPTS):
        if (key, recipient) != last:
            if last is not None:
                yield Tries(*last, tuple(times))
            last, times = (key, recipient), []
        times.append(time_us)
    if last is not None:
        yield Tries(*last, tuple(times))


def seen(engine: Engine) -> Seen:
    """What the log shows of the retry policy."""
    first_waits: list[float] = []
    intervals: list[float] = []
    for tries in attempts(engine):
        waits = tries.waits
        first_waits += waits[:1]
        intervals += waits[1:]
    warned = [seconds for (seconds,) in engine.rows(WARNED)]
    gave_up = [seconds for (seconds,) in engine.rows(GAVE_UP)]
    return Seen(first_waits, intervals, warned, gave_up)


def usual_longest(found: Seen) -> float | None:
    """The interval that nine of ten retries keep within; None if there are too few to say."""
    ordered = sorted(found.intervals)
    return ordered[int(len(ordered) * 0.9)] if len(ordered) >= FEWEST else None


FEWEST = 5
"""Intervals below which no usual one is stated."""
