"""The retry policy that shows in a log: the waits between the attempts of each recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure import retried
from mailaudit.model.times import SECOND
from mailaudit.stories.policies import Seen

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine
    from mailaudit.measure.retried import Tried

FEWEST = 5
"""Intervals below which no usual one is stated."""


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
    return Seen(first_waits, intervals, warned, retried.gave_up(engine))


def usual_longest(found: Seen) -> float | None:
    """The interval that nine of ten retries keep within; None if there are too few to say."""
    ordered = sorted(found.intervals)
    return ordered[int(len(ordered) * 0.9)] if len(ordered) >= FEWEST else None
