"""The tables of `mailaudit retries`: the policy seen, greylisting, and each retried recipient's story."""

from __future__ import annotations

import statistics
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mailaudit.model.answers import Row, Table
from mailaudit.model.columns import Column
from mailaudit.model.times import SECOND, waited
from mailaudit.stories.policies import BULK, MINUTE, NORMAL, TOLERANCE, UNKNOWN
from mailaudit.stories.prospects import late

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from mailaudit.stories.policies import Policy, Seen

PHASE_SHARE = 0.6
"""Share of the retries that must fall into one minute of the cycle for a queue run to show."""
FEWEST_FOR_PHASE = 4
LONGEST_CYCLE = 120
WAITS_SHOWN = 12

RETRIES = (
    Column("queue_id", "text", "queue id of the message's first life"),
    Column("recipient", "text", "recipient"),
    Column("sender", "text", "envelope sender"),
    Column("outcome", "word", "how it ended, or stands"),
    Column("submitted_at", "time", "accepted, or first seen"),
    Column("attempts", "int", "attempts that were really made"),
    Column("deferrals", "int", "of these, failed for now"),
    Column("first_wait", "real", "seconds from the first attempt to the second"),
    Column("median_wait", "real", "median of the seconds between later attempts"),
    Column("elapsed", "real", "seconds from acceptance to the end; to the last attempt while open"),
    Column("warned_after", "real", "seconds until the sender was warned; null if no warning is in these logs"),
    Column("greylisted", "flag", "put off by greylisting"),
    Column("waits", "text", "all waits, from acceptance to the first attempt and on"),
    Column("deviations", "text", "where it departs from the policy"),
)
RETRIES_SHOWN = ("submitted_at", "queue_id", "recipient", "outcome", "attempts", "greylisted", "waits", "deviations")
POLICY = (
    Column("what", "word", "what a policy states"),
    Column("seen", "text", "what the logs show"),
    Column("cases", "big", "on how many cases that rests"),
    Column("normal", "word", "what the normal policy states"),
    Column("fits_normal", "word", "whether that is so: yes or no; null where there is nothing to compare"),
    Column("bulk", "word", "what the bulk policy states"),
    Column("fits_bulk", "word", "whether that is so"),
    Column("compared_with", "word", "what the policy asked for states"),
    Column("fits", "word", "whether that is so"),
)
GREYLISTING = (
    Column("outcome", "word", "what became of them"),
    Column("recipients", "big", "recipients put off by greylisting"),
    Column("median_wait", "real", "median seconds from the first such refusal to the end, or to the last attempt"),
    Column("total_wait", "real", "these seconds in all: what greylisting cost"),
)


def _waits(times_us: Sequence[int]) -> list[float]:
    """Seconds between moments that follow each other."""
    return [(later - earlier) / SECOND for earlier, later in pairwise(times_us)]


def retries_table(found: pl.DataFrame, policy: Policy, log_ends_us: int | None) -> Table:
    """One row per recipient."""
    rows = [_retries_row(one, policy, log_ends_us) for one in found.iter_rows(named=True)]
    unit = "recipients put off at least once"
    return Table("retries", "Mail that was tried again", unit, "acceptance", RETRIES, rows, shown=RETRIES_SHOWN)


def _retries_row(one: Mapping[str, Any], policy: Policy, log_ends_us: int | None) -> Row:
    times_us, accepted = one["times_us"] or [], one["accepted_us"]
    between = _waits(times_us)
    still_open = one["finished_us"] is None
    end_us = (log_ends_us or one["end_us"]) if still_open else one["finished_us"]
    warned_us = one["warned_us"]
    deviations = (
        []
        if accepted is None
        else late(policy, (end_us - accepted) / SECOND, warned=warned_us is not None, still_open=still_open)
    )
    waits = [waited(wait) for wait in ([] if accepted is None else _waits([accepted, *times_us[:1]])) + between]
    more = f", … {len(waits) - WAITS_SHOWN} more" if len(waits) > WAITS_SHOWN else ""
    return (
        one["queue_id"],
        one["recipient"],
        one["sender"],
        one["outcome"],
        one["submitted_us"],
        one["attempts"],
        one["deferrals"],
        between[0] if between else None,
        statistics.median(between[1:]) if between[1:] else None,
        None if accepted is None else (one["end_us"] - accepted) / SECOND,
        None if accepted is None or warned_us is None else (warned_us - accepted) / SECOND,
        one["greylisted_us"] is not None,
        ", ".join(waits[:WAITS_SHOWN]) + more,
        "; ".join(deviations) or None,
    )


def greylisting_table(found: pl.DataFrame) -> Table:
    """What became of recipients who were greylisted, and what the waiting cost."""
    costs: dict[str, list[float]] = {}
    for outcome, end_us, greylisted_us in found.select("outcome", "end_us", "greylisted_us").drop_nulls().iter_rows():
        costs.setdefault(outcome, []).append((end_us - greylisted_us) / SECOND)
    rows = [
        (outcome, len(waits), statistics.median(waits), sum(waits))
        for outcome, waits in sorted(costs.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    note = "Put off for a cause that is `greylisted`. Only what was delivered later is sure to have been that."
    unit = "recipients; waits: seconds"
    return Table("greylisting", "Greylisting", unit, "acceptance", GREYLISTING, rows, notes=(note,) if rows else ())


def policy_table(seen: Seen, policy: Policy, found: pl.DataFrame) -> Table:
    """The policy that the logs show, beside those it is compared with."""
    retry = statistics.median(seen.intervals) if seen.intervals else None
    warn = statistics.median(seen.warned) if seen.warned else None
    give_up = statistics.median(seen.gave_up) if seen.gave_up else None
    retries_us = found.get_column("times_us").list.slice(1).explode().drop_nulls()
    rows: list[Row] = [
        ("first retry after", _spread(seen.first_waits), len(seen.first_waits), *NOTHING),
        _compared("retry every", retry, seen.intervals, policy, "retry"),
        ("queue run", phase(retries_us, retry), len(retries_us), *NOTHING),
        _compared("warning after", warn, seen.warned, policy, "warn"),
        _compared("gives up after", give_up, seen.gave_up, policy, "give_up"),
    ]
    note = f"Compared with: {policy.name}." if policy.name != UNKNOWN.name else "No known policy shows in these logs."
    return Table("policy", "The retry policy", "cases", "each attempt or notice", POLICY, rows, notes=(note,))


NOTHING: Row = (None,) * 6
"""No policy states this."""


def _compared(what: str, middle: float | None, cases: Sequence[float], policy: Policy, name: str) -> Row:
    cells: list[str | None] = []
    for one in (NORMAL, BULK, policy):
        unknown = one.name == UNKNOWN.name
        cells += [None, None] if unknown else [_stated(getattr(one, name)), _fits(middle, getattr(one, name))]
    return (what, _spread(cases), len(cases), *cells)


def _fits(middle: float | None, stated: int | None) -> str | None:
    """Whether the median is about what is stated; what never happens must not have been seen."""
    if middle is None:
        return None
    return "yes" if stated is not None and abs(middle - stated) <= TOLERANCE * stated else "no"


def _stated(seconds: int | None) -> str:
    return "never" if seconds is None else waited(seconds)


def _spread(seconds: Sequence[float]) -> str | None:
    """`10 m 1 s (10 m 1 s to 10 m 39 s)`: the median and the extremes."""
    if not seconds:
        return None
    middle = waited(statistics.median(seconds))
    if len(seconds) == 1:
        return middle
    return f"{middle} ({waited(min(seconds))} to {waited(max(seconds))})"


def phase(retries_us: pl.Series, retry: float | None) -> str | None:
    """The minute of the cycle at which retries happen, where most of them fall into one."""
    cycle = round((retry or 0) / MINUTE)
    if not 1 < cycle <= LONGEST_CYCLE or len(retries_us) < FEWEST_FOR_PHASE:
        return None
    minutes = Counter((retries_us // (MINUTE * SECOND) % cycle).to_list())
    minute, count = minutes.most_common(1)[0]
    if count < PHASE_SHARE * len(retries_us):
        return None
    again = (minute + cycle) % 60
    return f"at minute {minute} of every {cycle} (:{minute:02d}, :{again:02d} …), {count} of {len(retries_us)} retries"
