"""Delivery attempts in order, recipient by recipient: the waits between them, and the retry policy they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled
from mailaudit.model.times import SECOND
from mailaudit.model.vocabulary import TRIES
from mailaudit.stories.policies import Seen

if TYPE_CHECKING:
    import polars as pl

    from mailaudit.measure.engine import Engine


ATTEMPTS = f"""
select t.root, t.key, t.recipient_key, t.time_us, c."row" is not null as greylisted
from story t
left join (select "row" from causes where category = 'greylisted') c on c."row" = t."row" and t.event = 'deferred'
where (t.tried = 1 or t.stands = 0) and t.event in {TRIES!r} and exists (
    select 1 from settled s where s.root = t.root and s.recipient_key = t.recipient_key and s.deferrals > 0
)
order by t.time_us, t."row"
"""
"""The attempts for every recipient that was put off at least once; a line that hands the mail on is one, too."""

WARNED = """
select l.root, d.time_us, l.accepted_us
from deliveries d
join lives l on l.key = d.key
where d.event = 'notified' and d.notice = 'delay'
"""

GAVE_UP = """
select (s.finished_us - l.accepted_us) / 1000000.0
from settled s
join life l on l.key = s.root
where s.fate = {expired} and l.accepted_us is not null and s.finished_us is not null
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the logs tell of mail that was put off."""

    attempts: pl.DataFrame
    """Each attempt for a recipient that was put off at least once, in order of time: `root`, `key`, `recipient_key`,
    `time_us`, and whether it was put off by greylisting, `greylisted`."""
    warnings: list[tuple[int, int, int | None]]
    """Of each notice of a delay: the message, when it was written, and when the mail was accepted."""


def tried(engine: Engine) -> Tried:
    """The attempts of every recipient that was put off, and the warnings."""
    causes(engine)
    return Tried(engine.frame(ATTEMPTS), engine.rows(WARNED))


def seen(engine: Engine, told: Tried) -> Seen:
    """What the log shows of the retry policy."""
    import polars as pl  # noqa: PLC0415 (loaded long before)

    of_one = ("key", "recipient_key")
    waits = told.attempts.select(
        place=pl.int_range(pl.len()).over(of_one), wait=pl.col("time_us").diff().over(of_one) / SECOND
    )
    first_waits = waits.filter(pl.col("place") == 1).get_column("wait").to_list()
    intervals = waits.filter(pl.col("place") > 1).get_column("wait").to_list()
    warned = [(time_us - accepted_us) / SECOND for _, time_us, accepted_us in told.warnings if accepted_us is not None]
    gave_up = [seconds for (seconds,) in engine.rows(filled(GAVE_UP, **FATES))]
    return Seen(first_waits, intervals, warned, gave_up)


def usual_longest(found: Seen) -> float | None:
    """The interval that nine of ten retries keep within; None if there are too few to say."""
    ordered = sorted(found.intervals)
    return ordered[int(len(ordered) * 0.9)] if len(ordered) >= FEWEST else None


FEWEST = 5
"""Intervals below which no usual one is stated."""
