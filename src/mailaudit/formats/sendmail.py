"""Sendmail logs: what the lines of `sendmail_kinds` say of messages, deliveries and refusals.

One `from=` line accepts a message, and no line ends it: it is over when each recipient has a final status.  One `to=`
line speaks of all recipients that shared a mailer, a host and a result; the words of `stat=` decide what became of
them.  `xdelay=`, the time of the attempt itself, is kept as `delay_d`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.sendmail_deliveries import deliveries
from mailaudit.formats.sendmail_door import door
from mailaudit.formats.sendmail_kinds import KINDS
from mailaudit.formats.sendmail_words import GAVE_UP, bare, client, whole
from mailaudit.formats.table import BASE, Facts, Format, Program
from mailaudit.model.acts import END, TOLD, WHOLE
from mailaudit.model.queue_ids import SENDMAIL_ID
from mailaudit.read.addresses import shortened

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

_IPS = ("client_ip", "relay_ip", "peer_ip")
_PROGRAMS = frozenset(("sendmail", "MTA", "MSP", "newaliases"))
_TOLD_BY = rf"^{SENDMAIL_ID}: (?:from=.*, size=[0-9]+, class=-?[0-9]+, nrcpts=[0-9]+|to=.*, delay=[0-9+:]+, .*stat=)"
"""Milters log the server's queue ids, too, but not like this."""


def claims(tag: str | None) -> Program | None:
    """Tells sendmail's programs by tag; a line without one begins with a sendmail queue id, as its reader made sure."""
    if tag is None or tag in _PROGRAMS or tag.startswith(("sm-", "sendmail-")):
        return Program("sendmail", None, "sendmail")
    return None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    _life(records, found)
    if (rows := records.get("delivery")) is not None:
        found.deliveries.append(deliveries(rows))
    _notices(records, found)
    _split(records, found)
    _fates(records, found)
    door(records, found)
    if (tls := records.get("tls")) is not None:
        found.tls.append(
            tls.with_columns(
                pl.when(pl.col("side") == "client").then(pl.lit("out")).otherwise(pl.lit("in")).alias("direction"),
                *client("relay", host="peer", ip="peer_ip"),
            ).drop("side", "relay")
        )
    for frames in (found.messages, found.deliveries, found.refusals, found.tls, found.logins):
        frames[:] = map(_with_short_ips, frames)
    return found


def _with_short_ips(frame: pl.DataFrame) -> pl.DataFrame:
    """Sendmail writes all groups of an IPv6 address, Postfix as few as will do: one host is to have one address."""
    return frame.with_columns(shortened(frame[name]) for name in _IPS if name in frame.columns)


def _life(records: Records, found: Facts) -> None:
    if (accepted := records.get("accepted")) is not None:
        # A transaction that ended without a message is logged with no size or no recipients.
        empty = (pl.col("size") == "0") | (pl.col("nrcpt") == "0")
        local = pl.col("relay").str.contains(r"^(?:[^ ]+@)?localhost$")
        # Notices made here have no client; old versions log them with [RESPONSE].
        made_here = pl.col("relay").is_null() | (pl.col("relay") == "[RESPONSE]")
        sender = bare(pl.col("sender"))
        host, ip = client("relay")
        found.messages.append(
            accepted.select(
                *BASE,
                pl.when(empty.fill_null(value=False)).then(pl.lit(TOLD)).otherwise(pl.lit(WHOLE)).alias("act"),
                pl.when(pl.col("sender") != "<NONE>").then(sender).alias("sender"),
                pl.col("size").cast(pl.Int64, strict=False),
                pl.col("nrcpt").cast(pl.Int32, strict=False),
                bare(pl.col("message_id")).str.replace(r">.*$", "").alias("message_id"),
                pl.when(~local & ~made_here).then(host).alias("client_host"),
                pl.when(~local & ~made_here).then(ip).alias("client_ip"),
                pl.when(made_here)
                .then(None)
                .when(local)
                .then(pl.lit("local"))
                .otherwise(pl.lit("smtp"))
                .alias("origin"),
            )
        )
    if (login := records.get("auth")) is not None:
        login = login.filter(pl.col("side") == "server")
        with_id = pl.col("queue_id").is_not_null()
        found.messages.append(login.filter(with_id).select(*BASE, "sasl_user", pl.lit(TOLD).alias("act")))
        found.logins.append(login.filter(~with_id).select(*BASE, "sasl_user", *client("relay")))
    if (done := records.get("done")) is not None:
        found.messages.append(done.select(*BASE, pl.lit(END).alias("act")))
        # Whoever is still deferred when sendmail is done with a message has been given up.
        found.deliveries.append(done.select(*BASE, **whole("expired", "done")))


def _notices(records: Records, found: Facts) -> None:
    """Bounces, warnings and receipts, and what they say of the message they are about."""
    if (rows := records.get("notice")) is not None:
        rows = rows.with_columns(pl.col("reply").str.strip_suffix("*"))
        text = pl.col("reply")
        kind = (
            pl.when(text.str.starts_with("Return receipt"))
            .then(pl.lit("success"))
            .when(text.str.starts_with("Warning:"))
            .then(pl.lit("delay"))
            .otherwise(pl.lit("failure"))
        )
        found.deliveries.append(
            rows.select(*BASE, "next_id", "reply", **whole("notified", ""), notice=kind).with_columns(
                rows["what"].alias("raw_event")
            )
        )
        if (gone := rows.filter(text.str.contains(GAVE_UP))).height:
            found.deliveries.append(
                gone.select(*BASE, "reply", _span("reply").alias("delay"), **whole("expired", "Cannot send message"))
            )
        # A notice has no `from=` line of its own: it is made by this one.
        found.messages.append(rows.select(*_renamed_id(), pl.lit("").alias("sender"), pl.lit(WHOLE).alias("act")))
    if (clones := records.get("clone", "cloned")) is not None:
        # Queue ids grow with time: the smaller one is the message that was divided, whichever the line begins with.
        ids = ("queue_id", "next_id")
        clones = clones.with_columns(pl.min_horizontal(ids).alias("queue_id"), pl.max_horizontal(ids).alias("next_id"))
        found.deliveries.append(clones.select(*BASE, "next_id", **whole("expanded", "clone")))
        found.messages.append(
            clones.select(*_renamed_id(), bare(pl.col("owner")).alias("sender"), pl.lit(WHOLE).alias("act"))
        )


def _span(name: str) -> pl.Expr:
    """Seconds from `… for 4 days 12 hours`; 0 if there is no such text."""
    units = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    parts = (
        pl.col(name).str.extract(rf"\b([0-9]+) {unit}s?\b").cast(pl.Float64).fill_null(0) * seconds
        for unit, seconds in units.items()
    )
    return pl.sum_horizontal(parts)


def _split(records: Records, found: Facts) -> None:
    """An envelope with many recipients goes on as several: the line names the new ones, which have no `from=` line."""
    if (rows := records.get("split")) is not None:
        parts = rows.with_columns(pl.col("ids").str.extract_all(r"[0-9A-Za-z]{8,20}").alias("next_id")).explode(
            "next_id"
        )
        parts = parts.filter(pl.col("next_id").is_not_null())
        found.deliveries.append(parts.select(*BASE, "next_id", **whole("expanded", "split")))
        found.messages.append(parts.select(*_renamed_id(), pl.lit(WHOLE).alias("act")))


def _fates(records: Records, found: Facts) -> None:
    """What became of a whole message: discarded, or put aside by the operator and let go again."""
    for kind, event in (("discarded", "discarded"), ("quarantined", "held"), ("released", "released")):
        if (rows := records.get(kind)) is not None:
            found.deliveries.append(rows.select(*BASE, "reply", **whole(event, kind)))
    # Whom a milter takes away may be put back under another spelling: `measure/facts_sendmail.sql` decides.
    if (rows := records.get("milter_removed")) is not None:
        found.deliveries.append(
            rows.select(
                *BASE,
                bare(pl.col("recipient")).alias("recipient"),
                pl.format("removed by milter {}", pl.col("filter").str.strip_chars("() "))
                .str.strip_chars_end()
                .alias("reply"),
                **whole("other", "removed by milter"),
            )
        )
    # The `from=` line of a message that was cut off looks like any other's (see `measure/roles.sql`).
    if (rows := records.get("lost_message")) is not None:
        found.deliveries.append(
            rows.filter(pl.col("queue_id").is_not_null()).select(
                *BASE, pl.col("text").alias("reply"), **whole("other", "cut off")
            )
        )


def _renamed_id() -> tuple[pl.Expr, ...]:
    """The base columns of a row about the message `next_id`."""
    return tuple(pl.col("next_id").alias("queue_id") if name == "queue_id" else pl.col(name) for name in BASE)


FORMAT = Format(
    name="sendmail",
    claims=claims,
    told_by=_TOLD_BY,
    # Since 8.12: year, month, day, hour, minute, second and sequence in base 60, then a pid; older ones are shorter.
    queue_id=r"^(?:[0-9A-Za-z]{6,8}[0-9]{5,10}|[A-X][A-Z]{2}[0-9]{5})$",
    kinds=KINDS,
    facts=facts,
)
