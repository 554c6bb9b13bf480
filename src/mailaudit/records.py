"""What each single line was read as: for debugging, for adding a format, for acceptance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

from mailaudit import exports, mails
from mailaudit.flow import block_size
from mailaudit.formats.reading import read
from mailaudit.formats.table import BASE
from mailaudit.link.anchors import ClockRevised, Facts
from mailaudit.link.clock import Segments, apply
from mailaudit.link.clocks import Clocks
from mailaudit.link.oldest import oldest_first
from mailaudit.link.survey import survey
from mailaudit.model.fields import typed
from mailaudit.parsing import LOG, OTHER, claimed, kind_of
from mailaudit.read import sources
from mailaudit.read.blocks import blocks
from mailaudit.read.duplicates import Duplicates, without
from mailaudit.read.heads import Heads, heads
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mailaudit.model.request import Request, Warning
    from mailaudit.read.sources import Source

Row = dict[str, Any]
UNPARSED = "unparsed"
_END = re.compile(r"\)(?: +[0-9]+)?$")
"""The bracket behind a reply, and a number that a relay of lines may have added."""


def records(
    request: Request, *, unparsed: bool = False, warn: Callable[[Warning], None] | None = None
) -> Iterator[Row]:
    """Yields one row per line in input order: source_file, line, format, kind, time, host, program, the kind's fields.

    `kind` is `unparsed` for lines that nothing understood (with their text), `other_program` for lines of programs
    that no format claims.  Noise kinds have `noise` true.  With `unparsed`, only the first sort.  `warn` is told at the
    end what is to be said of the inputs, such as that one ends too early.
    """
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    yield from unread(found.sources, request) if unparsed else read_as(found.sources, request)
    if warn is not None:
        for warning in found.warnings:
            warn(warning)


def read_as(found: list[Source], request: Request) -> Iterator[Row]:
    """Yields a row for each line of these sources, as `records` does."""
    clocks, duplicates = Clocks(found, request, _known(found, request)), Duplicates(found)
    for source in found:
        if (kind := kind_of(source, request.input_format)) != "lines":
            for row in mails.records(source) if kind == "mails" else exports.records(source, request):
                yield {"source_file": source.path, **row}
            continue
        for block in blocks(source, request.block_size or block_size(request)):
            drop = duplicates.of(block)
            table = without(lines(block), drop)
            head = heads(table)
            segments = clocks.advance(source.number, survey(head.frame, beside=head.beside))
            again = [] if drop is None else drop.to_list()
            forced = request.input_format
            for row in _rows(head, table, segments, again, forced):
                yield {"source_file": source.path, **row}


def within(
    found: Iterable[Row], since_us: int | None, until_us: int | None, *, unparsed: bool = False
) -> Iterator[Row]:
    """Yields the rows of a range of time; one without a time goes with the one before it in its source."""
    at: tuple[str | None, int | None] = (None, None)
    for row in found:
        path, before = at
        time_us = row.get("time_us")
        at = row["source_file"], before if time_us is None and path == row["source_file"] else time_us
        known = at[1]
        if known is None or (since_us is not None and known < since_us) or (until_us is not None and known >= until_us):
            continue
        if not unparsed or row["kind"] == UNPARSED:
            yield row


def unread(found: Sequence[Source], request: Request) -> Iterator[Row]:
    """Yields what nothing understood, in input order: source_file, line, format, kind, and the text of lines."""
    duplicates = Duplicates(found)
    for source in found:
        if (kind := kind_of(source, request.input_format)) != "lines":
            rows_of = mails.records(source, unparsed=True)
            if kind == "records":
                rows_of = exports.records(source, request, unparsed=True)
            for row in rows_of:
                yield {"source_file": source.path, **row}
            continue
        for block in blocks(source, request.block_size or block_size(request)):
            table = without(lines(block), duplicates.of(block))
            for row in _unread(heads(table), table, request.input_format):
                yield {"source_file": source.path, **row}


def _known(found: list[sources.Source], request: Request) -> dict[int, Facts]:
    """What only later blocks tell of the years of earlier ones: found out before the first row is given away."""
    size = request.block_size or block_size(request)
    known: dict[int, Facts] = {}
    found = [source for source in found if kind_of(source, request.input_format) == "lines"]
    if len(found) == 1 and all(s.size is not None and not s.compression and s.size < size for s in found):
        return known
    while True:
        clocks = Clocks(found, request, known)
        try:
            for source in found:
                for block in blocks(source, size):
                    head = heads(lines(block))
                    clocks.advance(source.number, survey(head.frame, beside=head.beside))
        except ClockRevised as revised:
            known[revised.facts.source] = revised.facts
        else:
            return known


def _rows(head: Heads, table: pl.DataFrame, segments: Segments, again: list[int], forced: str | None) -> list[Row]:
    """Every line of a block, in order; `again` are those that an earlier input had."""
    timed = apply(head.frame.select("no", "time_us", "floating", "host", "tag"), segments)
    known = {row["no"]: row for row in timed.iter_rows(named=True)}
    found: dict[int, Row] = {}
    for number in again:
        found[number] = {"line": number, "format": LOG, "kind": "duplicate", "noise": True}
    for number, form, kind, fields in _read_as(head, dict(table.select("no", "line").iter_rows()), forced):
        place = known.get(number, {})
        row = {
            "line": number,
            "format": form,
            "kind": kind,
            "time_us": place.get("time_us"),
            "host": place.get("host"),
            "program": place.get("tag"),
            **{name: typed(name, value) for name, value in fields.items()},
        }
        found[number] = {name: value for name, value in row.items() if value is not None}
    return [found[number] for number in sorted(found)]


def _read_as(head: Heads, texts: dict[int, str], forced: str | None) -> Iterator[tuple[int, str | None, str, Row]]:
    """Yields line number, format, kind and the kind's fields of every line of a block."""
    for form, lines_of in claimed(head.frame, forced):
        if form is None:
            yield from ((number, None, OTHER, {"noise": True}) for number in lines_of["no"].to_list())
            continue
        read_as = read(form, lines_of, with_noise=True)
        for kind, frame in read_as.frames.items():
            for row in frame.drop(*(name for name in BASE if name not in {"no", "queue_id"})).iter_rows(named=True):
                if kind in form.bracketed and row["reply"]:
                    row["reply"] = _END.sub("", row["reply"])
                yield row.pop("no"), form.name, kind, row
        for kind, numbers in read_as.noise.items():
            yield from ((number, form.name, kind, {"noise": True}) for number in numbers.to_list())
        for number in read_as.unparsed.to_list():
            yield number, form.name, UNPARSED, {"text": texts[number]}
    for number in head.rest["no"].to_list():
        yield number, None, UNPARSED, {"text": texts[number]}
    for number, kind in head.skipped.select("no", "kind").iter_rows():
        yield number, LOG, kind, {"noise": True}


def _unread(head: Heads, table: pl.DataFrame, forced: str | None) -> list[Row]:
    """The lines of a block that nothing understood."""
    numbers = dict.fromkeys(head.rest["no"].to_list())
    for form, rows in claimed(head.frame, forced):
        if form is not None:
            numbers |= dict.fromkeys(read(form, rows).unparsed.to_list(), form.name)
    texts = table.filter(pl.col("no").is_in(list(numbers)))
    return [
        {"line": number, "format": numbers[number], "kind": UNPARSED, "text": text}
        for number, text in texts.select("no", "line").iter_rows()
    ]
