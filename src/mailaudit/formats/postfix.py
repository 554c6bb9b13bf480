"""Postfix logs: what the lines of `postfix_kinds` say of messages, deliveries and refusals.

Postfix's own decision (`status=`) stays the event; codes and texts are kept as detail.  A queue id is reused once its
file is gone (short ids), so ids alone are no keys: `link.lives` makes them so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import refusal
from mailaudit.formats.postfix_fates import fates
from mailaudit.formats.postfix_kinds import KINDS
from mailaudit.formats.postfix_noise import POLICY
from mailaudit.formats.postfix_scanner import SCANNER, scanner
from mailaudit.formats.table import BASE, Facts, Format, Program
from mailaudit.model.acts import BEGIN, END, HELD_AT_ONCE, IDENT, QUEUED, TOLD
from mailaudit.model.acts import HELD as ON_HOLD

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

_SILENT = (
    "anvil",
    "scache",
    "proxymap",
    "proxywrite",
    "trivial-rewrite",
    "flush",
    "showq",
    "postalias",
    "postmap",
    "smtps",
)
"""Daemons without a kind of their own."""
_DAEMONS = (frozenset(daemon for kind in KINDS for daemon in kind.daemons) | frozenset(_SILENT)) - frozenset(POLICY)

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


def claims(tag: str | None) -> Program | None:
    """Tells instance, service and daemon from a tag like `postfix-out/submission/smtpd`; None if it is not Postfix's.

    Any syslog_name counts as long as the last component is one of Postfix's daemons and the name holds a slash.
    """
    if tag in ("postfix", SCANNER):
        return Program("postfix", None, tag)
    # An instance's name begins like this; a relay of lines cut the daemon's off.
    if tag is not None and tag.startswith("postfix-") and "/" not in tag and not any(name in tag for name in POLICY):
        return Program(tag, None, "postfix")
    if tag is None or "/" not in tag:
        return None
    instance, *services, daemon = tag.split("/")
    if daemon not in _DAEMONS and not instance.startswith("postfix"):
        return None
    return Program(instance or "postfix", "/".join(services) or None, daemon)


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _life(records, found)
    scanner(records, found)
    _deliveries(records, found)
    fates(records, found)
    _door(records, found)
    if (tls := records.get("tls")) is not None:
        found.tls.append(
            tls.with_columns(
                pl.when(pl.col("way") == "to").then(pl.lit("out")).otherwise(pl.lit("in")).alias("direction"),
                _unknown(pl.col("peer")).alias("peer"),
                pl.col("version").str.strip_suffix(":").alias("version"),
            ).drop("way")
        )
    return found


def _unknown(name: pl.Expr) -> pl.Expr:
    """Null for the name `unknown` and for no name."""
    return pl.when((name == "unknown") | (name == "")).then(None).otherwise(name)


def _life(records: Records, found: Facts) -> None:
    if (client := records.get("client")) is not None:
        client = client.filter(pl.col("queue_id").is_not_null())
        found.messages.append(
            client.with_columns(
                pl.lit(BEGIN).alias("act"),
                pl.lit("smtp").alias("origin"),
                _unknown(pl.coalesce("orig_host", "client_host")).alias("client_host"),
                pl.coalesce("orig_ip", "client_ip").alias("client_ip"),
            ).drop("sasl_method", "sasl_sender", "orig_host", "orig_ip")
        )
    if (pickup := records.get("pickup")) is not None:
        found.messages.append(
            pickup.drop("uid", "sender").with_columns(pl.lit(BEGIN).alias("act"), pl.lit("local").alias("origin"))
        )
    if (ident := records.get("ident")) is not None:
        found.messages.append(ident.with_columns(pl.lit(IDENT).alias("act")))
    if (active := records.get("active")) is not None:
        found.messages.append(
            active.with_columns(
                pl.lit(QUEUED).alias("act"),
                pl.col("size").cast(pl.Int64, strict=False),
                pl.col("nrcpt").cast(pl.Int32, strict=False),
            )
        )
    if (removed := records.get("removed")) is not None:
        found.messages.append(removed.with_columns(pl.lit(END).alias("act")))
    if (canceled := records.get("canceled")) is not None:
        # What was canceled never reached the queue: a mail that ends there would be one whose fate nobody knows.
        gone = pl.when(pl.col("why") == "discarded").then(END).otherwise(TOLD)
        found.messages.append(canceled.with_columns(gone.alias("act")).drop("why"))


def _deliveries(records: Records, found: Facts) -> None:
    if (rows := records.get("delivery")) is not None:
        # A relay of lines may append a number; a cut line lacks its end.
        open_ = ~rows["reply"].str.ends_with(")").fill_null(value=True).all()
        reply = (
            pl.col("reply").str.replace(r"\) *(?: [0-9]+)?$", "") if open_ else pl.col("reply").str.strip_suffix(")")
        )
        sent = pl.col("status") == "sent"
        rows = rows.with_columns(reply).with_columns(
            pl.col("status").replace_strict(EVENT, default="other", return_dtype=pl.String).alias("event"),
            pl.when(sent)
            .then(
                pl.when(pl.col("reply").str.starts_with("delivered via "))
                .then(pl.lit(""))
                .otherwise(
                    pl.col("reply").str.extract(r"(?:queued as |forwarded as |id=)([0-9A-Za-z][0-9A-Za-z-]{5,22})\b")
                ),
            )
            .alias("next_id"),
            pl.col("reply")
            .str.extract(r"^(?:host [^ ]+ (?:said|refused to talk to me): )?([245][0-9][0-9])(?:[ -]|$)")
            .cast(pl.Int32)
            .alias("smtp_code"),
            _attempted().alias("attempted"),
            *(
                pl.col(name).cast(pl.Float64, strict=False)
                for name in ("delay", "delay_a", "delay_b", "delay_c", "delay_d")
            ),
            pl.col("relay_port").cast(pl.Int32, strict=False),
            (pl.col("relay_host") == "none").alias("nowhere"),
            pl.when(~pl.col("relay_host").is_in(["none", ""])).then(pl.col("relay_host")).alias("relay_host"),
            pl.when(pl.col("relay_ip").str.contains(r"^[0-9A-Fa-f:.%]+$")).then(pl.col("relay_ip")).alias("relay_ip"),
        )
        own = pl.col("relay_ip").str.starts_with("127.0.0.") | (pl.col("relay_ip") == "::1")
        event = (
            pl.when(~sent)
            .then(pl.col("event"))
            .when(pl.col("reply").str.starts_with("forwarded as "))
            .then(pl.lit("expanded"))
            .when(
                # Only discard(8) is done with mail without a relay; its name may be cut off.
                pl.col("tag").str.ends_with("/discard")
                | pl.col("nowhere")
                | pl.col("reply").str.contains("Ok, discarded", literal=True)
                | pl.col("reply").str.ends_with(", DISCARD(bounce.suppressed)")
            )
            .then(pl.lit("discarded"))
            # amavis took it, refused it, and told the sender itself.
            .when(pl.col("reply").str.ends_with(", BOUNCE"))
            .then(pl.lit("bounced"))
            .when(own & (pl.col("next_id") != ""))
            .then(pl.lit("relayed"))
            .otherwise(pl.lit("delivered"))
        )
        found.deliveries.append(
            rows.with_columns(event.alias("event"), pl.col("status").alias("raw_event")).drop(
                "status", "conn_use", "nowhere"
            )
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


def _door(records: Records, found: Facts) -> None:
    rows = records.get("access", "proxy", "milter_check", "check", "check_cut")
    if rows is not None:
        missing = [name for name in ("sender", "recipient", "reply") if name not in rows.columns]
        rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
        rows = _without_doubt(_with_phase(rows.filter(~pl.col("action").is_in(LETTING_IN))))
        # The fate of a message that was let in is no refusal: hold and discard go with its deliveries.
        fate = pl.col("action").is_in(list(HELD)) & pl.col("queue_id").is_not_null()
        if (fates := rows.filter(fate)).height:
            found.deliveries.append(
                fates.select(
                    *BASE,
                    "recipient",
                    "reply",
                    pl.col("action").replace_strict(HELD, return_dtype=pl.String).alias("event"),
                    pl.col("action").alias("raw_event"),
                    pl.lit(value=False).alias("attempted"),
                )
            )
            # Sender and client stand on the line: the message may never reach the queue manager.
            found.messages.append(
                fates.select(
                    *BASE,
                    "sender",
                    pl.when(pl.col("action").replace_strict(HELD, return_dtype=pl.String) == "held")
                    # cleanup(8) has the message; smtpd(8) only knows of a recipient, and its client may still go away.
                    .then(pl.when(pl.col("tag").str.ends_with("/cleanup")).then(HELD_AT_ONCE).otherwise(ON_HOLD))
                    .otherwise(TOLD)
                    .alias("act"),
                )
            )
        found.refusals.append(refusal.rows(rows.filter(~fate)))
        _returned(rows, found)
        # Told before the queue id is given out: the next message of this process is the one that is meant.
        early = rows.filter(
            pl.col("action").is_in(("hold", "discard", "milter-discard")) & pl.col("queue_id").is_null()
        )
        if early.height:
            found.verdicts.append(early.with_columns(pl.col("action").replace_strict(HELD).alias("event")))
    if (limited := records.get("rate_limited")) is not None:
        found.refusals.append(
            refusal.rows(
                limited.with_columns(
                    pl.lit("limit").alias("action"),
                    pl.col("what").replace_strict(LIMITED, default="CONNECT", return_dtype=pl.String).alias("phase"),
                ).drop("what")
            )
        )
    if (bad := records.get("bad_address")) is not None:
        found.refusals.append(_bad_address(bad))
    if (failed := records.get("auth_failed")) is not None:
        found.refusals.append(
            refusal.rows(failed.with_columns(pl.lit("auth").alias("action"), pl.lit("AUTH").alias("phase")))
        )


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


FORMAT = Format(
    name="postfix",
    claims=claims,
    # Short ids are upper-case hexadecimal, long ids have no vowels; both are 6 to 20 characters.
    # The last form is for ids that someone made anonymous: a digit early on, which no word before a colon has.
    queue_id=r"^(?:[0-9A-F]{6,16}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}|[A-Za-z]{0,5}[0-9][0-9A-Za-z]{5,19})$",
    kinds=KINDS,
    facts=facts,
    reusable_ids=True,
    lasting_id="z",
    bracketed=("delivery",),
    anyone="postfix",
)
