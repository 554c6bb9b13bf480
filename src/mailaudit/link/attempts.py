"""qmail's attempts: whose a result is, told by the line that started the delivery with the same number.

`starting delivery 5` names message and recipient, `delivery 5` the result; numbers begin again with the daemon, so a
result belongs to the last start of its number on that host.  Both may stand blocks apart, and so may the beginning of
the message, from which its delay counts: what is open is carried from block to block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.link.mentions import rename
from mailaudit.read.addresses import domains

if TYPE_CHECKING:
    from mailaudit.link.mentions import Mentions

KEPT = 100_000
"""Starts and messages remembered at most."""
PROGRAM = "qmail-send"
"""Who wrote these lines, where multilog leaves it away."""
_START = {
    "host": pl.String,
    "number": pl.String,
    "queue_id": pl.String,
    "recipient": pl.String,
    "original_recipient": pl.String,
    "relay_host": pl.String,
    "time_us": pl.Int64,
    "arrived_us": pl.Int64,
}
_ARRIVAL = {"host": pl.String, "queue_id": pl.String, "arrived_us": pl.Int64}
_UID = {"host": pl.String, "uid": pl.String}


@dataclass(slots=True)
class Attempts:
    """Deliveries that are under way, messages that are in the queue, and the users that hand in mail of others."""

    started: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_START))
    arrived: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ARRIVAL))
    senders: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_UID))
    strays: int = 0
    """Results of deliveries that did not begin in these logs."""

    def name(self, mentions: Mentions | None, tables: dict[str, pl.DataFrame], attempts: pl.DataFrame | None) -> None:
        """Gives a block's results their messages and recipients; those of which no line told are left out.

        `attempts`: `no`, `host`, `time_us`, `what` (info, end, starting, result), `queue_id`, `number`, and for whom.
        """
        if attempts is None or mentions is None:
            return
        wanted = {**_START, "uid": pl.String, "senderless": pl.Boolean}
        missing = [pl.lit(None, kind).alias(name) for name, kind in wanted.items() if name not in attempts.columns]
        rows = attempts.with_columns(pl.col("host").fill_null(""), pl.col("no").cast(pl.Int64), *missing)
        self._tell_origins(mentions, rows.filter(pl.col("what") == "info"))
        starts = self._with_arrivals(rows)
        results = rows.filter(pl.col("what") == "result")
        pairs = pl.concat(
            [
                self.started.with_columns(pl.lit(-1, pl.Int64).alias("no"), begins=True),
                starts.select(*_START, "no", begins=True),
                results.select(*_START, "no", begins=False),
            ]
        ).sort("host", "number", "no")
        same = (pl.col("host") == pl.col("host").shift(1)) & (pl.col("number") == pl.col("number").shift(1))
        whose = [name for name in _START if name not in ("host", "number")]
        met = pairs.with_columns(
            (same & pl.col("begins").shift(1)).fill_null(value=False).alias("met"),
            *(pl.col(name).shift(1).alias(f"begun_{name}") for name in whose),
        ).filter(~pl.col("begins"))
        later = pairs.select(last=~same.shift(-1).fill_null(value=False)).to_series()
        self.started = pairs.filter(later & pairs["begins"]).select(*_START).tail(KEPT)
        self._fill(mentions, tables, met)

    def _with_arrivals(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The starts with the time at which their messages came."""
        told = rows.filter(pl.col("what").is_in(["info", "end", "starting"]))
        ends = pl.when(pl.col("what") == "end").then(-1)
        told = told.with_columns(arrived_us=ends.when(pl.col("what") == "info").then("time_us"))
        known = self.arrived.with_columns(pl.lit(-1, pl.Int64).alias("no"))
        together = pl.concat([known, told], how="diagonal").sort("host", "queue_id", "no", maintain_order=True)
        together = together.with_columns(pl.col("arrived_us").forward_fill().over("host", "queue_id"))
        last = together.group_by("host", "queue_id", maintain_order=True).agg(pl.col("arrived_us").last())
        self.arrived = last.filter(pl.col("arrived_us") >= 0).select(*_ARRIVAL).tail(KEPT)
        starts = together.filter(pl.col("what") == "starting")
        return starts.with_columns(arrived_us=pl.when(pl.col("arrived_us") >= 0).then("arrived_us"))

    def _tell_origins(self, mentions: Mentions, infos: pl.DataFrame) -> None:
        """Mail without a sender is a notice made here, unless its user has handed in mail with one before."""
        if not infos.height:
            return
        own = infos.filter(~pl.col("senderless")).group_by("host", "uid").agg(since=pl.col("no").min())
        known = pl.concat([self.senders.with_columns(pl.lit(-1, pl.Int64).alias("since")), own])
        known = known.group_by("host", "uid", maintain_order=True).agg(pl.col("since").min())
        self.senders = known.select(*_UID).tail(KEPT)
        came = infos.filter("senderless").join(known, on=["host", "uid"]).filter(pl.col("since") < pl.col("no"))
        if not came.height:
            return
        places = mentions.rows.select(pl.col("no").cast(pl.Int64)).with_row_index("row").unique("no", keep="first")
        new = (
            came.join(places, on="no").sort("row").select("row", origin=pl.lit("smtp"), service=pl.lit(None, pl.String))
        )
        before = mentions.values.get("origin")
        mentions.values["origin"] = new if before is None else pl.concat([before, new], how="diagonal")

    def _fill(self, mentions: Mentions, tables: dict[str, pl.DataFrame], met: pl.DataFrame) -> None:
        """Puts message, recipient and delays into the rows of results, and their messages into the mentions."""
        rows = tables.get("deliveries")
        if rows is None or not met.height:
            return
        self.strays += int((~met["met"]).sum())
        found = rows.select(pl.col("no").cast(pl.Int64)).join(
            met.select("no", "met", *(name for name in met.columns if name.startswith("begun_"))),
            on="no",
            how="left",
            maintain_order="left",
        )
        result = rows["queue_id"].is_null()
        filled = pl.DataFrame([*rows.get_columns(), *found.drop("no").get_columns(), result.alias("is_result")])
        own = [name for name in ("original_recipient", "relay_host", "delay", "delay_d") if name not in rows.columns]
        filled = filled.with_columns(
            pl.lit(None, pl.Float64 if "delay" in name else pl.String).alias(name) for name in own
        )
        spent = {"delay": "begun_arrived_us", "delay_d": "begun_time_us"}
        filled = filled.with_columns(
            pl.col("program").fill_null(PROGRAM),
            *(
                pl.when("is_result").then(pl.coalesce(f"begun_{name}", name)).otherwise(name).alias(name)
                for name in ("queue_id", "recipient", "original_recipient", "relay_host")
            ),
            # What a local delivery prints is no relay's word.
            pl.when(pl.col("begun_relay_host").is_null()).then("relay_ip").alias("relay_ip"),
            *(
                pl.when("is_result").then((pl.col("time_us") - pl.col(since)) / 1_000_000).round(3).alias(name)
                for name, since in spent.items()
            ),
        )
        keep = ~filled["is_result"] | filled["met"].fill_null(value=False)
        rename(mentions, filled["queue_id"], filled["is_result"], keep)
        filled = filled.filter(keep).with_columns(
            pl.col("recipient").map_batches(domains, pl.String).alias("recipient_domain")
        )
        tables["deliveries"] = filled.select(*rows.columns, *own)
