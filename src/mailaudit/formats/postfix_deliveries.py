"""Postfix's lines about recipients: what each attempt came to.

`status=` decides what the event is, unless the mail went on in this server: to an address that an alias or a .forward
names, into a filter that hands it back, or nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import amavis

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

EVENT = {
    "sent": "delivered",
    "deferred": "deferred",
    "bounced": "bounced",
    "expired": "expired",
    "force-expired": "expired",
    "SOFTBOUNCE": "deferred",
    "deliverable": "other",
    "undeliverable": "other",
}
"""status= → event; other words become `other` and stay as raw_event."""

_NEXT_ID = r"(?:queued as |forwarded as |id=)([0-9A-Za-z][0-9A-Za-z-]{5,22})\b"
_THEIR_ID = r"(?:^| )250 (?:2\.0\.0 )?([0-9A-Za-z]{8,20}) Message accepted for delivery"
_CODE = r"^(?:host [^ ]+ (?:said|refused to talk to me): )?([245][0-9][0-9])(?:[ -]|$)"


def deliveries(records: Records, found: Facts) -> None:
    """Adds a row for each line that says what became of a recipient."""
    if (rows := records.get("delivery")) is None:
        return
    sent, reply = pl.col("status") == "sent", pl.col("reply")
    # What a pipe of the administrator's said is no server's: an id there is nobody's next one.
    next_id = pl.when(reply.str.starts_with("delivered via ")).then(pl.lit("")).otherwise(reply.str.extract(_NEXT_ID))
    rows = rows.with_columns(_reply(rows["reply"]))
    rows = rows.with_columns(
        pl.col("status").replace_strict(EVENT, default="other", return_dtype=pl.String).alias("event"),
        pl.when(sent).then(pl.coalesce(_accepted_as(rows["reply"]), next_id)).alias("next_id"),
        reply.str.extract(_CODE).cast(pl.Int32).alias("smtp_code"),
        _attempted().alias("attempted"),
        *(
            pl.col(name).cast(pl.Float64, strict=False)
            for name in ("delay", "delay_a", "delay_b", "delay_c", "delay_d")
        ),
        pl.col("relay_port").cast(pl.Int32, strict=False),
        (pl.col("relay_host") == "none").alias("nowhere"),
        pl.when(~pl.col("relay_host").is_in(["none", ""])).then(pl.col("relay_host")).alias("relay_host"),
        pl.when(pl.col("relay_ip").str.contains(r"^[0-9A-Fa-f:.]+(?:%.*)?$"))
        .then(pl.col("relay_ip"))
        .alias("relay_ip"),
    )
    event = pl.when(sent).then(_sent()).otherwise(pl.col("event")).alias("event")
    rows = rows.with_columns(event, pl.col("status").alias("raw_event"))
    found.deliveries.append(rows.drop("status", "conn_use", "nowhere"))


def _reply(reply: pl.Series) -> pl.Series:
    """The reply without its closing bracket; a relay of lines may append a number, and a cut line lacks its end."""
    if reply.str.ends_with(")").fill_null(value=True).all():
        return reply.str.strip_suffix(")")
    return reply.str.replace(r"\) *(?: [0-9]+)?$", "")


def _accepted_as(reply: pl.Series) -> pl.Series:
    """The ids that Sendmail and OpenSMTPD give; few replies are theirs, so that only those are looked at closely."""
    theirs = reply.str.contains(" Message accepted for delivery", literal=True).fill_null(value=False)
    found = pl.repeat(None, len(reply), dtype=pl.String, eager=True)
    if not theirs.any():
        return found
    return found.scatter(theirs.arg_true(), reply.filter(theirs).str.extract(_THEIR_ID))


def _sent() -> pl.Expr:
    """What `sent` means."""
    reply = pl.col("reply")
    own = pl.col("relay_ip").str.starts_with("127.0.0.") | (pl.col("relay_ip") == "::1")
    # Only discard(8) is done with mail without a relay; its name may be cut off.
    nowhere = pl.col("tag").str.ends_with("/discard") | pl.col("nowhere")
    return (
        pl.when(reply.str.starts_with("forwarded as "))
        .then(pl.lit("expanded"))
        .when(nowhere | amavis.discarded(reply))
        .then(pl.lit("discarded"))
        .when(amavis.bounced(reply))
        .then(pl.lit("bounced"))
        .when(own & (pl.col("next_id") != ""))
        .then(pl.lit("relayed"))
        .otherwise(pl.lit("delivered"))
    )


def _attempted() -> pl.Expr:
    """Tells which deliveries were tried: error(8) and retry(8) put off what nothing was done for.

    One exception: the agent that tried may have broken down, and then it is error(8) that says so.
    """
    put_off = (pl.col("status") == "deferred") & (
        pl.col("tag").str.ends_with("/error") | pl.col("tag").str.ends_with("/retry")
    )
    # Where a relay of lines cut the daemon's name off, nothing but the queue manager's own words tells.
    own_words = pl.col("reply").is_in(["deferred transport", "mail transport unavailable"])
    unnamed = ~pl.col("tag").str.contains("/", literal=True)
    suspended = pl.col("reply").str.starts_with("delivery temporarily suspended") | (unnamed & own_words)
    return ~(suspended | (put_off & (pl.col("reply") != "unknown mail transport error"))).fill_null(value=False)
