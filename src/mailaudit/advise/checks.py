"""What a rate cannot see: a flow that fell silent, and one that got worse than it used to be."""

from __future__ import annotations

from dataclasses import dataclass

from mailaudit.model.intervals import wilson
from mailaudit.model.times import SECOND, waited

FEWEST = 50
"""Results below which nothing is said of a silence."""
FEWEST_DAYS = 7
"""Days with results below which a silence may be a weekend, or the end of a mailing."""
FEWEST_EARLIER = 100
"""Earlier results that a change needs to be measured against."""
FEWEST_RECENT = 25
"""Results of the last 24 hours that a change needs."""
LONGER = 2
"""Times the longest earlier silence that a silence must be to be told."""


@dataclass(frozen=True, slots=True)
class History:
    """The results of one flow over all that is read; times in µs."""

    results: int
    first_us: int
    last_us: int
    days: int
    """Days (of UTC) with results."""
    longest_gap_us: int
    """The longest time between two results that follow each other."""
    recent: int
    """Results of the last 24 hours."""
    recent_good: int
    earlier: int
    earlier_good: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check noticed, with the numbers behind it."""

    check: str
    text: str
    value: float
    limit: float
    samples: int


def inactivity(history: History, at_us: int, limit_us: int | None = None) -> Finding | None:
    """A silence longer than `limit_us`; without a limit, one more than twice as long as any before it."""
    silence = at_us - history.last_us
    if limit_us is not None:
        allowed = limit_us
    elif history.results < FEWEST or history.days < FEWEST_DAYS:
        return None
    else:
        allowed = LONGER * history.longest_gap_us
    if silence <= allowed:
        return None
    longest = waited(history.longest_gap_us // SECOND, 2)
    before = f"longest silence before: {longest}" if history.results > 1 else "one result before"
    text = f"no result for {waited(silence // SECOND, 2)} ({before}, {history.results} results on {history.days} days)"
    return Finding("inactivity", text, silence / SECOND, allowed / SECOND, history.results)


def change(history: History) -> Finding | None:
    """A success rate of the last 24 hours that is surely below the one before: the 95 % intervals do not meet."""
    if history.recent < FEWEST_RECENT or history.earlier < FEWEST_EARLIER:
        return None
    now, before = wilson(history.recent_good, history.recent), wilson(history.earlier_good, history.earlier)
    if now is None or before is None or not now.below(before):
        return None
    share, usual = history.recent_good / history.recent, history.earlier_good / history.earlier
    text = (
        f"success fell from {usual:.2%} ({before.low:.1%} to {before.high:.1%}, {history.earlier} results) to "
        f"{share:.2%} ({now.low:.1%} to {now.high:.1%}, {history.recent} results in 24 h)"
    )
    return Finding("change", text, share, before.low, history.recent)
