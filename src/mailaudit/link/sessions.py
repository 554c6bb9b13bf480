"""OpenSMTPD's sessions: who handed a message in, or was refused, told by another line of the same session.

`smtp connected` names the client and `smtp authentication` the user; messages, refusals and handshakes of the session
name neither.  A session may be open for hours, so what is known of it is carried from block to block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.link.mentions import LED

if TYPE_CHECKING:
    from mailaudit.link.mentions import Mentions

KEPT = 100_000
"""Sessions remembered at most."""
_KEY = ("host", "session")
_KNOWN = {
    "host": pl.String,
    "session": pl.String,
    "peer_host": pl.String,
    "peer_ip": pl.String,
    "origin": pl.String,
    "sasl_user": pl.String,
    "tried_user": pl.String,
    "version": pl.String,
    "cipher": pl.String,
}
_TOLD = tuple(name for name in _KNOWN if name not in _KEY)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=_KNOWN)


@dataclass(slots=True)
class Sessions:
    """What is known of the latest sessions."""

    known: pl.DataFrame = field(default_factory=_empty)

    def name(self, mentions: Mentions | None, tables: dict[str, pl.DataFrame], sessions: pl.DataFrame | None) -> None:
        """Adds clients and users to a block's messages, refusals and handshakes, and remembers its sessions.

        `sessions`: `no`, `host`, `session`, what is told of it, and `queue_id` and `senderless` of its messages.
        """
        if sessions is not None:
            self._remember(sessions)
        if sessions is not None and mentions is not None:
            self._messages(mentions, sessions)
        for table in ("refusals", "tls"):
            if (rows := tables.get(table)) is not None and "session" in rows.columns:
                tables[table] = self._named(rows, table)
        self.known = self.known.tail(KEPT)

    def _remember(self, sessions: pl.DataFrame) -> None:
        told = sessions.select(
            pl.col("host").fill_null(""),
            "session",
            *(pl.col(name) if name in sessions.columns else pl.lit(None, pl.String).alias(name) for name in _TOLD),
        ).filter(pl.any_horizontal(pl.col(name).is_not_null() for name in _TOLD))
        first = (pl.col(name).drop_nulls().first() for name in _TOLD)
        self.known = pl.concat([self.known, told]).group_by(_KEY, maintain_order=True).agg(first)

    def _messages(self, mentions: Mentions, sessions: pl.DataFrame) -> None:
        if "queue_id" not in sessions.columns or not sessions["queue_id"].count():
            return
        rows = mentions.rows.select("no", "queue_id").with_row_index("row").unique("no", keep="first")
        came = sessions.filter(pl.col("queue_id").is_not_null()).select(
            "no", pl.col("host").fill_null(""), "session", "senderless"
        )
        told = came.join(self.known, on=list(_KEY), how="left").join(rows, on="no").sort("row")
        # A session that began before these logs was hardly the machine's own, which last no longer than a moment.
        origin = pl.when(~pl.col("senderless")).then(pl.col("origin").fill_null("smtp")).otherwise(pl.col("origin"))
        own = pl.col("senderless") & (pl.col("origin") == "local")
        told = told.select(
            "row",
            pl.col("peer_host").alias("client_host"),
            pl.col("peer_ip").alias("client_ip"),
            "sasl_user",
            pl.when(~own).then(origin).alias("origin"),
            pl.lit(None, pl.String).alias("service"),
        )
        for lead in ("client_ip", "sasl_user", "origin"):
            new = told.select("row", *LED[lead]).filter(pl.col(lead).is_not_null())
            before = mentions.values.get(lead)
            mentions.values[lead] = new if before is None else pl.concat([before, new], how="diagonal")

    def _named(self, rows: pl.DataFrame, table: str) -> pl.DataFrame:
        if table == "tls":
            missing = [name for name in ("version", "cipher") if name not in rows.columns]
            rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
        found = rows.with_columns(pl.col("host").fill_null("")).join(
            self.known, on=list(_KEY), how="left", maintain_order="left"
        )
        if table == "tls":
            told = (found[name].fill_null(found[f"{name}_right"]) for name in ("version", "cipher"))
            return rows.with_columns(found["peer_host"].alias("peer"), found["peer_ip"], *told)
        user = pl.when(found["phase"] == "AUTH").then(pl.coalesce(found["tried_user"], found["sasl_user"]))
        return rows.with_columns(
            found["peer_host"].alias("client_host"),
            found["peer_ip"].alias("client_ip"),
            user.otherwise(found["sasl_user"]).alias("sasl_user"),
        )
