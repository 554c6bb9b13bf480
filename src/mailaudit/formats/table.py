"""A log format is a table of kinds of lines; this module reads a block of lines by such a table.

A kind is a daemon, a literal beginning, a pattern with named fields, and an example that must match: data, so that it
can be listed, documented and tested.  `read` dispatches by daemon first and by literal prefix second, so that each line
meets only the few kinds of its own daemon, and a regular expression only runs on lines of its own kind.

Every line ends in exactly one place: a kind, or `unparsed`.  There is no catch-all.
"""

from __future__ import annotations

import functools
import operator
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ANY = "*"
"""A daemon name that stands for every daemon of the format: tried after the daemon's own kinds."""

HEAD = 4
"""Characters of a text that part a daemon's lines before its kinds are tried."""

FEW = 3
"""Beginnings that are looked for one by one; more of them by one pattern."""

MEMORY = 10_000
"""Beginnings whose kinds are remembered; a log has a few hundred."""

_ANY_TEXT = r"^(?<text>.*)$"

LONGEST_ID = 24
"""Characters of the longest queue id of any format, and a few to spare."""

BASE = ("no", "tag", "queue_id")
"""Columns that every frame of records has before its kind's own fields; `no` leads to time and host of the line."""


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
    plain: bool = False
    """Noise whose pattern holds its beginning and none of the keys of mail's own lines: they need not be looked for."""
    shape: str | None = None
    """Instead of a pattern: the text itself with fields in braces (`formats.shapes`), for frequent and simple lines."""
    pieces: tuple[str, ...] = ()
    """Instead of a pattern: fields or patterns, and between them the literals at which the text is cut."""


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
    bracketed: tuple[str, ...] = ()
    """Kinds whose `reply` is in brackets, of which the closing one is read with it: the line may be cut before it."""
    told_by: str | None = None
    """What only its own lines say, where the administrator may have given its programs any tag (`sendmail -L`)."""
    shared: tuple[str, ...] = ()
    """Tags of its own that lines of others may have, too: only `told_by` tells whose they are."""
    anyone: str | None = None
    """A daemon's name that stands for any of them: rsyslog's APP-NAME ends at the first slash of the tag."""
    sample_id: str | None = None
    """A queue id, to hold examples against the table; formats of other packages need it (`formats.plugged`)."""

    @functools.cached_property
    def by_daemon(self) -> dict[str, tuple[Kind, ...]]:
        """For each daemon the kinds to try, in order: its own first, then those of every daemon."""
        own: dict[str, list[Kind]] = {}
        for kind in self.kinds:
            for daemon in kind.daemons:
                own.setdefault(daemon, []).append(kind)
        common = own.pop(ANY, [])
        found = {daemon: (*kinds, *common) for daemon, kinds in own.items()} | {ANY: tuple(common)}
        if self.anyone is not None:
            # Kinds that take any text are for programs of others, which log under their own names.
            told = [kind for kind in self.kinds if kind.starts or kind.pattern not in (None, _ANY_TEXT)]
            found[self.anyone] = (*(kind for kind in told if ANY not in kind.daemons), *common)
        return found

    @functools.cached_property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """For each kind's name the fields of its patterns and shapes."""
        found: dict[str, dict[str, None]] = {}
        for kind in self.kinds:
            own = shapes.groups(kind.pattern or "") + list(shapes.parts(kind.shape or "")[1])
            own += shapes.fields_of(kind.pieces)
            found.setdefault(kind.name, {}).update(dict.fromkeys(own))
        return {name: tuple(fields) for name, fields in found.items()}

    @functools.cached_property
    def _known(self) -> dict[tuple[str, str], tuple[Kind, ...]]:
        """The answers of `candidates` so far; equal ones are one object."""
        return {}

    def candidates(self, daemon: str, beginning: str) -> tuple[Kind, ...]:
        """Returns the kinds to try, in order, on a daemon's text that begins so: always the same object for them."""
        if (found := self._known.get((daemon, beginning))) is None:
            kinds = self.by_daemon.get(daemon) or self.by_daemon[ANY]
            found = tuple(kind for kind in kinds if _may_begin(kind, beginning))
            names = ",".join(str(number) for number, kind in enumerate(kinds) if kind in found)
            found = self._known.setdefault((f"{id(kinds)}", names), found)
            if len(self._known) < MEMORY:
                self._known[daemon, beginning] = found
        return found


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
    `no`, `tag` and `queue_id`.
    """

    messages: list[pl.DataFrame] = field(default_factory=list)
    deliveries: list[pl.DataFrame] = field(default_factory=list)
    refusals: list[pl.DataFrame] = field(default_factory=list)
    tls: list[pl.DataFrame] = field(default_factory=list)
    logins: list[pl.DataFrame] = field(default_factory=list)
    """Users that log in with one line and hand in mail with others: `sasl_user`, `client_ip` (see `link.logins`)."""
    sessions: list[pl.DataFrame] = field(default_factory=list)
    """What is told of sessions whose messages and refusals stand on other lines (see `link.sessions`)."""
    verdicts: list[pl.DataFrame] = field(default_factory=list)
    """What is to become of a message that has no queue id yet: `event`, `action`, `client_ip` (see `link.verdicts`)."""
    notices: list[tuple[int, str, str]] = field(default_factory=list)
    """What a reader of the numbers must know: number of the line, kind of the warning, text."""


def read(form: Format, heads: pl.DataFrame, *, with_noise: bool = False) -> Records:
    """Reads the lines of one format: `heads` holds only lines whose tag the format claims, or that it is told by.

    `with_noise` also keeps the line numbers of noise kinds (for `records`); otherwise these are only counted.
    """
    known = {tag: form.claims(tag) or Program(form.name, None, form.name) for tag in heads["tag"].unique().to_list()}
    reading = _Reading(form, with_noise)
    for candidates, rows in _parted(form, _cut_queue_id(form, heads), known):
        reading.group(rows, candidates)
    none = pl.Series("no", [], dtype=pl.UInt32)
    return Records(
        {name: _together(frames, form.fields[name]) for name, frames in reading.parts.items()},
        reading.counts,
        {name: pl.concat(lines) for name, lines in reading.noise.items()},
        pl.concat(reading.left) if reading.left else none,
        known,
    )


def _together(frames: list[pl.DataFrame], fields: tuple[str, ...]) -> pl.DataFrame:
    """Makes one frame of the records of a kind, with all its fields: a shape may have fewer than a pattern."""
    frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in fields if name not in frame.columns]
    return frame.with_columns(missing) if missing else frame


def _cut_queue_id(form: Format, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `queue_id` (null for none and for NOQUEUE), `with_id` and `text` (what follows the id)."""
    raw, cut, head, is_id = pl.col("raw"), pl.col("cut"), pl.col("head"), pl.col("is_id")
    return (
        rows.lazy()
        .select_seq(
            "no",
            "tag",
            pl.col("body").cast(pl.Binary).alias("raw"),
            pl.col("body").str.find(": ", literal=True).cast(pl.Int64).alias("cut"),
        )
        .with_columns_seq(pl.when(cut <= LONGEST_ID).then(cut))
        # A length of null would mean all of it: a line that ends with its queue id has nothing after it.
        .with_columns_seq(
            pl.when(cut.is_not_null()).then(raw.bin.slice(0, cut).cast(pl.String, strict=False)).alias("head")
        )
        .with_columns_seq(head.str.contains(form.queue_id).fill_null(value=False).alias("is_id"))
        .with_columns_seq((is_id | (head == "NOQUEUE")).fill_null(value=False).alias("with_id"))
        .select_seq(
            "no",
            "tag",
            pl.when(is_id).then(head).alias("queue_id"),
            "with_id",
            raw.bin.slice(pl.when("with_id").then(cut + 2).otherwise(0)).cast(pl.String).alias("text"),
        )
        .with_columns_seq(pl.col("text").str.slice(0, HEAD).alias("beginning"))
        .collect(engine="in-memory")
    )


def _parted(
    form: Format, rows: pl.DataFrame, programs: Mapping[str | None, Program]
) -> Iterator[tuple[tuple[Kind, ...], pl.DataFrame]]:
    """Parts the rows by the kinds that may take them, told by daemon and beginning; daemons in the order of lines.

    So each row meets only kinds that may begin like it.
    """
    daemons = {tag: program.daemon for tag, program in programs.items()}
    tags, heads = list(programs), rows["beginning"].unique().to_list()
    pair = _codes(rows["tag"], tags) * len(heads) + _codes(rows["beginning"], heads)
    known = pair.unique(maintain_order=True).to_list()
    kinds = [form.candidates(daemons[tags[code // len(heads)]], heads[code % len(heads)]) for code in known]
    numbers: dict[int, int] = {}
    group = [numbers.setdefault(id(candidates), len(numbers)) for candidates in kinds]
    if len(numbers) == 1:
        yield kinds[0], rows
        return
    parts = rows.with_columns(pair.replace_strict(known, group, return_dtype=pl.UInt32).alias("group")).partition_by(
        "group", as_dict=True, include_key=False
    )
    for number in range(len(numbers)):
        yield kinds[group.index(number)], parts[number,]


def _codes(values: pl.Series, known: list[str | None]) -> pl.Series:
    """The place of each value in the list of all that occur."""
    texts = [value for value in known if value is not None]
    if None not in known:
        return values.cast(pl.Enum(texts)).to_physical().cast(pl.UInt64)
    places = values.cast(pl.Enum(texts)).to_physical().cast(pl.UInt64)
    known[:] = [*texts, None]
    return places.fill_null(len(texts))


@dataclass(slots=True)
class _Reading:
    """The block being read: where matched rows, counts and left-over lines go."""

    form: Format
    with_noise: bool
    parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    noise: dict[str, list[pl.Series]] = field(default_factory=dict)
    left: list[pl.Series] = field(default_factory=list)

    def group(self, rows: pl.DataFrame, candidates: tuple[Kind, ...]) -> None:
        """Puts each row into the first kind that takes it."""
        for kind in candidates:
            rows = self._take(rows, kind)
            if not rows.height:
                return
        self.left.append(rows["no"])

    def _take(self, rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
        """Adds the rows that match the kind to its records; returns the others."""
        text = rows["text"]
        # A beginning of up to HEAD characters is known to be there; a pattern or shape looks for itself.
        cut = kind.shape is not None or bool(kind.pieces)
        told = cut or (kind.pattern is not None and (kind.plain or all(len(start) <= HEAD for start in kind.starts)))
        tests = [] if told or not kind.starts else [_begins(text, kind.starts)]
        if kind.queue_id is not None:
            with_id = rows["with_id"]
            tests.append(with_id if kind.queue_id else ~with_id)
        fields = None
        if kind.noise:
            words = text.str.contains("reject", literal=True) if kind.plain else _mail_words(text, self.form.mail_words)
            tests.append(~words)
            if kind.pattern is not None:
                tests.append(text.str.contains(kind.pattern))
        elif cut or kind.pattern is not None:
            if tests and not (few := functools.reduce(operator.and_, tests)).all():
                others, rows = rows.filter(~few), rows.filter(few)
                rest = self._take(rows, replace(kind, starts=(), queue_id=None)) if rows.height else rows
                return pl.concat([others, rest]) if rest.height else others
            if kind.shape is not None:
                fields = shapes.cut(text, kind.shape)
            elif kind.pieces:
                fields = shapes.cut_up(text, kind.pieces)
            else:
                fields = text.str.extract_groups(kind.pattern or "").struct.unnest()
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


def _begins(text: pl.Series, starts: tuple[str, ...]) -> pl.Series:
    """Tells which texts begin in one of these ways."""
    if len(starts) > FEW:
        return text.str.contains(f"^(?:{'|'.join(re.escape(start) for start in starts)})")
    return functools.reduce(operator.or_, (text.str.starts_with(start) for start in starts))


def _mail_words(text: pl.Series, pattern: str) -> pl.Series:
    """Tells which texts match the pattern of mail words, all of which hold `=` or `reject`."""
    likely = text.str.contains("=", literal=True) | text.str.contains("reject", literal=True)
    if not likely.any():
        return likely
    return likely if not likely.any() else likely & text.str.contains(pattern)


def _may_begin(kind: Kind, head: str) -> bool:
    """Tells whether a text with this head may begin like the kind."""
    return not kind.starts or any(head.startswith(start[:HEAD]) for start in kind.starts)
