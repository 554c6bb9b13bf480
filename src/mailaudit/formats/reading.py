"""A block of lines is read by a format's table of kinds (`formats.table`).

`read` dispatches by daemon first and by literal prefix second, so that each line meets only the few kinds of its own
daemon, and a regular expression only runs on lines of its own kind.  Every line ends in exactly one place: a kind, or
`unparsed`.  There is no catch-all.
"""

from __future__ import annotations

import functools
import operator
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import shapes
from mailaudit.formats.table import BASE, HEAD, Program, Records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailaudit.formats.table import Format, Kind

FEW = 3
"""Beginnings that are looked for one by one; more of them by one pattern."""

LONGEST_ID = 24
"""Characters of the longest queue id of any format, and a few to spare."""


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
            pl.col("body").str.find(form.behind_id, literal=True).cast(pl.Int64).alias("cut"),
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
            raw.bin.slice(pl.when("with_id").then(cut + len(form.behind_id)).otherwise(0))
            .cast(pl.String)
            .alias("text"),
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
        text, fields = rows["text"], None
        # A beginning of up to HEAD characters is known to be there; a pattern or shape looks for itself.
        cut = kind.shape is not None or bool(kind.pieces)
        told = cut or (kind.pattern is not None and (kind.plain or all(len(start) <= HEAD for start in kind.starts)))
        starts = () if told else kind.starts
        matched = self._noise(rows, kind, starts) if kind.noise else _fits(rows, starts, queue_id=kind.queue_id)
        if not kind.noise and (cut or kind.pattern is not None):
            if matched is not None and not matched.all():
                others, rows = rows.filter(~matched), rows.filter(matched)
                rest = self._take(rows, replace(kind, starts=(), queue_id=None)) if rows.height else rows
                return pl.concat([others, rest]) if rest.height else others
            if kind.shape is not None:
                fields = shapes.cut(text, kind.shape)
            elif kind.pieces:
                fields = shapes.cut_up(text, kind.pieces)
            else:
                fields = text.str.extract_groups(kind.pattern or "").struct.unnest()
            # A pattern's first group takes part in every match (possibly empty): null means no match.
            first = fields.to_series(0)
            matched = first.is_not_null() if first.null_count() else None
        rest = rows.clear()
        if matched is not None and not matched.all():
            rest, rows = rows.filter(~matched), rows.filter(matched)
            fields = None if fields is None else fields.filter(matched)
        if rows.height:
            self._keep(rows, kind, fields)
        return rest

    def _noise(self, rows: pl.DataFrame, kind: Kind, starts: tuple[str, ...]) -> pl.Series:
        """Tells which rows are noise of this kind; words of mail's own lines are in none of them."""
        found = rows.select_seq(_noise_tests(starts, kind.pattern, queue_id=kind.queue_id, plain=kind.plain))
        matched, words = found["matched"], found["words"]
        if not words.any():
            return matched
        return matched & ~(words if kind.plain else words & rows["text"].str.contains(self.form.mail_words))

    def _keep(self, rows: pl.DataFrame, kind: Kind, fields: pl.DataFrame | None) -> None:
        self.counts[kind.name] = self.counts.get(kind.name, 0) + rows.height
        if not kind.noise:
            own = rows[[*BASE]]
            self.parts.setdefault(kind.name, []).append(own if fields is None else own.hstack(fields))
        elif self.with_noise:
            self.noise.setdefault(kind.name, []).append(rows["no"])


def _fits(rows: pl.DataFrame, starts: tuple[str, ...], *, queue_id: bool | None) -> pl.Series | None:
    """Tells which rows have a queue id, or none, and begin in one of these ways; None where nothing is asked for."""
    if not starts:
        return None if queue_id is None else rows["with_id"] if queue_id else ~rows["with_id"]
    return rows.select_seq(_test(starts, None, queue_id=queue_id)).to_series()


@functools.cache
def _noise_tests(
    starts: tuple[str, ...], pattern: str | None, *, queue_id: bool | None, plain: bool
) -> tuple[pl.Expr, pl.Expr]:
    """`matched`: a row has all that a kind of noise has; `words`: it may have words of mail's own lines, too.

    All of these hold `=` or `reject`; a plain kind has `=` itself.
    """
    words = pl.col("text").str.contains("reject", literal=True)
    if not plain:
        words |= pl.col("text").str.contains("=", literal=True)
    return _test(starts, pattern, queue_id=queue_id).alias("matched"), words.alias("words")


@functools.cache
def _test(starts: tuple[str, ...], pattern: str | None, *, queue_id: bool | None) -> pl.Expr:
    """Made once for all blocks: that costs as much as looking at a hundred lines."""
    text, with_id = pl.col("text"), pl.col("with_id")
    tests = [] if queue_id is None else [with_id if queue_id else ~with_id]
    if len(starts) > FEW:
        tests.append(text.str.contains(f"^(?:{'|'.join(re.escape(start) for start in starts)})"))
    elif starts:
        tests.append(functools.reduce(operator.or_, (text.str.starts_with(start) for start in starts)))
    if pattern is not None:
        tests.append(text.str.contains(pattern))
    return functools.reduce(operator.and_, tests) if tests else pl.lit(value=True)
