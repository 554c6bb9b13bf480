"""What tells records and mails from others: numbers made of what they say, the same whichever input says it."""

from __future__ import annotations

import polars as pl

NULL = "\1"
"""Stands for what is not said, which is not the same as an empty word."""


def said(*names: str) -> pl.Expr:
    """The texts of these columns as one, which differs where any of them does."""
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null(NULL) for name in names], separator="\0")


def number(text: pl.Expr, seed: int) -> pl.Expr:
    """The hash of a text, 64 bits with sign; numbers of another seed have nothing to do with these."""
    return text.hash(seed).reinterpret(signed=True)
