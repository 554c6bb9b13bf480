"""Exim logs: what the lines of `exim_kinds` say of messages, deliveries and refusals.

One `<=` line accepts a message, `Completed` ends it.  A message with `R=` is a notice about another one, or what a
filter answers for its owner: it hangs on its parent.  Ids hold a time and never come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats.exim_deliveries import deliveries, tried
from mailaudit.formats.exim_door import door
from mailaudit.formats.exim_kinds import KINDS
from mailaudit.formats.exim_patterns import ID, KEY, token
from mailaudit.formats.table import BASE, Facts, Format, Program
from mailaudit.model.acts import END, HELD, WHOLE
from mailaudit.read.addresses import shortened
from mailaudit.read.exim import ours

if TYPE_CHECKING:
    from mailaudit.formats.table import Records

_IPS = ("client_ip", "relay_ip", "peer_ip")
WHOLE_FATES = {
    "frozen": "held",
    # Each queue run says so: `measure/exim.sql` keeps what is news.
    "still_frozen": "held",
    "thawed": "released",
    "removed": "deleted",
    # Whoever waits is given up, and the sender is told so.
    "cancelled": "expired",
    "swallowed": "discarded",
    "failure_whole": "expired",
}
"""Kinds about all recipients of a message → event."""
SUBJECTS = {
    "failure": r"^Mail (?:delivery failed|failure)",
    "delay": r"^Warning: message [^ ]+ delayed",
    "success": r"^Delivery Status Notification",
}
"""Kind of a notice → its subject, where it is logged, in the words that Exim has unless it is told others."""
TRUSTED = {"yes": "Verified", "dane": "Verified", "no": "Untrusted"}
"""CV= → level of the handshake."""


def claims(tag: str | None) -> Program | None:
    """Tells Exim by its tag; lines of its own files have one by then."""
    return Program("exim", None, "exim") if ours(tag) else None


def facts(records: Records) -> Facts:
    """Turns one block's records into rows for linking and the store."""
    found = Facts()
    told = tried(records)
    if told is not None:
        found.deliveries.append(deliveries(told))
        _handshakes(told.filter(pl.col("flag") != "->"), "out", "relay_host", "relay_ip", found)
    _life(records, found)
    _fates(records, found)
    door(records, found)
    for frames in (found.messages, found.deliveries, found.refusals, found.tls):
        frames[:] = map(_with_short_ips, frames)
    return found


def _with_short_ips(frame: pl.DataFrame) -> pl.DataFrame:
    """Old versions write all groups of an IPv6 address: one host is to have one address."""
    return frame.with_columns(shortened(frame[name]) for name in _IPS if name in frame.columns)


def _life(records: Records, found: Facts) -> None:
    if (accepted := records.get("accepted", "accepted_odd")) is not None:
        accepted = accepted.with_columns(
            pl.when(pl.col("sender") == "<>").then(pl.lit("")).otherwise(pl.col("sender")).alias("sender"),
            pl.col("tail").str.extract(token("P")).alias("protocol"),
        )
        # The receiver's own notices and what its filters answer are handed in by itself.
        made_here = pl.col("parent").is_not_null()
        local = pl.col("client_ip").is_null()
        login = pl.col("tail").str.extract(token("A")).str.extract(r"^[^:]*:([^:]+)")
        found.messages.append(
            accepted.select(
                *BASE,
                pl.lit(WHOLE).alias("act"),
                "sender",
                pl.col("tail").str.extract(token("S")).cast(pl.Int64, strict=False).alias("size"),
                pl.col("recipients")
                .str.replace_all(r'"(?:[^"\\]|\\.)*"', "x")
                .str.split(" ")
                .list.len()
                .cast(pl.Int32)
                .alias("nrcpt"),
                "message_id",
                pl.when(~made_here).then("client_host").alias("client_host"),
                pl.when(~made_here).then("client_ip").alias("client_ip"),
                pl.when(~made_here).then(login).alias("sasl_user"),
                pl.when(made_here)
                .then(None)
                .when(local)
                .then(pl.lit("local"))
                .otherwise(pl.lit("smtp"))
                .alias("origin"),
            )
        )
        _handshakes(accepted, "in", "client_host", "client_ip", found)
        if (notices := accepted.filter(made_here)).height:
            found.deliveries.append(_notices(notices))
    if (done := records.get("completed")) is not None:
        found.messages.append(done.select(*BASE, pl.lit(END).alias("act")))


def _notices(rows: pl.DataFrame) -> pl.DataFrame:
    """What the parents of these messages are told: that there is a notice; `measure/exim.sql` tells of what kind."""
    subject = pl.col("subject")
    return rows.select(
        "no",
        "tag",
        pl.col("parent").alias("queue_id"),
        pl.col("queue_id").alias("next_id"),
        pl.lit("notified").alias("event"),
        pl.lit("<=").alias("raw_event"),
        pl.lit(value=False).alias("attempted"),
        pl.coalesce(pl.when(subject.str.contains(words)).then(pl.lit(kind)) for kind, words in SUBJECTS.items()).alias(
            "notice"
        ),
    )


def _handshakes(rows: pl.DataFrame, direction: str, host: str, ip: str, found: Facts) -> None:
    """`X=` tells version and cipher, `CV=` whether the peer's certificate was verified."""
    parts = rows["tail"].str.extract_groups(
        rf"^(?:{KEY})*? X=(?<version>[^: ]+):(?<cipher>[^ ]+?)(?::[0-9]+)?\*?(?: |$)"
    )
    rows = rows.select(*BASE, peer=host, peer_ip=ip, tail="tail").hstack(parts.struct.unnest())
    rows = rows.filter(pl.col("cipher").is_not_null())
    if rows.height:
        verified = pl.col("tail").str.extract(token("CV"))
        found.tls.append(
            rows.select(
                *BASE,
                "peer",
                "peer_ip",
                pl.col("version").str.replace(r"^TLSv?", "TLSv"),
                "cipher",
                pl.lit(direction).alias("direction"),
                verified.replace_strict(TRUSTED, default=None, return_dtype=pl.String).alias("level"),
            )
        )


def _fates(records: Records, found: Facts) -> None:
    """What became of a whole message: put aside and let go again, removed, given up, thrown away."""
    for kind, event in WHOLE_FATES.items():
        if (rows := records.get(kind)) is not None:
            found.deliveries.append(rows.select(*BASE, "reply", **_whole(event, kind)))
    for kind in ("frozen", "still_frozen"):
        if (rows := records.get(kind)) is not None:
            found.messages.append(rows.select(*BASE, pl.lit(HELD).alias("act")))
    if (rows := records.get("removed")) is not None:
        found.messages.append(rows.select(*BASE, pl.lit(END).alias("act")))
    if (rows := records.get("untold")) is not None:
        found.deliveries.append(rows.select(*BASE, "recipient", **_whole("other", "untold")))
    if (rows := records.get("marked")) is not None:
        found.deliveries.append(rows.select(*BASE, "recipient", "reply", **_whole("deleted", "marked")))


def _whole(event: str, raw: str) -> dict[str, pl.Expr]:
    """Columns of a decision without an attempt."""
    return {"event": pl.lit(event), "raw_event": pl.lit(raw), "attempted": pl.lit(value=False)}


FORMAT = Format(
    name="exim",
    claims=claims,
    # A container leaves the name away, and `syslog_processname` may be any.
    told_by=rf"^{ID} (?:<=|=>|->|\*\*|==|Completed)(?: |$)",
    queue_id=rf"^{ID}$",
    behind_id=" ",
    kinds=KINDS,
    facts=facts,
    mail_words=r"^(?:<=|\(=|=>|==) |\brejected|\bF=<",
)
