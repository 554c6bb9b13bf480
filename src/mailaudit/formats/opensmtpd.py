"""OpenSMTPD logs: what the lines of `opensmtpd_kinds` say of messages, deliveries and refusals.

A message is its `msgid`, a recipient of it an `evpid`.  Who handed it in stands on another line of the same session
(`link.sessions`).  No line ends a message: it is over when each recipient has a final status.  No Message-ID is logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.opensmtpd_door import door
from mailaudit.formats.opensmtpd_kinds import DELIVERIES, DOOR, MESSAGES, SESSIONS
from mailaudit.formats.opensmtpd_notes import NOTES
from mailaudit.formats.table import BASE, Facts, Format, Program
from mailaudit.model.acts import RANDOM, TOLD

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

EVENT = {
    "Ok": "delivered",
    "TempFail": "deferred",
    "PermFail": "bounced",
    "LoopDetected": "bounced",
    "Loop": "bounced",
    "Expire": "expired",
    "Remove": "deleted",
}
"""result= → event; other words become `other` and stay as raw_event."""
DECIDED = ("Expire", "Remove")
"""Results that the queue comes to without an attempt."""
BLOCKED = "All routes to destination blocked"
"""An administrator's `smtpctl` keeps mail from there: nothing is tried."""
NO_CERTIFICATE = "no certificate presented"
"""Said of relays only, though the line begins as those of clients do."""
LEVELS = {"success": "Verified", "verified": "Verified", "valid": "Verified", NO_CERTIFICATE: "Anonymous"}
"""result= of a certificate → level of the handshake; all others are Untrusted."""
_LENGTH = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TOLD_BY = (
    r"^(?:[0-9a-f]{16} (?:smtp|mta|mda) |smtp-(?:in|out): |info: OpenSMTPD "
    r"|(?:(?:relay|delivery|bounce): )?[A-Z][A-Za-z]+ for [0-9a-f]{16}: )"
)


def claims(tag: str | None) -> Program | None:
    """Its only program: the lines must look like its own, too, as `postfix/smtpd` may have lost its beginning."""
    return Program("opensmtpd", None, "opensmtpd") if tag in ("smtpd", "opensmtpd") else None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _messages(records, found)
    _deliveries(records, found)
    door(records, found)
    _sessions(records, found)
    _handshakes(records, found)
    return found


def _message_id(evpid: str = "evpid") -> pl.Expr:
    return pl.col(evpid).str.slice(0, 8).alias("queue_id")


def _messages(records: Records, found: Facts) -> None:
    if (rows := records.get("accepted")) is not None:
        found.messages.append(
            rows.select(
                "no",
                "tag",
                pl.col("msgid").alias("queue_id"),
                pl.lit(RANDOM).alias("act"),
                pl.col("size").cast(pl.Int64, strict=False),
                pl.col("nrcpt").cast(pl.Int32, strict=False),
            )
        )
    if (rows := records.get("envelope")) is not None:
        _accepted(rows.with_columns(_message_id()), TOLD, found)
    if (rows := records.get("accepted_for", "accepted_on")) is not None:
        _accepted(rows.with_columns(pl.col("msgid").alias("queue_id")), RANDOM, found)
    if (rows := records.get("notice_failed")) is not None:
        rows = rows.with_columns(pl.col("msgid").alias("queue_id"))
        found.deliveries.append(
            rows.select(
                *BASE, "reply", pl.lit("other").alias("event"), pl.lit("notice failed").alias("raw_event"), _none()
            )
        )
        found.messages.append(rows.select(*BASE, pl.lit(TOLD).alias("act")))


def _accepted(rows: pl.DataFrame, act: int, found: Facts) -> None:
    """Who a message is from, and whom it was accepted for."""
    more = [pl.col("size").cast(pl.Int64, strict=False)] if "size" in rows.columns else []
    found.messages.append(rows.select(*BASE, pl.lit(act).alias("act"), "sender", *more))
    evpid = ["evpid"] if "evpid" in rows.columns else []
    found.deliveries.append(
        rows.filter(pl.col("recipient").is_not_null()).select(
            *BASE,
            "recipient",
            pl.lit("pending").alias("event"),
            pl.lit("envelope").alias("raw_event"),
            _none(),
            *(pl.col(name).alias("event_id") for name in evpid),
        )
    )


def _none() -> pl.Expr:
    return pl.lit(value=False).alias("attempted")


def _deliveries(records: Records, found: Facts) -> None:
    if (rows := records.get("delivery", "local_delivery", "fate")) is None:
        return
    missing = [name for name in ("relay", "local_ip", "user", "agent", "given") if name not in rows.columns]
    rows = _with_relays(rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing))
    sent, reply = pl.col("result") == "Ok", pl.col("reply")
    next_id = pl.coalesce(
        reply.str.extract(r"([0-9A-Za-z]{8,20}) Message accepted for delivery"),
        reply.str.extract(r"(?:queued as |id=)([0-9A-Za-z][0-9A-Za-z-]{5,22})(?:[^0-9A-Za-z-]|$)"),
    )
    rows = rows.with_columns(
        _message_id(),
        _seconds("delay"),
        (~pl.col("result").is_in(DECIDED) & (reply != BLOCKED)).alias("attempted"),
        reply.str.extract(r"^([245][0-9][0-9])(?:[ -]|$)").cast(pl.Int32).alias("smtp_code"),
        reply.str.extract(r"^[245][0-9][0-9][ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ :]|$)").alias("enhanced_status"),
        pl.when(sent & pl.col("relay_ip").is_not_null()).then(next_id).alias("next_id"),
    )
    # To itself, or to a filter that hands the mail in again: nobody else has ids like its own and the same address.
    own = (pl.col("relay_ip") == pl.col("local_ip")) & pl.col("next_id").str.contains(r"^[0-9a-f]{8}$")
    event = pl.col("result").replace_strict(EVENT, default="other", return_dtype=pl.String)
    given = pl.when(pl.col("given") != "-").then(pl.col("given"))
    found.deliveries.append(
        rows.select(
            *BASE,
            "recipient",
            pl.when(given != pl.col("recipient")).then(given).alias("original_recipient"),
            pl.when(sent & own).then(pl.lit("relayed")).otherwise(event).alias("event"),
            pl.col("result").alias("raw_event"),
            "attempted",
            "relay_host",
            "relay_ip",
            pl.col("user").alias("mailbox"),
            "local_ip",
            "smtp_code",
            "enhanced_status",
            "reply",
            "delay",
            "next_id",
            pl.col("evpid").alias("event_id"),
        )
    )
    # Mail that came in before these logs begin.
    found.messages.append(rows.select(*BASE, pl.lit(TOLD).alias("act"), "sender"))


def _with_relays(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds who answered, and the address that was spoken from."""
    relay, source = pl.col("relay"), pl.col("local_ip")
    # Without a connection (`source="-"`), the relay is no more than a domain.
    there = relay.is_not_null() & (source != "-").fill_null(value=True)
    name = pl.coalesce(relay.str.extract(r" \((.*)\)$"), relay)
    named = there & ~name.str.contains(r"^(?:\[?[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*\]?|<unknown>|)$")
    host = pl.when(pl.col("user").is_not_null()).then(pl.lit("local")).when(named).then(name)
    ip = relay.str.extract(r"^\[?([0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*)\]?(?: |$)")
    return rows.with_columns(
        pl.when(there).then(ip).alias("relay_ip"),
        host.alias("relay_host"),
        source.str.strip_chars("[]").replace("-", None).alias("local_ip"),
    )


def _seconds(name: str) -> pl.Expr:
    """Seconds from `1d2h3m4s`, of which any part may be missing."""
    parts = (
        pl.col(name).str.extract(rf"([0-9]+){unit}").cast(pl.Float64, strict=False).fill_null(0) * seconds
        for unit, seconds in _LENGTH.items()
    )
    return pl.sum_horizontal(parts).alias(name)


def _handshakes(records: Records, found: Facts) -> None:
    """A handshake with a relay is told by two lines, the latter of which says whether its certificate is good."""
    if (tls := records.get("tls")) is not None:
        found.sessions.append(tls.filter(pl.col("side") == "mta").drop("side"))
        found.tls.append(
            tls.filter(pl.col("side") == "smtp").drop("side").with_columns(pl.lit("in").alias("direction"))
        )
    if (tls := records.get("tls_on")) is not None:
        found.tls.append(tls.with_columns(pl.col("side").alias("direction")).drop("side"))
    if (rows := records.get("certificate")) is not None:
        level = pl.col("result").replace_strict(LEVELS, default="Untrusted", return_dtype=pl.String)
        found.tls.append(
            rows.filter((pl.col("side") == "mta") | (pl.col("result") == NO_CERTIFICATE)).select(
                *BASE, "session", level.alias("level"), pl.lit("out").alias("direction")
            )
        )


def _sessions(records: Records, found: Facts) -> None:
    """What is said of sessions, and which messages came in on which."""
    if (rows := records.get("connect", "connect_on", "relay", "relay_on")) is not None:
        local = pl.col("ip") == "local"
        found.sessions.append(
            rows.select(
                *BASE,
                "session",
                pl.when(~local & (pl.col("host") != "<unknown>")).then(pl.col("host")).alias("peer_host"),
                pl.when(~local).then(pl.col("ip").str.strip_chars("[]")).alias("peer_ip"),
                pl.when(local).then(pl.lit("local")).otherwise(pl.lit("smtp")).alias("origin"),
            )
        )
    if (rows := records.get("auth", "auth_on")) is not None:
        good = pl.col("result").is_in(["ok", "Accepted authentication"])
        found.sessions.append(
            rows.select(
                *BASE,
                "session",
                pl.when(good).then(pl.col("user")).alias("sasl_user"),
                pl.when(~good).then(pl.col("user")).alias("tried_user"),
            )
        )
    for kind, key in (("envelope", "evpid"), ("accepted_for", "msgid"), ("accepted_on", "msgid")):
        if (rows := records.get(kind)) is not None:
            # Mail without a sender that comes in on no connection is a notice of the server's own.
            found.sessions.append(
                rows.select("no", "tag", _message_id(key), "session", (pl.col("sender") == "").alias("senderless"))
            )


FORMAT = Format(
    name="opensmtpd",
    claims=claims,
    told_by=_TOLD_BY,
    shared=("smtpd",),
    queue_id=r"^[0-9a-f]{8}$",
    kinds=(*DELIVERIES, *MESSAGES, *SESSIONS, *DOOR, *NOTES),
    facts=facts,
    reusable_ids=True,
    mail_words=r"\b(?:to|from|rcpt|result|stat|evpid|msgid)=|\breject",
)
