"""Rows as pandas DataFrames with types: what is not known is missing, never 0 and never an empty text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailaudit.model.nested import Nested

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from mailaudit.model.columns import Column


def frame(columns: Sequence[Column], rows: Iterable[Sequence[object]], zone: dt.tzinfo) -> pd.DataFrame:
    """Returns the rows as a DataFrame; times, given in µs of UTC, are in the zone."""
    import pandas as pd  # noqa: PLC0415 (half a second, only for those who use it)

    held = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pd.DataFrame(
        {column.name: _series(column, list(values), zone) for column, values in zip(columns, held, strict=True)}
    )


def _series(column: Column, values: list[object], zone: dt.tzinfo) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415

    if column.type == "time":
        times = pd.to_datetime(pd.Series(values, dtype="Int64"), unit="us", utc=True)
        return times.astype("datetime64[us, UTC]").dt.tz_convert(zone)
    if any(isinstance(value, Nested) for value in values):
        return pd.Series([value.value if isinstance(value, Nested) else value for value in values], dtype="object")
    kinds = {"int": "Int64", "big": "Int64", "real": "Float64", "flag": "boolean", "word": "category", "text": "string"}
    return pd.Series(values, dtype=kinds[column.type])
