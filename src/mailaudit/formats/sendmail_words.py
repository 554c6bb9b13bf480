"""Expressions that several parts of the sendmail format share."""

from __future__ import annotations

import polars as pl

GAVE_UP = r"^(?:Cannot send message|Message could not be delivered|Message will be deleted)"
"""Words of a final failure after temporary ones; `Warning: could not send message` is only a delay."""


def bare(address: pl.Expr) -> pl.Expr:
    """An address without its angle brackets."""
    return (
        pl.when(address.str.starts_with("<"))
        .then(address.str.strip_prefix("<").str.strip_suffix(">"))
        .otherwise(address)
    )


def client(relay: str, *, host: str = "client_host", ip: str = "client_ip") -> tuple[pl.Expr, pl.Expr]:
    """Name and address from `name [ip]`, `[ip]`, `ident@name [ip] (may be forged)`; no name for an unknown client."""
    text = pl.col(relay)
    name = text.str.replace(r" ?(?:\[|\(may ).*$", "").str.replace(r"^.*@", "").str.strip_suffix(".")
    address = text.str.extract(r"\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]")
    return (
        pl.when(~name.is_in(["", "unknown"])).then(name).alias(host),
        address.alias(ip),
    )


def whole(event: str, raw: str) -> dict[str, pl.Expr]:
    """Columns of a fact about a whole message: no recipient, no attempt."""
    return {"event": pl.lit(event), "raw_event": pl.lit(raw), "attempted": pl.lit(value=False)}
