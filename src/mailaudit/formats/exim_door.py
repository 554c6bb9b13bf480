"""What Exim refused at the door, in all the ways in which it says so; it does not log the code that it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal
from mailaudit.formats.table import BASE

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

PHASES = {
    "EHLO or HELO": "HELO",
    "EHLO": "HELO",
    "connection": "CONNECT",
    "MAILAUTH": "MAIL",
    "after DATA": "END-OF-MESSAGE",
    "after DATA PRDR": "END-OF-MESSAGE",
    "during MIME ACL checks": "END-OF-MESSAGE",
    "by local_scan()": "END-OF-MESSAGE",
    "MAIL FROM:": "MAIL",
    "MAIL command": "MAIL",
    "from": "END-OF-MESSAGE",
    "from ": "END-OF-MESSAGE",
}
"""Where it was refused, in Exim's words → phase; the other words are commands."""
UNQUALIFIED = {"sender": "MAIL", "recipient": "RCPT", "verify": "VRFY"}
FIXED = {
    "rejected_recipients": ("RCPT", "rate"),
    "non_smtp": ("END-OF-MESSAGE", None),
    "turned_away": ("CONNECT", None),
    "dropped": ("CONNECT", "rate"),
    "dropped_odd": ("CONNECT", "rate"),
    "too_early": ("CONNECT", "syntax"),
    "too_early_odd": ("CONNECT", "syntax"),
}
"""Kinds of one phase → phase, and the cause where the words of a client may stand among Exim's."""


def door(records: Records, found: Facts) -> None:
    """Adds what was refused at the door."""
    for kind in ("rejected", "rejected_odd", "rejected_command", "rejected_command_odd", "rejected_sender"):
        if (rows := records.get(kind)) is not None:
            told = _rows(_commands(rows))
            # What follows are the client's own words.
            syntax = pl.col("reply").str.starts_with("syntactically invalid").fill_null(value=False)
            found.refusals.append(
                told.with_columns(pl.when(syntax).then(pl.lit("syntax")).otherwise("cause").alias("cause"))
            )
    for kind, (phase, cause) in FIXED.items():
        if (rows := records.get(kind)) is not None:
            if "text" in rows.columns:
                rows = rows.rename({"text": "reply"})
            told = _rows(rows.with_columns(pl.lit(phase).alias("phase"), pl.lit("reject").alias("action")))
            found.refusals.append(told if cause is None else told.with_columns(pl.lit(cause).alias("cause")))
    _singles(records, found)


def _singles(records: Records, found: Facts) -> None:
    """Kinds that tell of a refusal each in its own way."""
    if (rows := records.get("unqualified")) is not None:
        sender = pl.col("what") == "sender"
        rows = rows.with_columns(
            pl.col("what").replace_strict(UNQUALIFIED, return_dtype=pl.String).alias("phase"),
            pl.when(sender).then("address").alias("sender"),
            pl.when(pl.col("what") == "recipient").then("address").alias("recipient"),
            pl.lit("reject").alias("action"),
        )
        found.refusals.append(_rows(rows).with_columns(pl.lit("syntax").alias("cause")))
    if (rows := records.get("recipient_discarded")) is not None:
        rows = rows.with_columns(pl.lit("RCPT").alias("phase"), pl.lit("discard").alias("action"))
        found.refusals.append(_rows(rows))
    for kind in ("auth_failed", "auth_failed_odd"):
        if (rows := records.get(kind)) is not None:
            found.refusals.append(
                _rows(rows.with_columns(pl.lit("AUTH").alias("phase"), pl.lit("auth").alias("action")))
            )
    if (rows := records.get("accepted", "accepted_odd")) is not None:
        fake = rows.filter(pl.col("flag") == "(=")
        told = fake.with_columns(pl.lit("END-OF-MESSAGE").alias("phase"), pl.lit("fake-reject").alias("action"))
        if told.height:
            found.refusals.append(_rows(told))


def _commands(rows: pl.DataFrame) -> pl.DataFrame:
    """Refusals that name the command, and mostly what the client said with it."""
    phase = pl.col("phase").replace(PHASES)
    argument = (
        pl.col("argument").str.extract(r'^<((?:"(?:[^"\\]|\\.)*"|[^">])*)>|^([^ ]+)', 1)
        if "argument" in rows.columns
        else pl.lit(None, dtype=pl.String)
    )
    plain = pl.col("argument") if "argument" in rows.columns else pl.lit(None, dtype=pl.String)
    argument = pl.coalesce(argument, plain.str.strip_chars("<>"))
    sender = pl.col("sender") if "sender" in rows.columns else pl.lit(None, dtype=pl.String)
    helo = pl.col("helo")
    user = pl.col("auth").str.extract(r"^[^:]*:(.+)$") if "auth" in rows.columns else pl.lit(None, dtype=pl.String)
    later = pl.col("how").str.starts_with("temporarily") if "how" in rows.columns else pl.lit(value=False)
    return rows.with_columns(
        phase.alias("phase"),
        pl.lit("reject").alias("action"),
        pl.when(phase == "RCPT").then(argument).alias("recipient"),
        pl.coalesce(sender, pl.when(phase == "MAIL").then(argument)).alias("sender"),
        pl.coalesce(helo, pl.when(phase == "HELO").then(plain)).alias("helo"),
        user.alias("sasl_user"),
        pl.when(later & pl.col("reply").is_not_null())
        .then(pl.format("temporarily: {}", "reply"))
        .when(later)
        .then(pl.lit("temporarily"))
        .otherwise("reply")
        .alias("reply"),
    )


def _rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of refusals, without what only this format has."""
    keep = [*BASE, "action", "phase", "client_host", "client_ip", "sender", "recipient", "sasl_user", "helo", "reply"]
    return refusal.rows(rows.select(name for name in keep if name in rows.columns))
