"""Which lines belong to one message: the lives of queue ids.

A message's key is (host, instance, queue id, life).  Short Postfix ids are the inode of the queue file, so they come
back as soon as the file is gone; lines of one id also come slightly out of causal order, and messages begin before a
log and end after it.  A life begins

- where a queue id is given out (BEGIN), unless the Message-ID line of the same life came a moment earlier;
- with a Message-ID (IDENT) that no BEGIN announced: a notice, or a life whose beginning is not in the log;
- with anything that comes more than a minute after the id was freed (END), or after a silence longer than a queue's
  usual lifetime.

`Lives.link` takes the rows of one block in reading order, so what is still open is carried to the next block, file or
run; a life's key is made from its first line and never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from mailaudit.model.acts import BEGIN, END, IDENT, WHOLE
from mailaudit.model.columns import MESSAGES

SECOND = 1_000_000
LATE = 60 * SECOND
"""A line this long after an id was freed still belongs to the old life (another process flushed it late)."""
DISORDER = 5 * SECOND
"""A Message-ID this long before its `client=` line is disorder, not another life."""
SILENCE = 5 * 86_400 * SECOND
"""Postfix's default maximal_queue_lifetime: nothing may be silent longer and still be the same message."""
FORGET = 8 * 86_400 * SECOND
"""Open lives silent for longer are not carried on."""

_OPEN = {
    "gid": pl.UInt64, "key": pl.Int64, "time_us": pl.Int64, "begun": pl.Boolean, "ident": pl.UInt64, "ended": pl.Boolean,
}
_LED = {
    # A column that leads a group: its first non-null row in a life gives the whole group.
    "client_ip": ("client_host", "client_ip"),
    "sasl_user": ("sasl_user",),
    "previous_id": ("previous_id",),
    "origin": ("origin",),
    "message_id": ("message_id",),
    "sender": ("sender", "sender_domain"),
    "size": ("size",),
    "nrcpt": ("nrcpt",),
}


def empty_open() -> pl.DataFrame:
    """No open lives."""
    return pl.DataFrame(schema=_OPEN)


@dataclass(slots=True)
class Lives:
    """The state of linking: one row per queue id whose last life may still get lines."""

    open: pl.DataFrame = field(default_factory=empty_open)

    def link(self, rows: pl.DataFrame, *, reusable: bool) -> pl.DataFrame:
        """Gives every row the key of its life; remembers what stays open.

        `rows`, of one block: `row` (any identity), `source`, `no`, `time_us`, `host`, `instance`, `queue_id`, `act`
        and `message_id`.  Returns `row` and `key`, sorted by life and line.
        """
        gid = pl.struct("host", "instance", "queue_id").hash(seed=1)
        if not reusable:
            keyed = rows.select("row", "no", gid.reinterpret(signed=True).alias("key"))
            return keyed.sort("key", "no", "row").select("row", "key")
        ident = pl.when(pl.col("act") == IDENT).then(pl.col("message_id").fill_null("").hash(seed=2))
        marks = rows.select(
            gid.alias("gid"), pl.col("row").cast(pl.Int64), "source", pl.col("no").cast(pl.Int64), "time_us",
            pl.col("act").cast(pl.Int8), ident.alias("ident"),
        )
        known = self.open.lazy().join(marks.lazy().select("gid"), on="gid", how="semi").collect()
        carried = known.select(
            "gid", pl.lit(-1, dtype=pl.Int64).alias("row"), pl.lit(None, dtype=marks["source"].dtype).alias("source"),
            pl.lit(-1, dtype=pl.Int64).alias("no"), "time_us", pl.lit(0, dtype=pl.Int8).alias("act"), "ident",
            "key", "begun", "ended",
        )
        both = pl.concat([carried, marks], how="diagonal").sort("gid", "no", "row")
        lived = _divide(both)
        self._carry(lived, marks)
        return lived.filter(pl.col("row") >= 0).select(pl.col("row").cast(pl.UInt32), "key")

    def _carry(self, lived: pl.DataFrame, marks: pl.DataFrame) -> None:
        """Remembers the last life of every id: whether it has begun, its Message-ID, and whether it is over."""
        last = lived.group_by("gid", maintain_order=True).agg(pl.col("key").last())
        state = (
            lived.join(last, on=["gid", "key"], how="semi")
            .group_by("gid")
            .agg(
                pl.col("key").last(),
                pl.col("time_us").max(),
                ((pl.col("act") == BEGIN) | pl.col("begun").fill_null(value=False)).any().alias("begun"),
                pl.col("ident").drop_nulls().last().alias("ident"),
                ((pl.col("act") == END) | pl.col("ended").fill_null(value=False)).any().alias("ended"),
            )
        )
        now = marks["time_us"].max()
        stale = pl.when(pl.col("ended")).then(LATE * 10).otherwise(FORGET)
        kept = pl.concat([self.open.join(last, on="gid", how="anti"), state.select(list(_OPEN))])
        self.open = kept.filter(pl.col("time_us") >= now - stale)


def _divide(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `key` to rows sorted by queue id and reading order.

    Positions of the last BEGIN, IDENT and END before each row are running maxima that never reach back beyond the row
    where the id first appears, so no window per id is needed.
    """
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    rows = rows.with_columns(
        at.alias("at"),
        (pl.col("gid") == pl.col("gid").shift(1)).fill_null(value=False).alias("again"),
        (pl.col("act") == BEGIN).alias("is_begin"),
        pl.col("ident").is_not_null().alias("is_ident"),
        (pl.col("act") == END).alias("is_end"),
        (pl.col("time_us") - pl.col("time_us").shift(1)).alias("pause"),
    )

    def before(test: pl.Expr) -> pl.Expr:
        return pl.when(test).then(pl.col("at")).otherwise(-1).cum_max().shift(1).fill_null(-1)

    first = pl.when(~pl.col("again")).then(pl.col("at")).otherwise(0).cum_max()
    rows = rows.with_columns(
        first.alias("first"),
        before(pl.col("is_begin") | pl.col("begun").fill_null(value=False)).alias("begin_at"),
        before(pl.col("is_ident")).alias("ident_at"),
        before(pl.col("is_end") | pl.col("ended").fill_null(value=False)).alias("end_at"),
        pl.col("ident").forward_fill().shift(1).alias("ident_before"),
    )
    begun = pl.col("begin_at") >= pl.col("first")
    identified = pl.col("ident_at") >= pl.col("first")
    ended = (pl.col("end_at") >= pl.col("first")) & (pl.col("end_at") >= pl.max_horizontal("begin_at", "ident_at"))
    silent = pl.col("pause") > SILENCE
    same_ident = identified & (pl.col("ident_before") == pl.col("ident")) & ~ended
    announced = begun & ~ended & (pl.col("begin_at") > pl.col("ident_at"))
    unheard = ~begun & ~identified & ~ended
    ident_divides = ~(announced | same_ident | (unheard & (pl.col("pause") <= DISORDER)))
    rows = rows.with_columns((pl.col("is_ident") & (~pl.col("again") | ident_divides)).alias("ident_begins"))
    just_identified = pl.col("is_ident").shift(1) & pl.col("ident_begins").shift(1) & (pl.col("pause") <= DISORDER)
    divides = (
        pl.when(~pl.col("again")).then(pl.lit(value=True))
        .when(pl.col("is_begin")).then(~just_identified)
        .when(pl.col("is_ident")).then(pl.col("ident_begins") | silent)
        .otherwise((ended & pl.col("is_end").shift(1) & (pl.col("pause") > LATE)) | silent)
    )
    rows = rows.with_columns(divides.fill_null(value=True).alias("divides"))
    made = pl.struct("gid", "source", "no", "time_us").hash(seed=3).reinterpret(signed=True)
    key = pl.when(pl.col("divides")).then(pl.coalesce("key", made)) if "key" in rows.columns else pl.when("divides").then(made)
    return rows.with_columns(key.forward_fill().alias("key"))


def messages(facts: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Merges what a block's lines say of each life into one row of the messages table.

    `facts`: the rows given to `Lives.link` with any of the table's columns.  `keys`: its answer.
    """
    rows = facts[keys["row"]].with_columns(keys["key"])
    starts = (rows["key"] != rows["key"].shift(1)).fill_null(value=True)
    heads = rows.filter(starts)
    life = starts.cast(pl.UInt32).cum_sum() - 1
    rows = rows.with_columns(life.alias("life"))
    lives = heads.select(
        "key", "source", pl.col("no").alias("line"), "offset", "host", "instance", "queue_id",
        pl.col("time_us").alias("first_us"),
    )
    extra: list[pl.Series] = [_last(rows, heads.height)]
    for lead, columns in _LED.items():
        if lead in rows.columns:
            extra += _first(rows, lead, [c for c in columns if c in rows.columns], heads.height)
    extra += _first(rows, "service", ["service"], heads.height) if "service" in rows.columns else []
    extra.append(_when(rows, pl.col("act").is_in(_ACCEPTING), "accepted_us", heads.height))
    extra.append(_when(rows, pl.col("act") == END, "ended_us", heads.height))
    found = lives.hstack(extra)
    missing = [pl.lit(None).alias(name) for name in MESSAGES.names() if name not in found.columns]
    return found.with_columns(missing).select(MESSAGES.names())


_ACCEPTING = (3, WHOLE)


def _first(rows: pl.DataFrame, lead: str, columns: list[str], lives: int) -> list[pl.Series]:
    """For each life the columns of its first row whose lead is not null."""
    has = rows.filter(pl.col(lead).is_not_null())
    has = has.filter((pl.col("life") != pl.col("life").shift(1)).fill_null(value=True))
    return _spread(has, columns, lives)


def _spread(has: pl.DataFrame, columns: list[str], lives: int) -> list[pl.Series]:
    if has.height == lives:
        return [has[column] for column in columns]
    index = pl.repeat(None, lives, dtype=pl.UInt32, eager=True).scatter(has["life"], pl.int_range(has.height, dtype=pl.UInt32, eager=True))
    return [has[column].gather(index) for column in columns]


def _when(rows: pl.DataFrame, test: pl.Expr, name: str, lives: int) -> pl.Series:
    """For each life the time of its first row that passes the test."""
    has = rows.filter(test).select("life", pl.col("time_us").alias(name))
    has = has.filter((pl.col("life") != pl.col("life").shift(1)).fill_null(value=True))
    return _spread(has, [name], lives)[0]


def _last(rows: pl.DataFrame, lives: int) -> pl.Series:
    """For each life the time of its last row."""
    last = rows.filter((pl.col("life") != pl.col("life").shift(-1)).fill_null(value=True))
    return last["time_us"].alias("last_us") if last.height == lives else _spread(last, ["time_us"], lives)[0].alias("last_us")
