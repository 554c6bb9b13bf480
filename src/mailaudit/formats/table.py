"""A log format is a table of kinds of lines; this module reads a block of lines by such a table.

A kind is a daemon, a literal beginning, a pattern with named fields, and an example that must match: data, so that it
can be listed, documented and tested.  `read` dispatches by daemon first and by literal prefix second, so that each line
meets only the few kinds of its own daemon, and a regular expression only runs on lines of its own kind.

Every line ends in exactly one place: a kind, or `unparsed`.  There is no catch-all.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANY = "*"
"""A daemon name that stands for every daemon of the format: tried after the daemon's own kinds."""

HEAD = 4
"""Characters of a text that part a daemon's lines before its kinds are tried."""

LONGEST_ID = 24
"""Characters of the longest queue id of any format, and a few to spare."""

BASE = ("no", "time_us", "floating", "host", "tag", "queue_id")
"""Columns that every frame of records has before its kind's own fields."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line.

    `starts` are literal beginnings of the text after the queue id; a kind without them relies on `pattern` alone.
    `queue_id`: True, the text follows a queue id; False, the line has none; None, either.
    `noise` kinds say nothing about mail: their lines are counted by name, and nothing else.
    """

    name: str
    daemons: tuple[str, ...]
    starts: tuple[str, ...]
    example: str
    pattern: str | None = None
    queue_id: bool | None = None
    noise: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Who wrote a line, read from its tag: Postfix instance, service of master.cf, daemon."""

    instance: str
    service: str | None
    daemon: str


@dataclass(frozen=True)
class Format:
    """One log format: whose lines it claims, what a queue id looks like, and its kinds of lines."""

    name: str
    claims: Callable[[str | None], Program | None]
    queue_id: str
    kinds: tuple[Kind, ...]
    facts: Callable[[Records], Facts]
    reusable_ids: bool = False
    lasting_id: str | None = None
    """A letter that only queue ids have which never come back, where `reusable_ids` is true of the others."""
    mail_words: str = r"\b(?:to|from|status|stat)=|\breject"
    """A line of the format's own programs that matches this is never counted as noise."""

    @functools.cached_property
    def by_daemon(self) -> dict[str, tuple[Kind, ...]]:
        """For each daemon the kinds to try, in order: its own first, then those of every daemon."""
        own: dict[str, list[Kind]] = {}
        for kind in self.kinds:
            for daemon in kind.daemons:
                own.setdefault(daemon, []).append(kind)
        common = own.pop(ANY, [])
        return {daemon: (*kinds, *common) for daemon, kinds in own.items()} | {ANY: tuple(common)}


@dataclass(frozen=True, slots=True)
class Records:
    """The lines of one block as one frame per kind, and the count of every line.

    `frames` maps a kind's name to its rows: the columns of `BASE`, then the pattern's fields as text.
    `counts` counts lines by kind, noise kinds included; `unparsed` has the numbers of lines that no kind took.
    """

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]
    noise: dict[str, pl.Series]
    unparsed: pl.Series
    programs: Mapping[str | None, Program]

    def get(self, *names: str) -> pl.DataFrame | None:
        """The rows of the named kinds together, or None if the block has none."""
        found = [self.frames[name] for name in names if name in self.frames]
        if not found:
            return None
        return found[0] if len(found) == 1 else pl.concat(found, how="diagonal")


@dataclass(slots=True)
class Facts:
    """What a block of records says, in the columns that linking and the store know.

    `messages` has a row per line that says something of a whole message: `act` (see `link.lives`) and any of the
    columns of the messages table.  `deliveries` and `refusals` have the columns of their tables.  All of them have
    `no`, `time_us`, `floating`, `host`, `instance` and `queue_id`.
    """

    messages: list[pl.DataFrame] = field(default_factory=list)
    deliveries: list[pl.DataFrame] = field(default_factory=list)
    refusals: list[pl.DataFrame] = field(default_factory=list)
    tls: list[pl.DataFrame] = field(default_factory=list)


def read(form: Format, heads: pl.DataFrame, *, with_noise: bool = False) -> Records:
    """Reads the lines of one format: `heads` holds only lines whose tag the format claims.

    `with_noise` also keeps the line numbers of noise kinds (for `records`); otherwise these are only counted.
    """
    programs = {tag: form.claims(tag) for tag in heads["tag"].unique().to_list()}
    known = {tag: program for tag, program in programs.items() if program is not None}
    daemons: dict[str, list[str | None]] = {}
    for tag, program in known.items():
        daemons.setdefault(program.daemon, []).append(tag)
    reading = _Reading(form, with_noise)
    by_tag = _cut_queue_id(form, heads).partition_by("tag", as_dict=True)
    for daemon, tags in daemons.items():
        rows = by_tag[tags[0],] if len(tags) == 1 else pl.concat([by_tag[tag,] for tag in tags])
        reading.daemon(rows, form.by_daemon.get(daemon) or form.by_daemon[ANY])
    none = pl.Series("no", [], dtype=pl.UInt32)
    return Records(
        {name: frames[0] if len(frames) == 1 else pl.concat(frames) for name, frames in reading.parts.items()},
        reading.counts,
        {name: pl.concat(lines) for name, lines in reading.noise.items()},
        pl.concat(reading.left) if reading.left else none,
        known,
    )


def _cut_queue_id(form: Format, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `queue_id` (null for none and for NOQUEUE), `with_id` and `text` (what follows the id)."""
    body, cut, head, is_id = pl.col("body"), pl.col("cut"), pl.col("head"), pl.col("is_id")
    # `find` counts bytes and `slice` characters: equal for what matters here, since a queue id is ASCII.
    return (
        rows.lazy()
        .select("no", "time_us", "floating", "host", "tag", "body", body.str.find(": ", literal=True).alias("cut"))
        .with_columns(body.str.slice(0, pl.when(cut <= LONGEST_ID).then(cut).otherwise(0)).alias("head"))
        .with_columns((head.str.contains(form.queue_id) & cut.is_not_null()).alias("is_id"))
        .with_columns((is_id | (head == "NOQUEUE")).fill_null(value=False).alias("with_id"))
        .select(
            "no",
            "time_us",
            "floating",
            "host",
            "tag",
            pl.when(is_id).then(head).alias("queue_id"),
            "with_id",
            body.str.slice(pl.when("with_id").then(cut + 2).otherwise(0)).alias("text"),
        )
        .collect()
    )


@dataclass(slots=True)
class _Reading:
    """The block being read: where matched rows, counts and left-over lines go."""

    form: Format
    with_noise: bool
    parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    noise: dict[str, list[pl.Series]] = field(default_factory=dict)
    left: list[pl.Series] = field(default_factory=list)

    def daemon(self, rows: pl.DataFrame, kinds: tuple[Kind, ...]) -> None:
        """Puts each row of one daemon into the first kind that takes it.

        Rows are parted by the first characters of their text, so that each meets only kinds that may begin like it.
        """
        heads = rows["text"].str.slice(0, HEAD)
        groups: dict[tuple[Kind, ...], list[str]] = {}
        for head in heads.unique().to_list():
            groups.setdefault(tuple(kind for kind in kinds if _may_begin(kind, head)), []).append(head)
        for candidates, mine in groups.items():
            rest = rows if len(groups) == 1 else rows.filter(heads.is_in(mine) if len(mine) > 1 else heads == mine[0])
            for kind in candidates:
                rest = self._take(rest, kind)
                if not rest.height:
                    break
            else:
                self.left.append(rest["no"])

    def _take(self, rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
        """Adds the rows that match the kind to its records; returns the others."""
        text = rows["text"]
        told = kind.pattern is not None and all(len(start) <= HEAD for start in kind.starts)
        begins = [] if told else [text.str.starts_with(start) for start in kind.starts]
        tests = [functools.reduce(operator.or_, begins)] if begins else []
        if kind.queue_id is not None:
            tests.append(rows["with_id"] if kind.queue_id else ~rows["with_id"])
        fields = None
        if kind.noise:
            tests.append(~text.str.contains(self.form.mail_words))
            if kind.pattern is not None:
                tests.append(text.str.contains(kind.pattern))
        elif kind.pattern is not None:
            if tests and not (few := functools.reduce(operator.and_, tests)).all():
                others, rows = rows.filter(~few), rows.filter(few)
                rest = self._take(rows, replace(kind, starts=(), queue_id=None)) if rows.height else rows
                return pl.concat([others, rest]) if rest.height else others
            fields = text.str.extract_groups(kind.pattern).struct.unnest()
            # A pattern's first group takes part in every match (possibly empty): null means no match.
            tests = [fields.to_series(0).is_not_null()]
        matched = functools.reduce(operator.and_, tests) if tests else None
        rest = rows.clear()
        if matched is not None and not matched.all():
            rest, rows = rows.filter(~matched), rows.filter(matched)
            fields = None if fields is None else fields.filter(matched)
        if rows.height:
            self._keep(rows, kind, fields)
        return rest

    def _keep(self, rows: pl.DataFrame, kind: Kind, fields: pl.DataFrame | None) -> None:
        self.counts[kind.name] = self.counts.get(kind.name, 0) + rows.height
        if not kind.noise:
            own = rows.select(BASE)
            self.parts.setdefault(kind.name, []).append(own if fields is None else own.hstack(fields))
        elif self.with_noise:
            self.noise.setdefault(kind.name, []).append(rows["no"])


def _may_begin(kind: Kind, head: str) -> bool:
    """Tells whether a text with this head may begin like the kind."""
    return not kind.starts or any(head.startswith(start[:HEAD]) for start in kind.starts)
