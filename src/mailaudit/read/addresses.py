"""Addresses, whole columns at once: parts of those of mail, and one way to write those of hosts.

RFC 5321 4.1.2: a quoted local part may hold anything, `@` too.
"""

from __future__ import annotations

import polars as pl

from mailaudit.model import ips as one


def domains(addresses: pl.Series) -> pl.Series:
    """Returns what follows the last `@` of each address, in lower case; null where there is none."""
    found = (
        addresses.to_frame("address")
        .lazy()
        .select_seq(
            pl.col("address").cast(pl.Binary), at=pl.col("address").str.find("@", literal=True).cast(pl.Int64) + 1
        )
        .select_seq(pl.col("address").bin.slice("at").cast(pl.String))
        .select_seq(pl.col("address").str.to_lowercase(), several=pl.col("address").str.contains("@", literal=True))
        .collect(engine="in-memory")
    )
    if found["several"].any():
        return addresses.str.extract(r"@([^@]*)$").str.to_lowercase()
    return found["address"]


def shortened(ips: pl.Series) -> pl.Series:
    """Returns the addresses as `model.ips` writes them."""
    long = ips.str.contains(":", literal=True).fill_null(value=False)
    if not long.any():
        return ips
    known = ips.filter(long).unique().to_list()
    return ips.replace(known, [one.shortened(ip) for ip in known])
