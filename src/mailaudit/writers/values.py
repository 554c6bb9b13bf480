"""How one value looks: for programs (UTC, `Z`, seconds, bytes) and for people (the report's zone)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.advise.bands import rounded
from mailaudit.model.nested import Nested
from mailaudit.model.times import moment, utc, waited

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from mailaudit.model.answers import Value
    from mailaudit.model.columns import Column

RATES = ("_rate", "_low", "_high")
SHARES = {"rate", "share", "coverage", "low", "high", "relative", "rate_before", "rate_change"}
"""Columns of parts of a whole: 0 to 1 for programs, per cent for people."""
DURATIONS = {
    "wait",
    "first_wait",
    "median_wait",
    "total_wait",
    "elapsed",
    "warned_after",
    "age",
    "median_age",
    "delivery_delay",
}
"""Columns of seconds that people read as `10 m 1 s`."""


def local(time_us: int, zone: dt.tzinfo) -> str:
    """The moment in the zone, to the second: `2026-05-31 06:26:22`."""
    return moment(time_us, zone).strftime("%Y-%m-%d %H:%M:%S")


def for_programs(column: Column) -> Callable[[Value], Value]:
    """What turns a value of this column into what machine formats hold."""
    if column.type == "time":
        return lambda value: None if value is None else utc(_whole(value))
    if column.type == "real":
        # Sums of decimal fractions carry noise (0.30000000000000004); logs have no more than six digits.
        return lambda value: None if value is None else round(_number(value), 6)
    if column.type == "text":
        return lambda value: value.value if isinstance(value, Nested) else value
    return lambda value: value


def for_people(column: Column, zone: dt.tzinfo) -> Callable[[Value], str]:
    """What turns a value of this column into text for a table; nothing known is an empty cell, nobody is `<>`."""
    if column.type == "time":
        return lambda value: "" if value is None else local(_whole(value), zone)
    if column.name in DURATIONS and is_number(column):
        return lambda value: "" if value is None else waited(_number(value))
    if column.type == "real" and (column.name in SHARES or column.name.endswith(RATES)):
        return lambda value: "" if value is None else f"{rounded(100 * _number(value))}%"
    if column.type == "real":
        return lambda value: "" if value is None else f"{_number(value):.2f}"
    if column.type == "flag":
        return lambda value: "" if value is None else ("yes" if value else "no")
    nobody = "<>" if column.name == "sender" else ""
    return lambda value: "" if value is None else _text(value) or nobody


def _number(value: Value) -> float:
    assert isinstance(value, int | float), value  # noqa: S101 (columns declare what they hold)
    return value


def _whole(value: Value) -> int:
    assert isinstance(value, int), value  # noqa: S101 (see above)
    return value


def _text(value: Value) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={field}" for name, field in value.items())
    return str(value)


def is_number(column: Column) -> bool:
    """True for columns that are aligned to the right."""
    return column.type in {"int", "big", "real"}
