"""Postfix may say `NOQUEUE: hold` or `NOQUEUE: discard` before it gives the message a queue id.

The message that is meant is the next one that the same process takes from the same client.  Both lines are a moment
apart, and `read.blocks` keeps them in one block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.acts import BEGIN, HELD, TOLD
from mailaudit.model.times import HOUR

if TYPE_CHECKING:
    from mailaudit.formats.table import Facts

_SESSION = ("host", "tag", "pid", "client_ip")


def attach(facts: Facts, frame: pl.DataFrame) -> None:
    """Gives each verdict the queue id of its message, and takes it out of what was refused.

    `frame`: the heads of the block's lines, with `no`, `time_us`, `host` and `pid`.
    """
    begun = [
        rows.filter(pl.col("act") == BEGIN).select("no", "tag", "client_ip", "queue_id")
        for rows in facts.messages
        if facts.verdicts and "client_ip" in rows.columns
    ]
    if not begun:
        return
    # Lines without a host's name are of one host; a null would equal nothing.
    places = frame.select("no", "time_us", pl.col("host").fill_null(""), "pid")
    verdicts = pl.concat(facts.verdicts, how="diagonal").drop("queue_id").join(places, on="no").sort("no")
    begins = pl.concat(begun).join(places, on="no").sort("no")
    begins = begins.with_columns(pl.col("no").alias("begun")).rename({"time_us": "begun_us"})
    found = verdicts.join_asof(begins, on="no", by=list(_SESSION), strategy="forward", check_sortedness=False)
    found = found.filter(pl.col("queue_id").is_not_null() & (pl.col("begun_us") - pl.col("time_us") <= HOUR))
    if not found.height:
        return
    facts.refusals = [rows.join(found, on="no", how="anti") for rows in facts.refusals]
    # It counts from the line that begins the message: what stands before that is of an earlier message of this id.
    found = found.with_columns(pl.col("begun").alias("no"))
    base = ("no", "tag", "queue_id")
    facts.deliveries.append(
        found.select(
            *base,
            "recipient",
            "reply",
            "event",
            pl.col("action").alias("raw_event"),
            pl.lit(value=False).alias("attempted"),
        )
    )
    held = pl.when(pl.col("event") == "held").then(HELD).otherwise(TOLD)
    facts.messages.append(found.select(*base, "sender", held.alias("act")))
