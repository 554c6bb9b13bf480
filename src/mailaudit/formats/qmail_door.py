"""What was turned away before qmail had it: by rblsmtpd and tcpserver, and by those qmail-smtpd that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

SMTP_PORTS = ("25", "465", "587")
PHASES = {
    "AUTH": "AUTH",
    "DATA": "END-OF-MESSAGE",
    "ORIG": "MAIL",
    "RCPT": "RCPT",
    "SNDR": "HELO",
    "SMTP": "CONNECT",
    "SPF": "MAIL",
}
"""s/qmail's type of a refusal → phase."""
CAUSES = {
    "Bad_Helo": "helo",
    "DNS_Helo": "helo",
    "Invalid_Relay": "relay",
    "Bad_Mailfrom": "sender",
    "DNS_MF": "sender",
    "Invalid_Sender": "sender",
    "SPF": "sender",
    "Failed_Rcptto": "unknown_user",
    "Toomany_Rcptto": "rate",
    "Invalid_Size": "size",
    "Bad_MIME": "content",
    "Bad_Loader": "content",
    "Virus_Infected": "content",
    "Spam_Message": "content",
    "Failed_Auth": "auth",
    "Require_Auth": "auth",
    "Missing_Auth": "auth",
}
"""Its condition → cause; for others its words decide."""
TOLD = {"rcpt": "RCPT", "relaying": "RCPT", "sender": "MAIL"}
"""What chkuser rejects → phase."""
NOBODY = "not existing recipient"


def door(records: Records, found: Facts) -> None:
    """Clients, senders and recipients that were refused."""
    if (rows := records.get("blocked")) is not None:
        rows = _refused(rows, pl.lit("CONNECT"))
        cause = pl.col("cause")
        found.refusals.append(
            rows.with_columns(
                pl.when(cause == refusal.OTHERWISE).then(pl.lit("blocklist")).otherwise(cause).alias("cause")
            )
        )
    if (rows := records.get("denied")) is not None:
        rows = rows.filter(pl.col("port").is_in(SMTP_PORTS)).drop("port")
        rows = _refused(rows.with_columns(pl.lit(None, pl.String).alias("reply")), pl.lit("CONNECT"))
        found.refusals.append(rows.with_columns(pl.lit("client").alias("cause")))
    if (rows := records.get("refused")) is not None:
        said = pl.concat_str(pl.col("condition").str.replace_all("_", " "), "more", separator=": ", ignore_nulls=True)
        cause = pl.col("condition").replace_strict(CAUSES, default=None, return_dtype=pl.String)
        phase = pl.col("type").replace_strict(PHASES, default="UNKNOWN", return_dtype=pl.String)
        known = rows.select(cause).to_series()
        # What stands last on the line of a login is the user.
        login = pl.col("type") == "AUTH"
        rows = rows.with_columns(
            pl.when(login).then(pl.lit("login")).otherwise(said).alias("reply"),
            pl.when(login).then("more").alias("sasl_user"),
        )
        rows = _refused(rows, phase).drop("type", "condition", "more")
        auth = pl.when(pl.col("phase") == "AUTH").then(pl.lit("auth"))
        found.refusals.append(rows.with_columns(pl.coalesce(auth, pl.lit(known), "cause").alias("cause")))
    if (rows := records.get("chkuser_refused")) is not None:
        user = pl.col("sasl_user")
        rows = rows.with_columns(pl.when(user != "").then(user).alias("sasl_user"))
        phase = pl.col("what").replace_strict(TOLD, default="RCPT", return_dtype=pl.String)
        rows = _refused(rows, phase)
        relays, nobody = pl.col("what") == "relaying", pl.col("reply") == NOBODY
        cause = pl.when(relays).then(pl.lit("relay")).when(nobody).then(pl.lit("unknown_user")).otherwise("cause")
        found.refusals.append(rows.with_columns(cause.alias("cause")).drop("what"))


def _refused(rows: pl.DataFrame, phase: pl.Expr) -> pl.DataFrame:
    return refusal.rows(rows.with_columns(pl.lit("reject").alias("action"), phase.alias("phase")))
