"""Parts of mail addresses, whole columns at once (RFC 5321 4.1.2: a quoted local part may hold anything, `@` too)."""

from __future__ import annotations

import polars as pl


def domains(addresses: pl.Series) -> pl.Series:
    """Returns what follows the last `@` of each address, in lower case; null where there is none."""
    at = addresses.str.find("@", literal=True).cast(pl.Int64)
    domain = addresses.to_frame("address").select(pl.col("address").cast(pl.Binary).bin.slice(at + 1).cast(pl.String))
    found = domain.to_series()
    if found.str.contains("@", literal=True).any():
        found = addresses.str.extract(r"@([^@]*)$")
    return found.str.to_lowercase()
