"""Postfix logs: what the lines of `postfix_kinds` say of messages, deliveries and refusals.

Postfix's own decision (`status=`) stays the event; codes and texts are kept as detail.  A queue id is reused once its
file is gone (short ids), so ids alone are no keys: `link.lives` makes them so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.postfix_deliveries import deliveries
from mailaudit.formats.postfix_door import door
from mailaudit.formats.postfix_fates import fates
from mailaudit.formats.postfix_kinds import KINDS
from mailaudit.formats.postfix_noise import POLICY
from mailaudit.formats.postfix_scanner import SCANNER, scanner
from mailaudit.formats.table import Facts, Format, Program
from mailaudit.model.acts import BEGIN, END, IDENT, QUEUED, TOLD

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
_UNIT = re.compile(r"postfix(?:@(.+))?\.service")
"""What `journalctl -o with-unit` writes in the place of the tag; systemd's own instance `-` is Postfix's first."""
_DAEMONS = (frozenset(daemon for kind in KINDS for daemon in kind.daemons) | frozenset(_SILENT)) - frozenset(POLICY)


def claims(tag: str | None) -> Program | None:
    """Tells instance, service and daemon from a tag like `postfix-out/submission/smtpd`; None if it is not Postfix's.

    Any syslog_name counts as long as the last component is one of Postfix's daemons and the name holds a slash.
    """
    if tag is None or "/" not in tag:
        return _without_daemon(tag or "")
    instance, *services, daemon = tag.split("/")
    if instance in POLICY:  # `postfwd2/master` is not Postfix's master
        return None
    if daemon not in _DAEMONS and not instance.startswith("postfix"):
        return None
    return Program(instance or "postfix", "/".join(services) or None, daemon)


def _without_daemon(tag: str) -> Program | None:
    """Tells Postfix by a tag of one component."""
    if tag in ("postfix", SCANNER):
        return Program("postfix", None, tag)
    if unit := _UNIT.fullmatch(tag):
        return Program(unit[1].replace(r"\x2d", "-") if unit[1] not in (None, "-") else "postfix", None, "postfix")
    # An instance's name begins like this; a relay of lines cut the daemon's off.
    if tag.startswith("postfix-") and not any(name in tag for name in POLICY):
        return Program(tag, None, "postfix")
    return None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _life(records, found)
    scanner(records, found)
    deliveries(records, found)
    fates(records, found)
    door(records, found)
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
                _unknown(pl.coalesce("orig_ip", "client_ip")).alias("client_ip"),
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
