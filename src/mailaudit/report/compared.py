"""How much mail there was and what became of it, in counts and rates, beside the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.advise import bands
from mailaudit.advise.bands import band
from mailaudit.model.answers import Table
from mailaudit.model.columns import Column
from mailaudit.model.intervals import wilson
from mailaudit.model.times import DAY
from mailaudit.report.chance import counts_differ, rates_differ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.volume import Volume
    from mailaudit.report.facts import Facts

    Row = tuple[object, ...]

INTERVAL = (
    Column("low", "real", "lower end of the rate's 95 % interval (Wilson)"),
    Column("high", "real", "upper end of it"),
    bands.COLUMN,
)
"""What stands beside a rate."""
CHANGE = Column("change", "word", "more, less, or no where chance may make the difference; null: not tested")
TOLD = "Called a change only where the 99 % interval leaves out chance; of counts, from a tenth on."
_ALL_TIMES = "received: acceptance; what became of it: when that was; still open: at the end of the period"
COMPARED: tuple[tuple[str, str], ...] = (
    ("messages", "messages"),
    ("recipients", "recipients"),
    ("bytes", "bytes"),
    ("delivered", "recipients"),
    ("bounced", "recipients"),
    ("expired", "recipients"),
    ("suppressed", "recipients"),
    ("rejected", "recipients"),
    ("discarded", "recipients"),
    ("deleted", "recipients"),
    ("unknown", "recipients"),
    ("waiting", "recipients"),
    ("pending", "recipients"),
    ("held", "recipients"),
    ("deferrals", "attempts"),
    ("refused", "refusals"),
)
NAMES = {"unknown": "ended, unknown how", "waiting": "still waiting", "refused": "refused at the door"}


def volume(facts: Facts) -> Table:
    """How much mail, what became of it, and how that compares with the period before."""
    columns = (
        Column("name", "word", "what is counted"),
        Column("unit", "word", "what is one of it"),
        Column("now", "big", "in the period"),
        Column("before", "big", "in the period before; null if the logs do not hold it"),
        Column("difference", "big", "now less before"),
        Column("relative", "real", "difference as part of before"),
        CHANGE,
    )
    rows = list(_counts(facts.now, facts.before, facts.lengths))
    notes = (facts.why_not_compared,) if facts.before is None else (TOLD, *_by_the_day(*facts.lengths))
    shown = (
        ("name", "now", "unit")
        if facts.before is None
        else ("name", "now", "before", "difference", "relative", "change")
    )
    return Table(
        "volume",
        "Volume",
        "as each line says",
        _ALL_TIMES,
        columns,
        rows,
        shown,
        tuple(filter(None, notes)),
        whole=True,
    )


def _by_the_day(length: int, before: int) -> tuple[str, ...]:
    """A sentence, where the two periods are not equally long; summer time makes no difference."""
    days, days_before = round(length / DAY), round(before / DAY)
    if days == days_before:
        return ()
    return (f"The periods are of {days} and {days_before} days: a change is one of what there was a day.",)


def _counts(now: Volume, before: Volume | None, lengths: tuple[int, int]) -> Iterator[Row]:
    for name, unit in COMPARED:
        value, old = getattr(now, name), None if before is None else getattr(before, name)
        if name == "bytes" and now.messages and not value and not old:
            continue  # nobody told sizes: that is not mail of 0 bytes
        # Bytes are no independent events, and what waits at one moment is none of a period's.
        tested = name not in ("bytes", "waiting", "pending", "held")
        verdict = difference = relative = None
        if old is not None:
            difference, relative = value - old, (value - old) / old if old else None
            if tested:
                verdict = _direction(difference) if counts_differ(value, old, *lengths) else "no"
        yield (NAMES.get(name, name), unit, value, old, difference, relative, verdict)


RATES = (
    ("delivered", "delivered", "ended"),
    ("bounced", "bounced", "ended"),
    ("put off at least once", "delayed", "recipients"),
)


def rates(facts: Facts) -> Table:
    """Rates with their intervals, the band of the delivery rate, and the rates of the period before."""
    now, before = facts.now, facts.before
    rows: list[Row] = []
    for name, part_name, whole_name in RATES:
        part, whole = getattr(now, part_name), getattr(now, whole_name)
        if whole_name == "ended" and not facts.rated:
            continue
        rate = part / whole if whole else None
        old = difference = verdict = None
        if before is not None and getattr(before, whole_name):
            old_part, old_whole = getattr(before, part_name), getattr(before, whole_name)
            old = old_part / old_whole
            if rate is not None:
                difference = rate - old
                verdict = _direction(difference) if rates_differ(part, whole, old_part, old_whole) else "no"
        word = band(part, whole) if name == "delivered" else None
        rows.append((name, part, whole, rate, *(wilson(part, whole) or (None, None)), word, old, difference, verdict))
    columns = (
        Column("name", "word", "which rate"),
        Column("part", "big", "recipients"),
        Column("whole", "big", "of so many: that reached an end (delivered, bounced, expired); put off: of all"),
        Column("rate", "real", "part of the whole"),
        *INTERVAL,
        Column("rate_before", "real", "in the period before; null if the logs do not hold it"),
        Column("rate_change", "real", "rate less rate_before"),
        CHANGE,
    )
    shown = ("name", "part", "whole", "rate", "low", "high", "band")
    if before is not None:
        shown = ("name", "part", "whole", "rate", "band", "rate_before", "change")
    time = "delivered, bounced: when it was settled; put off: acceptance"
    return Table("rates", "Rates", "recipients", time, columns, rows, shown, (bands.TOLD,), level_column="band")


def _direction(difference: float) -> str:
    return "more" if difference > 0 else "less"
