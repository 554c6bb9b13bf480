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

import functools
import operator
from dataclasses import dataclass, field

import polars as pl

from mailaudit.model.acts import BEGIN, END, IDENT, QUEUED, WHOLE
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
    "origin": ("origin", "service"),
    "message_id": ("message_id",),
    "sender": ("sender",),
    "size": ("size",),
    "nrcpt": ("nrcpt",),
}
_ACCEPTING = (QUEUED, WHOLE)


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
        columns = (pl.col(name).hash(seed=seed) for seed, name in enumerate(("host", "instance", "queue_id"), start=1))
        gid = functools.reduce(operator.xor, columns)
        if not reusable:
            keyed = rows.select("row", "no", gid.reinterpret(signed=True).alias("key"))
            return keyed.sort("key", "no", "row").select("row", "key")
        marks = rows.select(
            gid.alias("gid"), pl.col("row").cast(pl.Int64), "source", pl.col("no").cast(pl.Int64), "time_us",
            pl.col("act").cast(pl.Int8),
            pl.when(pl.col("act") == IDENT).then(pl.col("message_id").fill_null("").hash(seed=4)).alias("ident"),
        )
        if self.open.height:
            known = self.open.join(marks.select("gid"), on="gid", how="semi")
            carried = known.with_columns(
                pl.lit(-1, dtype=pl.Int64).alias("row"), pl.lit(-1, dtype=pl.Int64).alias("no"), pl.lit(0, dtype=pl.Int8).alias("act"),
            )
            marks = pl.concat([carried, marks], how="diagonal")
        else:
            marks = marks.with_columns(pl.lit(None, dtype=_OPEN[name]).alias(name) for name in ("key", "begun", "ended"))
        lived = _divide(marks.sort("gid", "no", "row"))
        self._carry(lived)
        return lived.lazy().filter(pl.col("row") >= 0).select(pl.col("row").cast(pl.UInt32), "key").collect()

    def _carry(self, lived: pl.DataFrame) -> None:
        """Remembers the last life of every id: whether it has begun, its Message-ID, and whether it is over."""
        started = pl.col("divides_at")
        last = (
            lived.lazy()
            .filter((pl.col("gid") != pl.col("gid").shift(-1)).fill_null(value=True))
            .select(
                "gid", "key", "time_us",
                (pl.col("is_begin") | (pl.col("begin_at") >= started)).alias("begun"),
                pl.when(pl.col("is_ident")).then("ident").when(pl.col("ident_at") >= started).then("ident_before").alias("ident"),
                (pl.col("is_end") | (pl.col("end_at") >= started)).alias("ended"),
            )
            .collect()
        )
        now = lived["time_us"].max()
        untouched = self.open.join(last, on="gid", how="anti") if self.open.height else self.open
        stale = pl.when(pl.col("ended")).then(LATE * 10).otherwise(FORGET)
        self.open = pl.concat([untouched, last.select(list(_OPEN))]).filter(pl.col("time_us") >= now - stale)


def _divide(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `key` to rows sorted by queue id and reading order.

    Positions of the last BEGIN, IDENT and END before each row are running maxima that never reach back beyond the row
    where the id first appears, so no window per id is needed.
    """
    at = pl.col("at")

    def before(test: pl.Expr) -> pl.Expr:
        return pl.when(test).then(at).otherwise(-1).cum_max().shift(1).fill_null(-1)

    first = pl.col("first")
    begun = pl.col("begin_at") >= first
    identified = pl.col("ident_at") >= first
    ended = (pl.col("end_at") >= first) & (pl.col("end_at") >= pl.max_horizontal("begin_at", "ident_at"))
    silent = pl.col("pause") > SILENCE
    same_ident = identified & (pl.col("ident_before") == pl.col("ident")) & ~ended
    announced = begun & ~ended & (pl.col("begin_at") > pl.col("ident_at"))
    unheard = ~begun & ~identified & ~ended
    ident_divides = ~(announced | same_ident | (unheard & (pl.col("pause") <= DISORDER)))
    just_identified = pl.col("ident_begins").shift(1) & (pl.col("pause") <= DISORDER)
    divides = (
        pl.when(~pl.col("again")).then(pl.lit(value=True))
        .when(pl.col("is_begin")).then(~just_identified)
        .when(pl.col("is_ident")).then(pl.col("ident_begins") | silent)
        .otherwise((ended & pl.col("is_end").shift(1) & (pl.col("pause") > LATE)) | silent)
    )
    made = functools.reduce(operator.xor, (pl.col(name).hash(seed=seed) for seed, name in enumerate(_BIRTH, start=5)))
    # A carried row that is an id's first keeps the key of the life it stands for.
    key = pl.when(pl.col("divides")).then(pl.coalesce("key", made.reinterpret(signed=True)))
    return (
        rows.lazy()
        .with_columns(
            pl.int_range(pl.len(), dtype=pl.Int32).alias("at"),
            (pl.col("gid") == pl.col("gid").shift(1)).fill_null(value=False).alias("again"),
            (pl.col("act") == BEGIN).alias("is_begin"),
            pl.col("ident").is_not_null().alias("is_ident"),
            (pl.col("act") == END).alias("is_end"),
            (pl.col("time_us") - pl.col("time_us").shift(1)).alias("pause"),
        )
        .with_columns(
            pl.when(~pl.col("again")).then(at).otherwise(0).cum_max().alias("first"),
            before(pl.col("is_begin") | pl.col("begun").fill_null(value=False)).alias("begin_at"),
            before(pl.col("is_ident")).alias("ident_at"),
            before(pl.col("is_end") | pl.col("ended").fill_null(value=False)).alias("end_at"),
            pl.col("ident").forward_fill().shift(1).alias("ident_before"),
        )
        .with_columns((pl.col("is_ident") & (~pl.col("again") | ident_divides)).fill_null(value=True).alias("ident_begins"))
        .with_columns(divides.fill_null(value=True).alias("divides"))
        .with_columns(key.forward_fill().alias("key"), pl.when("divides").then(at).otherwise(0).cum_max().alias("divides_at"))
        .collect()
    )


_BIRTH = ("gid", "source", "no", "time_us")
"""What makes the key of a life: its queue id and its first line."""


def messages(facts: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Merges what a block's lines say of each life into one row of the messages table.

    `facts`: the rows given to `Lives.link` with any of the table's columns; `row` is their position.  `keys`: its
    answer.  The first line of a life that says something counts.
    """
    key, row = keys["key"], keys["row"]
    new = (key != key.shift(1)).fill_null(value=True)
    old = new.shift(-1, fill_value=True)
    first, last = row.filter(new), row.filter(old)
    found = facts.lazy().select("source", pl.col("no").alias("line"), "offset", "host", "instance", "queue_id", pl.col("time_us").alias("first_us")).collect()
    lives = found[first].with_columns(key.filter(new), facts["time_us"].gather(last).alias("last_us"))
    life = pl.zeros(facts.height, dtype=pl.UInt32, eager=True).scatter(row, new.cast(pl.UInt32).cum_sum() - 1)
    spread = _Spread(facts, life, lives.height)
    extra: list[pl.Series] = []
    for lead, columns in _LED.items():
        if lead in facts.columns:
            extra += spread.first(facts[lead].is_not_null(), [name for name in columns if name in facts.columns])
    act = facts["act"]
    extra += [column.alias("accepted_us") for column in spread.first(act.is_in(_ACCEPTING), ["time_us"])]
    extra += [column.alias("ended_us") for column in spread.first(act == END, ["time_us"])]
    lives = lives.hstack(extra)
    if "sender" in lives.columns:
        lives = lives.with_columns(pl.col("sender").str.extract(r"@([^@]*)$").str.to_lowercase().alias("sender_domain"))
    missing = [pl.lit(None).alias(name) for name in MESSAGES.names() if name not in lives.columns]
    return lives.with_columns(missing).select(MESSAGES.names())


@dataclass(frozen=True, slots=True)
class _Spread:
    """Brings values of rows to their lives."""

    facts: pl.DataFrame
    life: pl.Series
    lives: int

    def first(self, test: pl.Series, columns: list[str]) -> list[pl.Series]:
        """Returns, for each life, the columns of its first row that passes the test; null if none does."""
        rows = test.arg_true()
        order = self.facts["no"].gather(rows)
        if not order.is_sorted():
            rows = rows.gather(order.arg_sort())
        # The last write wins, so the rows are written from the end.
        rows = rows.reverse()
        index = pl.repeat(None, self.lives, dtype=pl.UInt32, eager=True).scatter(self.life.gather(rows), rows)
        return [self.facts[column].gather(index) for column in columns]
