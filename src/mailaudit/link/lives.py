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

from mailaudit.model.acts import BEGIN, END, HELD, IDENT, QUEUED, WHOLE
from mailaudit.model.columns import MESSAGES
from mailaudit.read.addresses import domains

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
    "gid": pl.UInt64,
    "key": pl.Int64,
    "time_us": pl.Int64,
    "begun": pl.Boolean,
    "ident": pl.UInt64,
    "ended": pl.Boolean,
    "fresh": pl.Boolean,
    "held": pl.Boolean,
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

    def link(self, rows: pl.DataFrame, *, reusable: bool, lasting: str | None = None) -> pl.DataFrame:
        """Gives every row the key of its life; remembers what stays open.

        `rows`, of one block: `row` (any identity), `source`, `no`, `time_us`, `host`, `instance`, `queue_id`, `act`
        and `message_id`.  Ids that hold `lasting` never come back, so all their lines are one life.  Returns `row` and
        `key`, sorted by life and line.
        """
        columns = (pl.col(name).hash(seed=seed) for seed, name in enumerate(("host", "instance", "queue_id"), start=1))
        gid = functools.reduce(operator.xor, columns)
        if reusable and lasting is not None:
            lasts = rows["queue_id"].str.contains(lasting, literal=True)
            if lasts.any() and not lasts.all():
                both = self.link(rows.filter(lasts), reusable=False), self.link(rows.filter(~lasts), reusable=True)
                return pl.concat(both)
            reusable = not lasts.any()
        if not reusable:
            keyed = rows.select("row", "no", gid.reinterpret(signed=True).alias("key"))
            return keyed.sort("key", "no", "row").select("row", "key")
        marks = rows.select(
            gid.alias("gid"),
            pl.col("row").cast(pl.Int64),
            "source",
            pl.col("no").cast(pl.Int64),
            "time_us",
            pl.col("act").cast(pl.Int8),
            pl.when(pl.col("act") == IDENT).then(pl.col("message_id").fill_null("").hash(seed=4)).alias("ident"),
        )
        if self.open.height:
            known = self.open.join(marks.select("gid"), on="gid", how="semi")
            carried = known.with_columns(
                pl.lit(-1, dtype=pl.Int64).alias("row"),
                pl.lit(-1, dtype=pl.Int64).alias("no"),
                pl.lit(0, dtype=pl.Int8).alias("act"),
            )
            marks = pl.concat([carried, marks], how="diagonal")
        else:
            marks = marks.with_columns(
                pl.lit(None, dtype=_OPEN[name]).alias(name) for name in ("key", "begun", "ended", "fresh", "held")
            )
        lived, last = _divide(marks.sort("gid", "no", "row"))
        self._carry(last, lived["time_us"].max())
        return lived.lazy().filter(pl.col("row") >= 0).select(pl.col("row").cast(pl.UInt32), "key").collect()

    def _carry(self, last: pl.DataFrame, now: object) -> None:
        """Remembers the last life of every id: whether it has begun, its Message-ID, and whether it is over."""
        untouched = self.open.join(last, on="gid", how="anti") if self.open.height else self.open
        stale = pl.when(pl.col("ended")).then(LATE * 10).when(pl.col("held")).then(FORGET * 100).otherwise(FORGET)
        self.open = pl.concat([untouched, last.select(list(_OPEN))]).filter(pl.col("time_us") >= pl.lit(now) - stale)


def _divide(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds `key` to rows sorted by queue id and reading order; returns them, and the state of each id after them.

    Nearly every id has one life in a block, and that can be seen at a glance: at most one BEGIN, and it is first; at
    most one Message-ID, first or right behind the beginning; nothing after the END; no silence.  The few others are
    walked row by row.
    """
    gid, act, ident = rows["gid"], rows["act"], rows["ident"]
    new = (gid != gid.shift(1)).fill_null(value=True)
    begins = act == BEGIN
    announced = (begins | (rows["begun"].fill_null(value=False) & ident.is_null())).shift(1, fill_value=False)
    over = ((act == END) | rows["ended"].fill_null(value=False)).shift(1, fill_value=False)
    silent = (rows["time_us"].diff() > SILENCE).fill_null(value=False)
    odd = ~new & (begins | over | silent | (ident.is_not_null() & ~announced))
    first = new.arg_true()
    at_first = rows[first]
    keys = at_first.select(pl.coalesce("key", _born())).to_series()
    rows = rows.with_columns(keys.gather(new.cast(pl.UInt32).cum_sum() - 1).alias("key"))
    state = _last_states(rows, first, at_first)
    if not odd.any():
        return rows, state
    strange = pl.col("gid").is_in(gid.filter(odd).unique().implode())
    walked, ends = _walk(rows.filter(strange).with_columns(_born().alias("born")))
    keyed = pl.concat([rows.filter(~strange).select("gid", "row", "no", "time_us", "key"), walked])
    return keyed.sort("gid", "no", "row"), pl.concat([state.filter(~strange), ends])


def _last_states(rows: pl.DataFrame, first: pl.Series, at_first: pl.DataFrame) -> pl.DataFrame:
    """How each id stands after its last row, if it has one life; `first` are the places where ids begin."""
    last = first.shift(-1, fill_value=rows.height) - 1
    second = pl.select(pl.min_horizontal(first + 1, last)).to_series()  # the only other place of a Message-ID
    at_last, ident = rows[last], rows["ident"]
    held = at_first["held"].fill_null(value=False)
    if (holds := rows["act"] == HELD).any():
        held |= at_first["gid"].is_in(rows["gid"].filter(holds).unique().implode())
    alone = first == last
    begins = (at_first["act"] == BEGIN) | at_first["begun"].fill_null(value=False)
    fresh = alone & ((at_first["act"] == IDENT) | at_first["fresh"].fill_null(value=False))
    ended = (at_last["act"] == END) | at_last["ended"].fill_null(value=False)
    return at_last.select("gid", "key", "time_us").with_columns(
        begins.alias("begun"),
        pl.select(pl.coalesce(ident.gather(second), ident.gather(first))).to_series().alias("ident"),
        ended.alias("ended"),
        fresh.alias("fresh"),
        held.alias("held"),
    )


def _born() -> pl.Expr:
    """The key of a life that begins with this row: a hash of its queue id and the place of its first line."""
    parts = (pl.col(name).hash(seed=seed) for seed, name in enumerate(("gid", "source", "no", "time_us"), start=5))
    return functools.reduce(operator.xor, parts).reinterpret(signed=True)


def _walk(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Divides the rows of some ids one after the other; returns their keys, and the last state of each id."""
    keys: list[int] = []
    states: dict[int, _Life] = {}
    columns = ("gid", "no", "time_us", "act", "ident", "key", "begun", "ended", "fresh", "held", "born")
    for gid, no, time_us, act, ident, key, begun, ended, fresh, held, born in rows.select(columns).iter_rows():
        life = states.get(gid)
        if no < 0:
            life = states[gid] = _Life(key, time_us, begun, ident, ended, fresh, held)
        elif life is None or life.over(time_us, act, ident):
            life = states[gid] = _Life(born, time_us, begun=False, ident=None, ended=False, fresh=False, held=False)
            life.fresh = act == IDENT
        else:
            life.fresh = False
        if no >= 0:
            life.time_us, life.begun, life.ended = time_us, life.begun or act == BEGIN, life.ended or act == END
            life.ident = ident if act == IDENT else life.ident
            life.held = life.held or act == HELD
        keys.append(life.key)
    walked = rows.select("gid", "row", "no", "time_us").with_columns(pl.Series("key", keys, dtype=pl.Int64))
    ends = [
        (gid, life.key, life.time_us, life.begun, life.ident, life.ended, life.fresh, life.held)
        for gid, life in states.items()
    ]
    return walked, pl.DataFrame(ends, schema=_OPEN, orient="row")


@dataclass(slots=True)
class _Life:
    """The life of a queue id as it stands after a line."""

    key: int
    time_us: int
    begun: bool
    ident: int | None
    ended: bool
    fresh: bool
    """Its only line so far is its Message-ID."""
    held: bool
    """It was put on hold, where it may be silent for any time."""

    def over(self, time_us: int, act: int, ident: int | None) -> bool:
        """Tells whether a line cannot belong to this life any more."""
        pause = time_us - self.time_us
        if act == BEGIN:
            return not (self.fresh and pause <= DISORDER)
        if (pause > SILENCE and not self.held) or (self.ended and act != IDENT and pause > LATE):
            return True
        if act != IDENT:
            return False
        if self.ended:
            return True
        if self.begun or self.ident is not None:
            return self.ident is not None and self.ident != ident
        return pause > DISORDER


def messages(facts: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Merges what a block's lines say of each life into one row of the messages table.

    `facts`: the rows given to `Lives.link` with any of the table's columns; `row` is their position.  `keys`: its
    answer.  The first line of a life that says something counts.
    """
    key, row = keys["key"], keys["row"]
    new = (key != key.shift(1)).fill_null(value=True)
    old = new.shift(-1, fill_value=True)
    first, last = row.filter(new), row.filter(old)
    found = (
        facts.lazy()
        .select(
            "source",
            pl.col("no").alias("line"),
            "offset",
            "host",
            "instance",
            "queue_id",
            pl.col("time_us").alias("first_us"),
        )
        .collect()
    )
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
        lives = lives.with_columns(domains(lives["sender"]).alias("sender_domain"))
    return lives.select(name for name in MESSAGES.names() if name in lives.columns)


@dataclass(frozen=True, slots=True)
class _Spread:
    """Brings values of rows to their lives."""

    facts: pl.DataFrame
    life: pl.Series
    lives: int

    def first(self, test: pl.Series, columns: list[str]) -> list[pl.Series]:
        """Returns, for each life, the columns of its first row that passes the test; null if none does."""
        rows = test.arg_true()
        order = self.facts["order" if "order" in self.facts.columns else "no"].gather(rows)
        if not order.is_sorted():
            rows = rows.gather(order.arg_sort())
        # The last write wins, so the rows are written from the end.
        rows = rows.reverse()
        index = pl.repeat(None, self.lives, dtype=pl.UInt32, eager=True).scatter(self.life.gather(rows), rows)
        return [self.facts[column].gather(index) for column in columns]
