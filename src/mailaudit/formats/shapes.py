"""Frequent, simple lines are cut at the literals between their fields: several times faster than a pattern.

A shape is the text with its fields in braces: `from=<{sender}>, size={size}, nrcpt={nrcpt} (queue active)`.  A field
ends where the first character of the literal behind it first occurs, and there the whole literal must stand; the last
field reaches to the end of the text if no literal follows, else the text must end with that literal.  Texts with a
quotation mark are not cut: inside quotes anything may stand.  What is not of the shape is left to the kinds that
follow, so a shape only ever takes texts that mean one thing.
"""

from __future__ import annotations

import functools
import re

import polars as pl


@functools.cache
def parts(shape: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the literals and the fields of a shape: one literal more than fields."""
    pieces = re.split(r"\{([a-z_]+)\}", shape)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def cut(text: pl.Series, shape: str) -> pl.DataFrame:
    """Returns the fields of each text, all null where the text is not of this shape."""
    literals, fields = parts(shape)
    frame = text.to_frame("text").lazy().select(pl.col("text").cast(pl.Binary).alias("rest"), pl.col("text"))
    rest = pl.col("rest")
    well = rest.bin.starts_with(literals[0].encode()) & ~pl.col("text").str.contains('"', literal=True)
    frame = frame.select(
        well.alias("well"), rest.bin.slice(len(literals[0].encode())).alias("rest")
    )
    for field, literal in zip(fields, literals[1:], strict=True):
        if not literal:
            frame = frame.with_columns(rest.alias(field))
            break
        end = literal.encode()
        at = rest.cast(pl.String).str.find(literal[0], literal=True).cast(pl.Int64)
        frame = (
            frame.with_columns(at.alias("at"))
            .with_columns(rest.bin.slice(0, "at").alias(field), rest.bin.slice(pl.col("at")).alias("rest"))
            .with_columns((pl.col("well") & rest.bin.starts_with(end)).alias("well"), rest.bin.slice(len(end)).alias("rest"))
        )
    if literals[-1]:
        frame = frame.with_columns(pl.col("well") & (rest.bin.size() == 0))
    well = pl.col("well").fill_null(value=False)
    return frame.select(pl.when(well).then(pl.col(field)).cast(pl.String).alias(field) for field in fields).collect()
