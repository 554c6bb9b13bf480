"""Whose lines those are whose tag names a service, but not the Postfix instance.

Distributions write `syslog_name=postfix/$service_name` into master.cf.  Of an instance that calls itself `postfix-out`
the queue manager then logs as `postfix-out/qmgr`, but a delivery as `postfix/relay/smtp`; and another instance of the
host may be the one that is called `postfix`.  Short queue ids are unique only within an instance, so such a line
belongs to the life of its queue id that is open: the lines of queue manager and cleanup tell whose that is.  A life
that such a line begins is of no known instance, until one of these lines names it.

This changes nothing, and costs nothing, in logs whose only instance is `postfix`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.link.mentions import BY_LINE, USUAL, hash_of, is_lasting
from mailaudit.model.acts import BEGIN, END, IDENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.link.lives import Lives
    from mailaudit.link.mentions import Mentions

OPEN = -1
"""In the place of a line: the life that was open before."""
_Row = tuple[int, int, str | None, int]
"""Place in the marks, queue id (as if of the usual instance), instance (None if unknown), act."""


class InstancesFound(Exception):
    """Instances of which lines before had to be told apart already."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(*names)
        self.names = names


@dataclass(slots=True)
class Instances:
    """What is known of the instances of a run."""

    names: frozenset[str] = frozenset()
    """Those that are called otherwise than `postfix`."""
    revisable: bool = False
    """Whether what was read can be read again."""
    vague: set[int] = field(default_factory=set)
    """Queue ids (as if of the usual instance) of open lives of which no line names the instance."""
    met: bool = False
    """Whether there were lines that name no instance."""

    def settle(self, found: Mentions, lives: Lives) -> None:
        """Gives the lines that name no instance to that of their queue id; `lives`: how all ids stood before."""
        if not found.named <= self.names:
            if self.met and self.revisable:
                raise InstancesFound(self.names | found.named)
            self.names |= found.named
        self.met = self.met or bool(found.layered)
        if not self.names or not (found.layered or self.vague):
            return
        rows = self._rows(found)
        if not rows.height:
            return
        standing = self._standing(rows["base"].unique(), lives)
        plain = self._plain(rows, standing)
        others = rows.join(plain, on="base", how="anti", maintain_order="left")
        moved = self._walk(others, standing) if others.height else []
        self._move(found, rows.filter(pl.col("instance").is_null()).join(plain, on="base"), moved, lives)

    def _plain(self, rows: pl.DataFrame, standing: dict[int, dict[str, bool]]) -> pl.DataFrame:
        """The queue ids of one mail, of which one instance tells: base, name. All their lines are that instance's."""
        told = pl.col("instance").drop_nulls()
        begins, ends = pl.col("act") == BEGIN, pl.col("act") == END
        groups = rows.group_by("base").agg(
            told.n_unique().alias("names"),
            told.first().alias("name"),
            begins.sum().alias("begins"),
            begins.first().alias("begun"),
            ends.sum().alias("ends"),
        )
        plain = groups.filter(
            (pl.col("names") == 1)
            & ((pl.col("begins") == 0) | ((pl.col("begins") == 1) & pl.col("begun")))
            & (pl.col("ends") <= 1)
        )
        known = pl.DataFrame({"base": [*standing, *self.vague]}, schema={"base": pl.UInt64})
        return plain.select("base", "name").join(known, on="base", how="anti")

    def _rows(self, found: Mentions) -> pl.DataFrame:
        """The lines of queue ids that may be concerned, in order: at, base, instance, act."""
        usual = hash_of(USUAL)
        marks = found.marks.with_row_index("at")
        told = found.rows.select("tag", is_lasting(found.rows["queue_id"]).alias("lasting"))[marks["row"]]
        names = {tag: name for tag, name in found.instances.items() if tag not in found.layered and name}
        instance = pl.col("tag").replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
        rows = marks.hstack(told).filter(~pl.col("lasting")).with_columns(instance.alias("instance"))
        shift = [(name, hash_of(name) ^ usual) for name in {*names.values()}]
        base = pl.col("gid")
        for name, bits in shift:
            base = (
                pl.when(pl.col("instance") == name).then(pl.col("gid") ^ pl.lit(bits, dtype=pl.UInt64)).otherwise(base)
            )
        rows = rows.with_columns(base.alias("base"))
        known = pl.DataFrame({"base": list(self.vague)}, schema={"base": pl.UInt64})
        concerned = pl.concat([rows.filter(pl.col("instance").is_null()).select("base"), known]).unique()
        return rows.join(concerned, on="base", how="semi").sort("base", "no", "row")

    def _standing(self, bases: pl.Series, lives: Lives) -> dict[int, dict[str, bool]]:
        """Which instances have a life of these ids, and whether it is over; who was heard of last stands last."""
        rows: list[tuple[int, int, str, bool]] = []
        usual = hash_of(USUAL)
        for name in (USUAL, *self.names):
            gids = pl.select((pl.lit(bases) ^ pl.lit(hash_of(name) ^ usual, dtype=pl.UInt64)).alias("gid")).to_series()
            pairs = (
                pl.DataFrame([bases.alias("base"), gids]).join(lives.open, on="gid").select("time_us", "base", "ended")
            )
            rows += [(time_us or 0, base, name, ended) for time_us, base, ended in pairs.iter_rows()]
        found: dict[int, dict[str, bool]] = {}
        for _, base, name, ended in sorted(rows):
            found.setdefault(base, {})[name] = ended
        return found

    def _walk(self, rows: pl.DataFrame, standing: dict[int, dict[str, bool]]) -> list[tuple[int, str, int]]:
        """Tells of lines that name no instance which it is: place, instance, queue id; OPEN for an open life."""
        moved: list[tuple[int, str, int]] = []
        group: list[_Row] = []
        for row in rows.select("at", "base", "instance", "act").iter_rows():
            if group and group[-1][1] != row[1]:
                moved.extend(self._one(group, standing))
                group = []
            group.append(row)
        moved.extend(self._one(group, standing))
        return moved

    def _one(self, group: list[_Row], standing: dict[int, dict[str, bool]]) -> Iterator[tuple[int, str, int]]:
        """Goes through the lines of one queue id."""
        base = group[0][1]
        over = standing.get(base, {})
        waiting: list[int] = []
        if base in self.vague and over.pop(USUAL, None) is False:
            waiting.append(OPEN)
        for at, _, name, act in group:
            if name is not None:
                if waiting and (act == IDENT or (act != BEGIN and over.get(name, True))):
                    yield from ((place, name, base) for place in waiting)
                    waiting = []
                over.pop(name, None)
                over[name] = act == END
                continue
            open_ones = [one for one, done in over.items() if not done]
            if act == BEGIN:
                waiting = [at]
            elif waiting:
                waiting.append(at)
            elif open_ones or over:
                owner = open_ones[-1] if open_ones else list(over)[-1]
                over[owner] = over.pop(owner)
                yield at, owner, base
            else:
                waiting = [at]
        self.vague.discard(base)
        if waiting:
            self.vague.add(base)

    def _move(self, found: Mentions, plain: pl.DataFrame, moved: list[tuple[int, str, int]], lives: Lives) -> None:
        """Writes the instances into marks and open lives; `plain`: at, base, name of lines, beside those of `moved`."""
        usual = hash_of(USUAL)
        here = pl.concat(
            [
                plain.select("at", "base", "name"),
                pl.DataFrame(
                    [(at, base, name) for at, name, base in moved if at >= 0],
                    schema={"at": pl.UInt32, "base": pl.UInt64, "name": pl.String},
                    orient="row",
                ),
            ]
        )
        before = {base: base ^ usual ^ hash_of(name) for at, name, base in moved if at < 0 and name != USUAL}
        if before:
            # An earlier life of the same id of that instance is over.
            new = pl.DataFrame(
                {"gid": list(before), "new": list(before.values())}, schema={"gid": pl.UInt64, "new": pl.UInt64}
            )
            others = lives.open.join(new.select(pl.col("new").alias("gid")), on="gid", how="anti")
            renamed = others.join(new, on="gid", how="left").with_columns(pl.coalesce("new", "gid").alias("gid"))
            lives.open = renamed.drop("new")
        names = found.rows.select(pl.col("tag").replace_strict(found.instances, return_dtype=pl.String)).to_series()
        unknown = found.rows["tag"].is_in(list(found.layered)).arg_true()
        names = names.scatter(unknown, None)
        if here.height:
            shifts = {name: usual ^ hash_of(name) for name in here["name"].unique()}
            bits = here["name"].replace_strict(
                list(shifts), pl.Series(list(shifts.values()), dtype=pl.UInt64), return_dtype=pl.UInt64
            )
            gids = here["base"] ^ bits
            names = names.scatter(found.marks["row"].gather(here["at"]), here["name"])
            found.marks = found.marks.with_columns(found.marks["gid"].scatter(here["at"], gids)).sort(BY_LINE)
        found.names = names
