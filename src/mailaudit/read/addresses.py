"""Addresses, whole columns at once: parts of those of mail, and one way to write those of hosts.

RFC 5321 4.1.2: a quoted local part may hold anything, `@` too.
"""

from __future__ import annotations

import polars as pl

from mailaudit.model import ips as one


def domains(addresses: pl.Series) -> pl.Series:
    """Returns what follows the last `@` of each address, in lower case; null where there is none."""
    at = addresses.str.find("@", literal=True).cast(pl.Int64)
    domain = addresses.to_frame("address").select(pl.col("address").cast(pl.Binary).bin.slice(at + 1).cast(pl.String))
    found = domain.to_series()
    if found.str.contains("@", literal=True).any():
        found = addresses.str.extract(r"@([^@]*)$")
    return found.str.to_lowercase()


def shortened(ips: pl.Series) -> pl.Series:
    """Returns the addresses as `model.ips` writes them."""
    long = ips.str.contains(":", literal=True).fill_null(value=False)
    if not long.any():
        return ips
    known = ips.filter(long).unique().to_list()
    return ips.replace(known, [one.shortened(ip) for ip in known])
