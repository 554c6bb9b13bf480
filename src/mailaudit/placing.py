"""Rows that providers tell as the tables have them: with the keys of their messages, and one row for each message.

A message is what has the same id at the same provider.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from mailaudit import identity
from mailaudit.formats.providers.raised import KEYS, raised_by
from mailaudit.formats.providers.shape import SNAPSHOT
from mailaudit.model.vocabulary import TRIES
from mailaudit.parsing import domain_of

if TYPE_CHECKING:
    from mailaudit.formats.providers.fill import Filled
    from mailaudit.formats.providers.shape import Provider, Shape

ORIGIN = "provider"
"""The origin of messages that a provider told of."""
SUBMITTED = ("accepted", "processed")
"""Events that tell when a message was handed in."""
BOUNCED = ("soft_bounced", "hard_bounced", "bounced")
KEY, PLACE = 1, 2
"""Seeds of the numbers by which records are known, and of those that stand for a place in an export."""
_CONTENT = (
    "matter", "format", "time_us", "raw_event", "event_id", "smtp_code", "enhanced_status", "reply", "vars", "tags",
)  # fmt: skip
"""What tells an event from others, so that one that is told twice counts once."""


def placed(
    filled: Filled, provider: Provider, shape: Shape, source: int, names: tuple[str, ...] = KEYS
) -> dict[str, pl.DataFrame]:
    """The rows as the tables have them; `names` are those of variables that say who had a message sent."""
    tried = pl.col("event").is_in(TRIES)
    rows = (
        filled.rows.lazy()
        .with_columns(
            pl.lit(source, dtype=pl.Int32).alias("source"),
            pl.lit(provider.name).alias("program"),
            pl.lit(shape.name).alias("format"),
            pl.lit(shape.grain, dtype=pl.Int32).alias("grain"),
            pl.lit(shape.rank, dtype=pl.Int32).alias("detail"),
            pl.when(tried)
            # what comes back after the delivery is no attempt of its own
            .then(pl.lit(shape.grain != SNAPSHOT) & pl.col("late").is_null())
            .when(pl.col("event") == "expired")
            .then(pl.lit(value=False))
            .alias("attempted"),
            pl.col("no").cast(pl.Int32).alias("line"),
            domain_of("recipient"),
            pl.col("recipient").str.to_lowercase().alias("folded"),
            pl.coalesce(
                "suppressed_by",
                pl.when(pl.col("event") == "preblocked")
                .then(pl.lit("provider"))
                .when(pl.col("event") == "suppressed")
                .then(pl.lit("app")),
            ).alias("suppressed_by"),
            pl.coalesce("key", "provider_message_id", "message_id").alias("id"),
            # One export knows that a bounce was hard, another of the same bounce does not.
            pl.when(pl.col("event").is_in(BOUNCED)).then(pl.lit("bounced")).otherwise("event").alias("kind"),
        )
        .with_columns(
            identity.number(
                pl.concat_str(
                    pl.lit(provider.name),
                    pl.when(pl.col("id").is_null())
                    .then(identity.said("folded", "sender", "subject", "time_us", "url"))
                    .otherwise(pl.concat_str(pl.lit("id\0"), "id")),
                    separator="\0",
                ),
                KEY,
            ).alias("key")
        )
        .with_columns(identity.number(identity.said("key", "folded", "kind", "url"), KEY).alias("matter"))
        .with_columns((identity.number(identity.said(*_CONTENT), PLACE).abs() // 2).alias("offset"))
        .collect(engine="in-memory")
    )
    rows = _with_raised_by(rows, names)
    told = [column.name for column in rows if column.null_count() < rows.height]
    return {"deliveries": rows.select(told), "messages": messages(rows, provider)}


def _listed(tags: str | None) -> list[Any]:
    found = json.loads(tags) if tags else []
    return found if isinstance(found, list) else []


def _with_raised_by(rows: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Adds who had the message sent, and its first tag; most rows of a batch share these with others."""
    said = rows.select("vars", "tags").unique()
    found = [raised_by(variables, tags, names) for variables, tags in said.iter_rows()]
    first = [str(tags[0]) if tags else None for tags in map(_listed, said["tags"])]
    said = said.with_columns(
        pl.Series("raised_by", found, dtype=pl.String), pl.Series("first_tag", first, dtype=pl.String)
    )
    joined = rows.join(said, on=["vars", "tags"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.coalesce("campaign", "first_tag").alias("campaign")).drop("first_tag")


def messages(rows: pl.DataFrame, provider: Provider) -> pl.DataFrame:
    """One row for each message of a batch: what its events say of it, the earliest first."""

    def said(name: str) -> pl.Expr:
        return pl.col(name).drop_nulls().first()

    names = (
        "raised_by",
        "campaign",
        "host",
        "queue_id",
        "sender",
        "size",
        "message_id",
        "envelope_id",
        "pool",
        "stream",
    )
    more = ("client_host", "client_ip", "sasl_user", "subject")
    handed_in = pl.col("event").is_in(SUBMITTED)
    return (
        rows.lazy()
        .sort("time_us", "offset")
        .group_by("key")
        .agg(
            pl.col("source", "line", "offset").first(),
            pl.col("time_us").min().alias("first_us"),
            pl.col("time_us").max().alias("last_us"),
            pl.col("time_us").filter(handed_in).min().alias("accepted_us"),
            *(said(name) for name in (*names, *more)),
            said("provider_message_id"),
            said("id" if provider.answers_key else "handed_as").alias("handed_as"),
        )
        .with_columns(
            pl.lit(provider.name).alias("instance"),
            pl.lit(ORIGIN).alias("origin"),
            domain_of("sender"),
        )
        .collect(engine="in-memory")
    )
