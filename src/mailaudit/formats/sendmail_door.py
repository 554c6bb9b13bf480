"""What sendmail refused at the door, and what it accepted only to hold or discard it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal
from mailaudit.formats.sendmail_words import bare, client
from mailaudit.formats.table import BASE

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts, Records

PHASE = {
    "check_relay": "CONNECT",
    "check_helo": "HELO",
    "check_mail": "MAIL",
    "check_rcpt": "RCPT",
    "check_compat": "RCPT",
    "check_data": "DATA",
    "check_eom": "END-OF-MESSAGE",
    "check_vrfy": "VRFY",
    "check_expn": "EXPN",
    "check_etrn": "ETRN",
    "tls_client": "STARTTLS",
}
"""ruleset= → phase; rulesets of header lines and the others look at the message itself."""
HARMLESS = ("tls_server", "tls_rcpt", "try_tls", "trust_auth")
"""Rulesets that refuse nobody at the door: those about a host that we speak to (the `to=` line tells what came of it),
and the one that only decides whether to believe `AUTH=` in MAIL."""
MILTER_PHASE = {
    "to": "RCPT",
    "from": "MAIL",
    "helo": "HELO",
    "data": "END-OF-MESSAGE",
    "connect": "CONNECT",
    "header": "END-OF-MESSAGE",
}
"""First word after `Milter: ` → phase."""
HELD = {"quarantine": "held", "discard": "discarded"}
"""Verdicts that decide the fate of a whole accepted message."""


def door(records: Records, found: Facts) -> None:
    """What the server refused, and what it accepted only to hold or discard it."""
    verdicts = [_ruleset(records.get("ruleset")), _milter(records.get("milter"))]
    if (held := records.get("milter_quarantine")) is not None:
        verdicts.append(
            held.drop("milter").with_columns(
                pl.lit("quarantine").alias("action"), pl.lit("END-OF-MESSAGE").alias("phase")
            )
        )
    for rows in verdicts:
        if rows is None:
            continue
        fate = pl.col("action").is_in(list(HELD)) & pl.col("queue_id").is_not_null()
        if (fates := rows.filter(fate)).height:
            found.deliveries.append(
                fates.select(
                    *BASE,
                    "reply",
                    pl.col("action").replace_strict(HELD, return_dtype=pl.String).alias("event"),
                    pl.col("action").alias("raw_event"),
                    pl.lit(value=False).alias("attempted"),
                )
            )
        found.refusals.append(refusal.rows(rows.filter(~fate)))
    told = (
        _turned_away(records),
        _user_error(records),
        _refused_word(records),
        _too_big(records),
        _auth_failed(records),
        _unruly(records),
    )
    for rows in told:
        if rows is not None:
            found.refusals.append(rows)


def _ruleset(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    if rows is None:
        return None
    phase = pl.col("ruleset").replace_strict(PHASE, default="END-OF-MESSAGE", return_dtype=pl.String)
    argument = bare(pl.col("argument"))
    return (
        rows.filter(~pl.col("ruleset").is_in(HARMLESS))
        # The first argument of check_relay is the client's name; arg2 may be a block list's answer.
        .with_columns(pl.coalesce("relay", pl.when(phase == "CONNECT").then("argument")))
        .with_columns(phase.alias("phase"), *client("relay"))
        .with_columns(
            pl.col("action").replace("reject", "ruleset"),
            pl.when(pl.col("phase") == "RCPT").then(argument).alias("recipient"),
            pl.when(pl.col("phase") == "MAIL").then(argument).alias("sender"),
        )
        .drop("ruleset", "argument", "relay")
    )


def _milter(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    if rows is None:
        return None
    subject = pl.col("subject")
    said = subject.str.extract(r"^[a-z]+=(.*)$")
    phase = subject.str.extract(r"^([a-z]+)").replace_strict(MILTER_PHASE, default="CONNECT", return_dtype=pl.String)
    client_said = subject.str.extract_groups(r"^connect: host=(?<host>[^,]*), addr=(?<ip>[^,]*)$").struct
    return (
        rows.with_columns(phase.alias("phase"), client_said.field("host"), client_said.field("ip"))
        .with_columns(
            pl.col("action").replace("reject", "milter"),
            pl.when(pl.col("phase") == "RCPT").then(bare(said)).alias("recipient"),
            pl.when(pl.col("phase") == "MAIL").then(bare(said)).alias("sender"),
            pl.when(pl.col("phase") == "HELO").then(said).alias("helo"),
            *_named("host", "ip"),
        )
        .drop("subject", "host", "ip")
    )


def _turned_away(records: Records) -> pl.DataFrame | None:
    """Clients that a filter, tcp_wrappers or sendmail itself sent away before they named anyone."""
    found = []
    for kind, action in (("milter_client", "milter"), ("wrapped", "reject"), ("open_proxy", "reject")):
        if (rows := records.get(kind)) is not None:
            if "relay" in rows.columns:
                rows = rows.with_columns(*client("relay")).drop("relay")
            else:
                rows = rows.with_columns(*_named("host", "ip")).drop("host", "ip")
            found.append(rows.with_columns(pl.lit(action).alias("action"), pl.lit("CONNECT").alias("phase")))
    if not found:
        return None
    # A client chooses its words, and a host its name: they tell no cause.
    return refusal.rows(pl.concat(found, how="diagonal")).with_columns(pl.lit("policy").alias("cause"))


def _named(host: str, ip: str) -> tuple[pl.Expr, pl.Expr]:
    """Name and address of a client that a line names apart: the name may be the address in brackets."""
    name = pl.when(~pl.col(host).str.starts_with("[")).then(pl.col(host).str.strip_suffix("."))
    return name.alias("client_host"), pl.col(ip).str.strip_prefix("IPv6:").alias("client_ip")


def _user_error(records: Records) -> pl.DataFrame | None:
    """`<a>... User unknown`: what the SMTP server told a client, without the code it told."""
    found = [rows for kind in ("user_error", "user_unknown") if (rows := records.get(kind)) is not None]
    if not found:
        return None
    rows = pl.concat(found, how="diagonal")
    unknown = pl.col("reply").str.contains(r"(?i)user unknown|no such user|unknown user")
    return refusal.rows(
        rows.with_columns(
            bare(pl.col("recipient")),
            pl.lit("RCPT").alias("phase"),
            pl.when(unknown).then(pl.lit("user_unknown")).otherwise(pl.lit("reject")).alias("action"),
        )
    )


def _refused_word(records: Records) -> pl.DataFrame | None:
    """`Too many recipients`: what the SMTP server told a client that named recipients, without saying which."""
    if (rows := records.get("refused_word")) is None:
        return None
    return refusal.rows(rows.with_columns(pl.lit("RCPT").alias("phase"), pl.lit("reject").alias("action")))


def _too_big(records: Records) -> pl.DataFrame | None:
    """A message or its header that turned out longer than it may be, after all of it was sent."""
    found = []
    if (rows := records.get("too_big")) is not None:
        found.append(rows)
    if (rows := records.get("headers_too_big")) is not None:
        found.append(rows.with_columns(*client("relay")).drop("relay"))
    if not found:
        return None
    rows = pl.concat(found, how="diagonal").with_columns(
        pl.lit("END-OF-MESSAGE").alias("phase"), pl.lit("reject").alias("action")
    )
    return refusal.rows(rows).with_columns(pl.lit("size").alias("cause"))


def _auth_failed(records: Records) -> pl.DataFrame | None:
    if (rows := records.get("auth_failed")) is None:
        return None
    return refusal.rows(
        rows.with_columns(pl.lit("auth").alias("action"), pl.lit("AUTH").alias("phase"), *client("relay")).drop("relay")
    )


def _unruly(records: Records) -> pl.DataFrame | None:
    """Clients that broke the protocol: talked too early, sent bare line feeds, or probed for users."""
    found = []
    if (early := records.get("early_talker")) is not None:
        found.append(early.with_columns(pl.col("phase").replace("commands", "CONNECT"), pl.lit("syntax").alias("why")))
    if (malformed := records.get("malformed")) is not None:
        found.append(
            malformed.with_columns(
                bare(pl.col("sender")), pl.lit("DATA").alias("phase"), pl.lit("syntax").alias("why")
            ).drop("where", "status")
        )
    if (probes := records.get("probe")) is not None:
        found.append(probes.with_columns(pl.col("phase").str.to_uppercase(), pl.lit("policy").alias("why")))
    if not found:
        return None
    rows = (
        pl.concat(found, how="diagonal").with_columns(pl.lit("reject").alias("action"), *client("relay")).drop("relay")
    )
    return refusal.rows(rows).with_columns(pl.col("why").alias("cause")).drop("why")
