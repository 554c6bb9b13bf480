"""What Postfix refuses at the door, or decides of mail while it comes in: checks, milters, proxies, limits, logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal
from mailaudit.formats.table import BASE
from mailaudit.model.acts import HELD as ON_HOLD
from mailaudit.model.acts import HELD_AT_ONCE, TOLD

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

HELD = {
    "hold": "held",
    "milter-hold": "held",
    "milter-header-hold": "held",
    "quarantine": "held",
    "discard": "discarded",
    "milter-discard": "discarded",
    "milter-header-discard": "discarded",
}
"""Actions that decide the fate of a whole accepted message."""
LETTING_IN = ("permit", "pass", "proxy-accept")
"""Actions that are logged though nothing was refused or flagged."""
LIMITED = {
    "Connection": "CONNECT",
    "Message delivery request": "MAIL",
    "Recipient address": "RCPT",
    "New TLS session": "STARTTLS",
    "AUTH": "AUTH",
}
"""What anvil counts → phase of the refusal."""


def door(records: Records, found: Facts) -> None:
    """Adds refusals, and the fates of messages that a check decided."""
    rows = records.get("access", "proxy", "milter_check", "check", "check_cut")
    if rows is not None:
        _checked(rows, found)
    if (limited := records.get("rate_limited")) is not None:
        phase = pl.col("what").replace_strict(LIMITED, default="CONNECT", return_dtype=pl.String).alias("phase")
        found.refusals.append(refusal.rows(limited.with_columns(pl.lit("limit").alias("action"), phase).drop("what")))
    if (bad := records.get("bad_address")) is not None:
        found.refusals.append(_bad_address(bad))
    if (failed := records.get("auth_failed")) is not None:
        found.refusals.append(
            refusal.rows(failed.with_columns(pl.lit("auth").alias("action"), pl.lit("AUTH").alias("phase")))
        )


def _checked(rows: pl.DataFrame, found: Facts) -> None:
    """What a check, a milter or a proxy decided of a command or a message."""
    missing = [name for name in ("sender", "recipient", "reply") if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    rows = _without_doubt(_with_phase(rows.filter(~pl.col("action").is_in(LETTING_IN))))
    # The fate of a message that was let in is no refusal: hold and discard go with its deliveries.
    let_in = pl.col("action").is_in(list(HELD)) & pl.col("queue_id").is_not_null()
    _decided(rows.filter(let_in), found)
    found.refusals.append(refusal.rows(rows.filter(~let_in)))
    _returned(rows, found)
    # Told before the queue id is given out: the next message of this process is the one that is meant.
    early = rows.filter(pl.col("action").is_in(("hold", "discard", "milter-discard")) & pl.col("queue_id").is_null())
    if early.height:
        found.verdicts.append(early.with_columns(pl.col("action").replace_strict(HELD).alias("event")))


def _decided(rows: pl.DataFrame, found: Facts) -> None:
    """Messages that are held or discarded."""
    if not rows.height:
        return
    event = pl.col("action").replace_strict(HELD, return_dtype=pl.String)
    raw = pl.col("action").alias("raw_event")
    found.deliveries.append(
        rows.select(*BASE, "recipient", "reply", event.alias("event"), raw, pl.lit(value=False).alias("attempted"))
    )
    # cleanup(8) has the message; smtpd(8) only knows of a recipient, and its client may still go away.
    held = pl.when(pl.col("tag").str.ends_with("/cleanup")).then(HELD_AT_ONCE).otherwise(ON_HOLD)
    act = pl.when(event == "held").then(held).otherwise(TOLD).alias("act")
    # Sender and client stand on the line: the message may never reach the queue manager.
    found.messages.append(rows.select(*BASE, "sender", act))


def _bad_address(rows: pl.DataFrame) -> pl.DataFrame:
    """An address that nobody can read was refused where it stood; the words of a client tell no cause."""
    address = pl.col("address").str.strip_prefix("<").str.strip_suffix(">")
    return refusal.rows(
        rows.with_columns(
            pl.lit("reject").alias("action"),
            pl.when(pl.col("phase") == "MAIL").then(address).alias("sender"),
            pl.when(pl.col("phase") == "RCPT").then(address).alias("recipient"),
        ).drop("address")
    )


def _returned(rows: pl.DataFrame, found: Facts) -> None:
    """Mail of this host that cleanup refuses is returned at once: the queue manager never names its sender."""
    if not {"client_ip", "client_host", "sender"} <= set(rows.columns):
        return
    own = pl.col("client_ip").is_null() & (pl.col("client_host") == "local")
    if "proto" in rows.columns:  # a milter is told that such mail comes from this host, but in no protocol
        own |= (pl.col("client_host") == "localhost") & pl.col("proto").is_null()
    refused = pl.col("action").is_in(("reject", "milter-reject"))
    returned = rows.filter(own & refused & pl.col("queue_id").is_not_null())
    if returned.height:
        found.messages.append(returned.select(*BASE, "sender", pl.lit(TOLD).alias("act")))


def _without_doubt(rows: pl.DataFrame) -> pl.DataFrame:
    """Takes out what may be forged: where `; from=<` stands twice, a HELO name or a quoted address may have said it."""
    twice = rows["reply"].str.contains("; from=<", literal=True) if "reply" in rows.columns else None
    if twice is None or not twice.any():
        return rows
    names = [name for name in ("sender", "recipient", "helo", "sasl_user") if name in rows.columns]
    return rows.with_columns(pl.when(~twice.fill_null(value=False)).then(pl.col(name)).alias(name) for name in names)


def _with_phase(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the phase where the line names none: checks of the content answer at its end."""
    if "phase" not in rows.columns:
        return rows.with_columns(pl.lit("END-OF-MESSAGE").alias("phase"))
    phase = pl.col("phase")
    return rows.with_columns(
        pl.when(phase.is_null())
        .then(pl.lit("END-OF-MESSAGE"))
        # `bare <LF> received` stands where the command usually does.
        .when(~phase.str.contains("^[A-Z-]+$"))
        .then(pl.lit("DATA"))
        .otherwise(phase)
        .alias("phase")
    )
