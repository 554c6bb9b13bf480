"""Which lines belong to one message: the lives of queue ids.

A message's key is (host, instance, queue id, life).  Short Postfix ids are the inode of the queue file, so they come
back as soon as the file is gone; lines of one id also come slightly out of causal order, and messages begin before a
log and end after it.  A life begins

- where a queue id is given out (BEGIN), unless the Message-ID line of the same life came a moment earlier;
- where a random one is (RANDOM), unless anything was said of it in the minute before;
- with a Message-ID (IDENT) that no BEGIN announced: a notice, or a life whose beginning is not in the log;
- with anything that comes more than a minute after the id was freed (END), or after a silence longer than a queue's
  usual lifetime.

`Lives.link` takes the mentions of one block in reading order, so what is still open is carried to the next block, file
or run; a life's key is made from its first line and never changes.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.link.mentions import by_tag
from mailaudit.model.acts import BEGIN, END, HELD, HELD_AT_ONCE, IDENT, QUEUED, RANDOM, WHOLE
from mailaudit.model.columns import MESSAGES
from mailaudit.read.addresses import domains

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailaudit.link.mentions import Mentions

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
_NONE = pl.Series([None], dtype=pl.UInt32)
_ACCEPTING = (QUEUED, WHOLE, HELD_AT_ONCE, RANDOM)
_HOLDING = (HELD, HELD_AT_ONCE)


def empty_open() -> pl.DataFrame:
    """No open lives."""
    return pl.DataFrame(schema=_OPEN)


@dataclass(slots=True)
class Lives:
    """The state of linking: one row per queue id whose last life may still get lines."""

    open: pl.DataFrame = field(default_factory=empty_open)

    def link(self, marks: pl.DataFrame, lasting: Callable[[pl.Series], pl.Series] | None = None) -> pl.Series:
        """Gives every mark the key of its life; remembers what stays open.

        `marks`, of one block, sorted by queue id and line: `row`, `gid` (hash of host, instance and queue id), `no`,
        `source`, `time_us`, `act`, `ident`.  `lasting` tells of rows whether their ids never come back, so that all
        lines of each are one life (None: all ids come back).

        Nearly every id has one life in a block, and that can be seen at a glance: at most one BEGIN, and it is first;
        at most one Message-ID, first or right behind the beginning; nothing after the END; no silence.  The few others
        are walked row by row.
        """
        gid = marks["gid"]
        new = (gid != gid.shift(1)).fill_null(value=True)
        first = new.arg_true()
        group = new.cast(pl.UInt32).cum_sum() - 1
        at_first = marks[first]
        before = self._before(at_first["gid"])
        odd = _odd_groups(marks, new, group, at_first, before)
        lasts = pl.repeat(value=False, n=len(first), dtype=pl.Boolean, eager=True)
        if lasting is not None:
            lasts = lasting(at_first["row"])
        odd &= ~lasts
        one_life = pl.when(lasts).then(pl.col("gid").reinterpret(signed=True))
        keys = at_first.select(pl.coalesce(one_life, pl.lit(before["key"]), _born()).alias("key")).to_series()
        state = _states(marks, first, group, at_first, before, keys)
        key = keys[group]
        state = state.filter(~(odd | lasts))
        if odd.any():
            strange = odd[group].arg_true()
            walked, ends = _walk(marks[strange].with_columns(_born().alias("born")), before.filter(odd))
            key = key.scatter(strange, walked)
            state = pl.concat([state, ends])
        self._carry(state, marks["time_us"].max())
        return key.rename("key")

    def _before(self, ids: pl.Series) -> pl.DataFrame:
        """How each of these ids stood before the block: columns of _OPEN, null where it had no open life."""
        if not self.open.height:
            nothing = [pl.lit(None, dtype=kind).alias(name) for name, kind in _OPEN.items() if name != "gid"]
            return ids.to_frame("gid").with_columns(nothing)
        return ids.to_frame("gid").join(self.open, on="gid", how="left", maintain_order="left")

    def _carry(self, state: pl.DataFrame, now: object) -> None:
        """Remembers how every id stands: whether its life has begun, its Message-ID, and whether it is over."""
        untouched = self.open.join(state, on="gid", how="anti") if self.open.height else self.open
        stale = pl.when(pl.col("ended")).then(LATE * 10).when(pl.col("held")).then(FORGET * 100).otherwise(FORGET)
        self.open = pl.concat([untouched, state.select(list(_OPEN))]).filter(pl.col("time_us") >= pl.lit(now) - stale)


def _odd_groups(
    marks: pl.DataFrame, new: pl.Series, group: pl.Series, at_first: pl.DataFrame, before: pl.DataFrame
) -> pl.Series:
    """Tells of each queue id whether it may have several lives, in this block or with the one that was open before."""
    act = marks["act"]
    begins, ends, tells = (act == BEGIN) | (act == RANDOM), act == END, marks["ident"].is_not_null()
    silent = (marks["time_us"].diff() > SILENCE).fill_null(value=False)
    after_begin, after_end = begins.shift(1, fill_value=False), ends.shift(1, fill_value=False)
    within = ~new & (begins | after_end | silent | (tells & ~after_begin))
    told = at_first["ident"].is_not_null()
    announced = (before["begun"] & before["ident"].is_null()).fill_null(value=False)
    paused = (at_first["time_us"] - before["time_us"] > SILENCE).fill_null(value=False)
    over = before["ended"].fill_null(value=False) | paused
    odd = before["key"].is_not_null() & (begins.filter(new) | over | (told & ~announced))
    return odd.scatter(group.filter(within), values=True) if within.any() else odd


def _states(
    marks: pl.DataFrame,
    first: pl.Series,
    group: pl.Series,
    at_first: pl.DataFrame,
    before: pl.DataFrame,
    keys: pl.Series,
) -> pl.DataFrame:
    """How each id stands after its last row, if it has one life."""
    last = first.shift(-1, fill_value=marks.height) - 1
    second = pl.select(pl.min_horizontal(first + 1, last)).to_series()  # the only other place of a Message-ID
    ident = marks["ident"]
    held = before["held"].fill_null(value=False)
    if (holds := marks["act"].is_in(_HOLDING)).any():
        held = held.scatter(group.filter(holds), values=True)
    known = before["key"].is_not_null()
    alone = (first == last) & ~known
    return pl.DataFrame(
        [
            at_first["gid"],
            keys,
            marks["time_us"][last],
            ((at_first["act"] == BEGIN) | before["begun"].fill_null(value=False)).alias("begun"),
            pl.select(pl.coalesce(ident[second], ident[first], before["ident"]).alias("ident")).to_series(),
            (marks["act"][last] == END).alias("ended"),
            (alone & (at_first["act"] == IDENT)).alias("fresh"),
            held.alias("held"),
        ]
    )


def _born() -> pl.Expr:
    """The key of a life that begins with this row: a hash of its queue id and the place of its first line."""
    parts = (pl.col(name).hash(seed=seed) for seed, name in enumerate(("gid", "source", "no", "time_us"), start=5))
    return functools.reduce(operator.xor, parts).reinterpret(signed=True)


def _walk(rows: pl.DataFrame, before: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Divides the rows of some ids one after the other; returns their keys, and the last state of each id."""
    keys: list[int] = []
    states: dict[int, _Life] = {
        gid: _Life(*state) for gid, *state in before.select(list(_OPEN)).drop_nulls("key").iter_rows()
    }
    columns = ("gid", "time_us", "act", "ident", "born")
    for gid, told_us, act, ident, born in rows.select(columns).iter_rows():
        life = states.get(gid)
        # A record of the journal may lack its time.
        time_us = told_us if told_us is not None else life.time_us if life else 0
        if life is None or life.over(time_us, act, ident):
            life = states[gid] = _Life(born, time_us, begun=False, ident=None, ended=False, fresh=False, held=False)
            life.fresh = act == IDENT
        else:
            life.fresh = False
        life.time_us, life.begun, life.ended = time_us, life.begun or act == BEGIN, life.ended or act == END
        life.ident = ident if act == IDENT else life.ident
        life.held = life.held or act in _HOLDING
        keys.append(life.key)
    ends = [
        (gid, life.key, life.time_us, life.begun, life.ident, life.ended, life.fresh, life.held)
        for gid, life in states.items()
    ]
    return pl.Series("key", keys, dtype=pl.Int64), pl.DataFrame(ends, schema=_OPEN, orient="row")


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
        if act in {BEGIN, RANDOM}:
            return pause > LATE if act == RANDOM else not (self.fresh and pause <= DISORDER)
        if (pause > SILENCE and not self.held) or (self.ended and act != IDENT and pause > LATE):
            return True
        if act != IDENT:
            return False
        if self.ended:
            return True
        if self.begun or self.ident is not None:
            return self.ident is not None and self.ident != ident
        return pause > DISORDER


def messages(mentions: Mentions, marks: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Merges what a block's lines say of each life into one row of the messages table.

    `marks` as given to `Lives.link`, `keys` its answer.  The first line of a life that says something counts.
    """
    new = (keys != keys.shift(1)).fill_null(value=True)
    old = new.shift(-1, fill_value=True)
    number = new.cast(pl.UInt32).cum_sum() - 1
    first = marks["row"].filter(new)
    begun, last = _ends(marks["time_us"], new, old, number)
    found = mentions.rows[first].select(
        "source",
        pl.col("no").alias("line"),
        "offset",
        "host",
        by_tag(mentions.instances).alias("instance"),
        "queue_id",
        pl.lit(begun).alias("first_us"),
        pl.lit(keys.filter(new)).alias("key"),
        pl.lit(last).alias("last_us"),
    )
    told: list[pl.Series] = []
    life = pl.zeros(marks.height, dtype=pl.UInt32, eager=True).scatter(marks["row"], number)
    line = pl.zeros(marks.height, dtype=pl.UInt32, eager=True).scatter(marks["row"], marks["no"])
    for values in mentions.values.values():
        told += _first(values, life, line, found.height)
    for name, acts in (("accepted_us", _ACCEPTING), ("ended_us", (END,))):
        passing = marks.select("row", pl.col("time_us").alias(name)).filter(marks["act"].is_in(acts))
        told += _first(passing, life, line, found.height)
    found = found.hstack(told)
    if "sender" in found.columns:
        found = found.with_columns(domains(found["sender"]).alias("sender_domain"))
    return found.select(name for name in MESSAGES.names() if name in found.columns)


def _ends(time_us: pl.Series, new: pl.Series, old: pl.Series, life: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Returns the earliest and the latest time of each life, whose lines may stand in another order.

    `new` and `old` tell where a life begins and ends, `life` counts them.
    """
    back = (time_us.diff() < 0) & ~new
    if not back.any():
        return time_us.filter(new), time_us.filter(old)
    spans = pl.DataFrame({"life": life, "low": time_us, "high": time_us}).group_by("life")
    ends = spans.agg(pl.col("low").min(), pl.col("high").max()).sort("life")
    return ends["low"], ends["high"]


def _first(values: pl.DataFrame, life: pl.Series, line: pl.Series, lives: int) -> list[pl.Series]:
    """Returns, for each life, what its first line that tells it tells; null if none does.

    `values`: `row` and columns; `life` and `line` by row.
    """
    rows = values["row"]
    lines = line[rows]
    at = pl.int_range(len(rows), dtype=pl.UInt32, eager=True) if lines.is_sorted() else lines.arg_sort()
    # The last write wins, so the first line is written last.
    at = at.reverse()
    index = _NONE.new_from_index(0, lives).scatter(life[rows[at]], at)
    return values.drop("row")[index].get_columns()
