"""The same tables for an earlier range, side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.measure import calendar, tables
from mailaudit.model.columns import Column
from mailaudit.model.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.measure.choose import Options
    from mailaudit.measure.engine import Engine, Row, Value
    from mailaudit.model.answers import Table

BY_PLACE = frozenset(("month", "day"))
"""Tables whose first row is compared with the first row: no day occurs in two ranges."""

MEANS = frozenset(("mean_size",))
"""Whole numbers that are no counts: of no mail there is none."""

MIDNIGHT = dt.time()
Range = tuple[int, int]


def previous(engine: Engine, options: Options) -> Range | None:
    """Returns the range of equal length just before; None if the logs hold nothing of the range itself.

    Whole days are counted in days and whole months in months, whatever summer time or February do to their length.
    An end that the options leave open is that of the logs.
    """
    found = calendar.span(engine, options.since_us, options.until_us)
    if found is None:
        return None
    since = found[0] if options.since_us is None else options.since_us
    until = found[1] + 1 if options.until_us is None else options.until_us
    first, end = (moment(at, options.zone) for at in (since, until))
    if first.time() == end.time() == MIDNIGHT:
        if first.day == end.day == 1:
            months = (end.year - first.year) * 12 + end.month - first.month
            number = first.year * 12 + first.month - 1 - months
            day = dt.date(number // 12, number % 12 + 1, 1)
        else:
            day = first.date() - (end.date() - first.date())
        return micros(dt.datetime.combine(day, MIDNIGHT, options.zone)), since
    return since - (until - since), since


def week_earlier(since_us: int, until_us: int, zone: dt.tzinfo) -> Range:
    """Returns the same days and times of day a week before, in the zone, whatever summer time does to their length."""

    def earlier(at_us: int) -> int:
        at = moment(at_us, zone)
        return micros(dt.datetime.combine(at.date() - dt.timedelta(days=7), at.time(), zone))

    return earlier(since_us), earlier(until_us)


def compute(engine: Engine, names: Iterable[str], options: Options, before: Range) -> list[Table]:
    """Answers the named tables for the range and, beside each number, for the range before."""
    whole = replace(options, limit=None, short=None)
    earlier = replace(whole, since_us=before[0], until_us=before[1])
    names = tuple(names)
    answers = zip(tables.compute(engine, names, whole), tables.compute(engine, names, earlier), strict=True)
    return [_limited(side_by_side(now, then), options) for now, then in answers]


def side_by_side(now: Table, then: Table) -> Table:
    """Joins two answers of one table: after every number that of before, and the difference."""
    keys = [at for at, column in enumerate(now.columns) if column.type not in ("big", "real")]
    columns = [column for column in now.columns if column.type not in ("big", "real")]
    numbers = [at for at, column in enumerate(now.columns) if column.type in ("big", "real")]
    for at in numbers:
        column = now.columns[at]
        columns += [
            column,
            Column(f"{column.name}_before", column.type, f"{column.meaning}; in the range before"),
            Column(f"{column.name}_change", column.type, "difference"),
        ]
    counts = [(at, now.columns[at].type == "big" and now.columns[at].name not in MEANS) for at in numbers]
    rows = [_row(new, old, keys, counts) for new, old in _paired(now, then, keys)]
    return replace(now, columns=tuple(columns), rows=rows, total=len(rows))


def _paired(now: Table, then: Table, keys: Sequence[int]) -> list[tuple[Row | None, Row | None]]:
    if now.name in BY_PLACE:
        length = max(len(now.rows), len(then.rows))
        pad = [None] * length
        return list(zip([*now.rows, *pad][:length], [*then.rows, *pad][:length], strict=True))
    old = {tuple(row[at] for at in keys): row for row in then.rows}
    pairs: list[tuple[Row | None, Row | None]] = [
        (row, old.pop(tuple(row[at] for at in keys), None)) for row in now.rows
    ]
    return pairs + [(None, row) for row in old.values()]


def _row(new: Row | None, old: Row | None, keys: Sequence[int], numbers: Sequence[tuple[int, bool]]) -> Row:
    present = new if new is not None else old or ()
    row: list[Value] = [present[at] for at in keys]
    for at, counted in numbers:
        # What is not listed did not occur; a rate of nothing is none.
        nothing = 0 if counted else None
        value = new[at] if new is not None else nothing
        before = old[at] if old is not None else nothing
        row += [value, before, None if value is None or before is None else value - before]
    return tuple(row)


def _limited(answer: Table, options: Options) -> Table:
    limit = options.limit
    if limit is None and not answer.whole:
        limit = options.short
    return answer if limit is None else replace(answer, rows=answer.rows[:limit])
