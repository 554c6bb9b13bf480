"""Delivery attempts in order, recipient by recipient: the waits between them, and the retry policy they show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mailaudit.commands.policies import Seen
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled
from mailaudit.model.times import SECOND
from mailaudit.model.vocabulary import TRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.engine import Engine


ATTEMPTS = f"""
select d.key, d.recipient_key, d.time_us
from deliveries d
join (
    select key, recipient_key from deliveries
    where event = 'deferred' and recipient_key is not null
    group by key, recipient_key
) again on again.key = d.key and again.recipient_key = d.recipient_key
where d.event in {TRIES!r} and coalesce(d.attempted, true)
order by d.key, d.recipient_key, d.time_us
"""
"""The attempts for every recipient that was put off at least once."""

WARNED = """
select (d.time_us - l.accepted_us) / 1000000.0
from deliveries d
join lives l on l.key = d.key
where d.event = 'notified' and d.notice = 'delay' and l.accepted_us is not null
"""

GAVE_UP = """
select (s.finished_us - l.accepted_us) / 1000000.0
from settled s
join lives l on l.key = s.root
where s.fate = {expired} and l.accepted_us is not null and s.finished_us is not null
"""


@dataclass(frozen=True, slots=True)
class Tries:
    """The attempts for one recipient of one life."""

    key: int
    recipient_key: int
    times_us: tuple[int, ...]

    @property
    def waits(self) -> list[float]:
        """Seconds between each attempt and the next."""
        return [(later - earlier) / SECOND for earlier, later in pairwise(self.times_us)]


def attempts(engine: Engine) -> Iterator[Tries]:
    """The attempts of every recipient that was put off, with the times of all lines but each time once."""
    last: tuple[int, int] | None = None
    times: list[int] = []
    for key, recipient_key, time_us in engine.rows(ATTEMPTS):
        if (key, recipient_key) != last:
            if last is not None:
                yield Tries(*last, tuple(times))
            last, times = (key, recipient_key), []
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
    gave_up = [seconds for (seconds,) in engine.rows(filled(GAVE_UP, **FATES))]
    return Seen(first_waits, intervals, warned, gave_up)


def usual_longest(found: Seen) -> float | None:
    """The interval that nine of ten retries keep within; None if there are too few to say."""
    ordered = sorted(found.intervals)
    return ordered[int(len(ordered) * 0.9)] if len(ordered) >= FEWEST else None


FEWEST = 5
"""Intervals below which no usual one is stated."""
