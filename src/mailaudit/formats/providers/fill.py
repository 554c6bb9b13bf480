"""Records of one shape become rows: a column for each field, filled for the whole batch at once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from mailaudit.formats.providers import texts, times
from mailaudit.formats.providers.redact import redacted
from mailaudit.formats.providers.shape import FIELDS, OTHER, listed
from mailaudit.read.secrets import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from mailaudit.formats.providers.shape import Field, Shape

_FLAGS = ("late", "machine", "cumulative", "invented")
_TEXTS = tuple(name for name in FIELDS if name not in {"time", "tags", "vars", "valid_until", *_FLAGS})
"""What is text until `texts.cleaned` gives it its type."""
_LONGEST = 64
"""Characters of an event's name that is counted by."""
_RAW = 4096
_ERRORS = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError)
DECIDING = ("event", "raw_event", "recipient", "time")
"""What happened to whom and when: a record that does not tell it is not understood. Any other field may be left out."""


@dataclass(slots=True)
class Filled:
    """The rows of some records of one shape."""

    rows: pl.DataFrame
    """Columns `no` and the fields of a shape, typed and cleaned."""
    told: Counter[str]
    """Records that became rows, by the provider's word for the event."""
    silent: dict[int, str]
    """By number: records that say nothing of a message, and what they are."""
    failed: dict[int, str]
    """By number: records that could not be read, and why."""
    unknown: dict[str, list[int]]
    """Events that are not known: the numbers of their records."""
    left_out: dict[str, list[int]]
    """Fields whose values are not as documented, by our names: the numbers of their records."""


def fill(shape: Shape, numbers: list[int], records: list[Any], zone: tzinfo, *, european: bool = False) -> Filled:
    """Makes the rows; `zone` is that of times which do not say it. `european`: the day comes before the month."""
    silent: dict[int, str] = {}
    failed: dict[int, str] = {}
    if shape.parts is not None:
        numbers, records = _parted(shape, numbers, records, silent, failed)
    columns, odd = _columns(shape, records)
    count = len(records)
    columns["event"] = columns.get("event") or [OTHER] * count
    unknown = _unknown(columns, numbers, records)
    unsaid = {place for place, event in enumerate(columns["event"]) if event is None} - odd.get("event", {}).keys()
    for place in sorted(unsaid):
        silent.setdefault(numbers[place], str(columns["raw_event"][place] or "event without a name")[:_LONGEST])
    for place, why in chain.from_iterable(odd.get(name, {}).items() for name in DECIDING):
        if place not in unsaid:
            failed.setdefault(numbers[place], f"not as documented: {why}")
    when = times.micros(columns.pop("time"), zone, day_first=european or shape.dates == "day first")
    for place, moment in enumerate(when):
        if moment is None and columns["event"][place] is not None:
            failed.setdefault(numbers[place], "no time that could be read")
    series = [
        pl.Series("no", numbers, dtype=pl.UInt32),
        pl.Series("time_us", when, dtype=pl.Int64),
        pl.Series("valid_until", times.micros(columns.pop("valid_until", []), zone) or [None] * count, dtype=pl.Int64),
        _series("tags", _tags(columns.pop("tags", None)), count),
        _series("vars", _vars(columns.pop("vars", None)), count),
        *(_series(name, columns.get(name), count) for name in _TEXTS),
        *(_flag(name, columns.get(name), count) for name in _FLAGS),
    ]
    frame = pl.DataFrame(series)
    frame = frame.filter(pl.col("event").is_not_null() & pl.col("time_us").is_not_null())
    if failed:
        frame = frame.filter(~pl.col("no").is_in(list(failed)))
    rows = texts.cleaned(frame)
    told = rows.group_by("no", maintain_order=False).agg(pl.col("raw_event").first())["raw_event"]
    kept = set(rows["no"].to_list()) if silent else set()
    silent = {number: what for number, what in silent.items() if number not in kept and number not in failed}
    counts: Counter[str] = Counter()
    for word, count in told.value_counts().iter_rows():
        counts[str(word or OTHER)[:_LONGEST]] += count
    left_out = {name: [numbers[at] for at in places] for name, places in odd.items() if places and name not in DECIDING}
    return Filled(rows, counts, silent, failed, unknown, left_out)


def _parted(
    shape: Shape, numbers: list[int], records: list[Any], silent: dict[int, str], failed: dict[int, str]
) -> tuple[list[int], list[Any]]:
    """The parts of the records, each with the number of its record."""
    assert shape.parts is not None  # noqa: S101 (the caller looked)
    out_numbers: list[int] = []
    out: list[Any] = []
    for number, record in zip(numbers, records, strict=True):
        try:
            parts = shape.parts(record)
        except _ERRORS as error:
            failed[number] = f"not as documented: {error}"
            continue
        if not parts:
            silent[number] = "nothing about a message"
        out += parts
        out_numbers += [number] * len(parts)
    return out_numbers, out


def _columns(shape: Shape, records: list[Any]) -> tuple[dict[str, list[Any]], dict[str, dict[int, str]]]:
    """The values of all fields, and by field and place why there is none where it could not be told."""
    columns: dict[str, list[Any]] = {}
    odd: dict[str, dict[int, str]] = {}
    for name, source in shape.fields.items():
        columns[name], odd[name] = _column(source, records)
        if name in _TEXTS and name != "event" and not {dict, list}.isdisjoint(map(type, columns[name])):
            odd[name] |= _worded(name, columns[name])
    return columns, odd


def _column(source: Field, records: list[Any]) -> tuple[list[Any], dict[int, str]]:
    """The field's value in each record, and by place why there is none where it could not be told."""
    if isinstance(source, str):
        return [record.get(source) for record in records], {}
    try:
        return [source(record) for record in records], {}
    except _ERRORS:
        odd: dict[int, str] = {}
        return [_careful(source, place, record, odd) for place, record in enumerate(records)], odd


def _careful(source: Callable[[Any], Any], place: int, record: Any, odd: dict[int, str]) -> Any:  # noqa: ANN401
    """The value for one record of a batch in which some are not as documented."""
    try:
        return source(record)
    except _ERRORS as error:
        odd[place] = str(error)
        return None


def _worded(name: str, values: list[Any]) -> dict[int, str]:
    """Replaces lists among the values by the one text in them, and gives by place what is left out.

    A reply is kept in any form: the rules look for what they know in all of it.
    """
    odd: dict[int, str] = {}
    for place, value in enumerate(values):
        if type(value) in (dict, list) and value:
            inside = [one for one in listed(value) if isinstance(one, str)]
            if len(inside) == 1:
                values[place] = inside[0]
            elif name != "reply":
                values[place], odd[place] = None, f"{name} is {_dumped(value)}"
    return odd


def _unknown(columns: dict[str, list[Any]], numbers: list[int], records: list[Any]) -> dict[str, list[int]]:
    """Finds events that are not known; their record is kept as their reply, so that nothing is lost."""
    found: dict[str, list[int]] = {}
    events = columns["event"]
    if OTHER not in events:
        return found
    replies = columns.setdefault("reply", [None] * len(events))
    for place, event in enumerate(events):
        if event == OTHER:
            name = str(columns["raw_event"][place])[:_LONGEST]
            found.setdefault(name, []).append(numbers[place])
            shown = {key: value for key, value in records[place].items() if value is not None}
            replies[place] = json.dumps(redacted(shown), ensure_ascii=False, default=str)[:_RAW]
    return found


def _series(name: str, values: Sequence[Any] | None, count: int) -> pl.Series:
    """A column of text, whatever the values are."""
    if values is None:
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, count)
    try:
        return pl.Series(name, values, dtype=pl.String, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError, UnicodeError):
        return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _flag(name: str, values: Sequence[Any] | None, count: int) -> pl.Series:
    """A column of true and null: what is not said to be so may be either."""
    if values is None or not any(values):
        return pl.Series(name, [None], dtype=pl.Boolean).new_from_index(0, count)
    return pl.Series(name, [True if value else None for value in values], dtype=pl.Boolean)


def _text(value: Any) -> str | None:  # noqa: ANN401 (any value)
    if value is None or value in ({}, []):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return str(value)


def _tags(values: list[Any] | None) -> list[str | None] | None:
    if values is None:
        return None
    return [_dumped(value if type(value) is list else [value]) if value else None for value in values]


def _vars(values: list[Any] | None) -> list[str | None] | None:
    if values is None:
        return None
    return [_dumped(_public(value)) if value and type(value) is dict else None for value in values]


def _public(value: dict[str, Any]) -> dict[str, Any]:
    """The object without members that are secret."""
    if SECRETS.isdisjoint(value):
        return value
    return {name: field for name, field in value.items() if name not in SECRETS}


def _dumped(value: list[Any] | dict[str, Any]) -> str | None:
    """The JSON text, which every reader of JSON takes; None for nothing."""
    if not value:
        return None
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        pass  # a number of more than 64 bits, or half a surrogate pair, which is no text
    try:
        plain = json.loads(json.dumps(value, default=str), parse_constant=lambda _: None)  # no NaN, as above
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace").decode()
    except RecursionError:
        return None
