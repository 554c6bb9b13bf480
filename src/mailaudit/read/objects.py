"""Lines that are JSON objects: the fields that are asked for become columns of text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns(line: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """One text column per field; null where the line is no object or has no such field.

    A whole column is decoded at once where that is possible; lines with arrays, and broken ones, one by one.
    """
    plain = line.str.starts_with("{") & line.str.ends_with("}") & ~line.str.contains('":[', literal=True)
    if plain.all():
        return _decode(line, names)
    rows = pl.int_range(len(line), eager=True)
    parts = [
        _decode(line.filter(plain), names).with_columns(row=rows.filter(plain)),
        _one_by_one(line.filter(~plain), names).with_columns(row=rows.filter(~plain)),
    ]
    return pl.concat(parts).sort("row").drop("row")


def _decode(line: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    shape = pl.Struct(dict.fromkeys(names, pl.String))
    try:
        return line.str.json_decode(shape).struct.unnest()
    except pl.exceptions.ComputeError:
        return _one_by_one(line, names)


def _one_by_one(line: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    records = [_record(one) for one in line.to_list()]
    return pl.DataFrame(
        {name: [text(record.get(name)) for record in records] for name in names}, schema=dict.fromkeys(names, pl.String)
    )


def _record(line: str) -> dict[str, object]:
    """The object on one line; empty if there is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def text(value: object) -> str | None:
    """A field's text: a string, a number, or bytes as an array of numbers (as the journal has them)."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        if value and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):  # noqa: PLR2004
            return bytes(value).decode("utf-8", "replace")
        return next((found for item in value if (found := text(item)) is not None), None)  # a field given several times
    return None
