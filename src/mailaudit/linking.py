"""From parsed blocks to the rows of the store's tables: every row gets its time and the key of its life."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.formats import formats
from mailaudit.link import lives
from mailaudit.link.attempts import Attempts
from mailaudit.link.clock import Segments, apply
from mailaudit.link.logins import Logins
from mailaudit.link.mentions import positions, together
from mailaudit.link.sessions import Sessions
from mailaudit.model.columns import TABLES, Table
from mailaudit.model.request import Warning
from mailaudit.model.times import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mailaudit.formats.table import Format
    from mailaudit.link.mentions import Mentions
    from mailaudit.model.request import InputReport
    from mailaudit.parsing import Parsed

    Rows = Iterator[tuple[str, pl.DataFrame]]
    Tables = dict[str, pl.DataFrame]

_TABLES = {table.name: table for table in TABLES}
TOLERANCE = MINUTE
"""Files of one host that share no more than this are parts of one log, one after the other."""


@dataclass(slots=True)
class Piece:
    """What one format says in one block, with the times and places of the lines."""

    tables: Tables
    mentions: Mentions | None


class Linker:
    """Gives the blocks' rows their times and lives, in input order, and hands them to the store's tables."""

    def __init__(self) -> None:
        self.lives = {name: lives.Lives() for name in formats()}
        self.logins = Logins()
        self.sessions = Sessions()
        self.attempts = Attempts()

    def rows(self, parsed: Parsed, source: int, segments: Segments) -> Rows:
        """Yields (table name, rows with columns of that table)."""
        for name, piece in timed(parsed, source, segments).items():
            yield from self.linked(name, [piece])

    def linked(self, name: str, pieces: Sequence[Piece]) -> Rows:
        """Links pieces of one format; several of them together are taken in order of time."""
        parts: list[tuple[Tables, Mentions]] = []
        for piece in pieces:
            logins = piece.tables.pop("logins", None)
            self.sessions.name(piece.mentions, piece.tables, piece.tables.pop("sessions", None))
            self.attempts.name(piece.mentions, piece.tables, piece.tables.pop("attempts", None))
            if piece.mentions is not None:
                self.logins.name(piece.mentions, logins)
                parts.append((piece.tables, piece.mentions))
            elif logins is not None:
                self.logins.remember(logins)
        if parts:
            found = parts[0][1] if len(parts) == 1 else together([part for _, part in parts])
            marks = found.marks.hstack(found.rows.select("source", "time_us")[found.marks["row"]])
            keys = self.lives[name].link(marks, _lasting(formats()[name], found))
            yield "messages", lives.messages(found, marks, keys)
            by_row = pl.zeros(marks.height, dtype=pl.Int64, eager=True).scatter(marks["row"], keys)
            begin = 0
            for tables, part in parts:
                _give_keys(tables, by_row.slice(begin, part.rows.height))
                begin += part.rows.height
        for table, frame in itertools.chain.from_iterable(piece.tables.items() for piece in pieces):
            yield table, fit(frame, _TABLES[table])


def _lasting(form: Format, mentions: Mentions) -> Callable[[pl.Series], pl.Series] | None:
    """Tells of rows whether their queue ids never come back; None if all ids of the format do."""
    if not form.reusable_ids:
        return lambda rows: pl.repeat(value=True, n=len(rows), dtype=pl.Boolean, eager=True)
    letter = form.lasting_id
    if letter is None:
        return None
    return lambda rows: mentions.rows["queue_id"][rows].str.contains(letter, literal=True)


@dataclass(slots=True)
class Overlaps:
    """Holds the blocks of several files back, until it is known whether lines of one host stand in more than one.

    Short queue ids come back, so lines of one id must be taken in order; a `grep` beside its log, or a log for each
    program, has them in different files.  What is larger than `room` bytes is linked file by file.
    """

    linker: Linker
    room: int
    several: bool
    pieces: list[tuple[int, dict[str, Piece]]] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether all blocks were held back, so that nothing was linked out of order."""
        return self.several and self.room >= 0

    def add(self, parsed: Parsed, source: int, segments: Segments) -> Rows:
        """Yields what can be linked now."""
        if not self.held:
            yield from self.linker.rows(parsed, source, segments)
            return
        self.pieces.append((source, timed(parsed, source, segments)))
        self.room -= parsed.size
        if self.room < 0:
            yield from self.finish()

    def finish(self) -> Rows:
        """Yields what was held back."""
        pieces, self.pieces = self.pieces, []
        if _shared(_extent(pieces)):
            for name in formats():
                yield from self.linker.linked(name, [told[name] for _, told in pieces if name in told])
            return
        for _, told in pieces:
            for name, piece in told.items():
                yield from self.linker.linked(name, [piece])


def timed(parsed: Parsed, source: int, segments: Segments) -> dict[str, Piece]:
    """What each format says in a block, every row with time, source and byte offset."""
    if parsed.places is None:
        return {}
    places = apply(parsed.places, segments)
    found = {}
    for name, tables in parsed.tables.items():
        mentions = parsed.mentions.get(name)
        if mentions is not None:
            mentions.rows = _placed(mentions.rows, places, source)
        placed = {table: _placed(frame, places, source).rename({"tag": "program"}) for table, frame in tables.items()}
        found[name] = Piece(placed, mentions)
    return found


def _placed(frame: pl.DataFrame, places: pl.DataFrame, source: int) -> pl.DataFrame:
    """Adds source, byte offset, time and host of the lines that a frame's rows are from."""
    at = positions(places["no"], frame["no"])
    told = places.select("offset", "time_us", "host")[at]
    return frame.hstack(told).with_columns(pl.lit(source, dtype=pl.Int32).alias("source"))


def _extent(pieces: Iterable[tuple[int, dict[str, Piece]]]) -> dict[tuple[int, str | None], tuple[int, int]]:
    """First and last time of each host in each source."""
    found: dict[tuple[int, str | None], tuple[int, int]] = {}
    for source, told in pieces:
        for piece in told.values():
            if piece.mentions is None:
                continue
            low, high = pl.col("time_us").min().alias("low"), pl.col("time_us").max().alias("high")
            rows = piece.mentions.rows.drop_nulls("time_us")
            for host, first, last in rows.group_by("host").agg(low, high).rows():
                one = found.get((source, host), (first, last))
                found[source, host] = (min(one[0], first), max(one[1], last))
    return found


def _shared(extent: dict[tuple[int, str | None], tuple[int, int]]) -> bool:
    """Whether some host wrote into two sources at the same time."""
    spans: dict[str | None, list[tuple[int, int]]] = {}
    for (_, host), span in extent.items():
        spans.setdefault(host, []).append(span)
    return any(
        later[0] < max(earlier[1] for earlier in ordered[:at]) - TOLERANCE
        for ordered in map(sorted, spans.values())
        for at, later in enumerate(ordered)
        if at
    )


def overlapping(reports: Iterable[InputReport]) -> list[Warning]:
    """A warning if files that were linked one after the other hold lines of one host and one time."""
    extent: dict[tuple[int, str | None], tuple[int, int]] = {
        (number, host): (report.first_us, report.last_us)
        for number, report in enumerate(reports)
        if report.first_us is not None and report.last_us is not None and report.format == "postfix"
        for host in report.hosts
    }
    if not _shared(extent):
        return []
    return [
        Warning(
            "overlap",
            "several of the files hold lines of the same host and time; if its queue ids are short, messages whose "
            "lines stand in more than one of them may be counted apart: join and sort the files, or name fewer",
        )
    ]


def strays(linker: Linker) -> list[Warning]:
    """A warning if results of deliveries are left out, of which no line tells whose they are."""
    if not (count := linker.attempts.strays):
        return []
    results = "results of deliveries are" if count > 1 else "result of a delivery is"
    text = f"{count:,} {results} left out: what began before these logs is nobody's, as far as they tell"
    return [Warning("strays", text)]


def _give_keys(tables: Tables, in_order: pl.Series) -> None:
    """Hands the keys of the linked rows back to deliveries and refusals, which stand last among them, in this order."""
    refusals, rows = tables.get("refusals"), len(in_order)
    with_id = 0 if refusals is None else int(refusals["queue_id"].is_not_null().sum())
    if refusals is not None:
        has = refusals.filter(pl.col("queue_id").is_not_null())
        has = has.with_columns(in_order.slice(rows - with_id).alias("key"))
        none = refusals.filter(pl.col("queue_id").is_null()).with_columns(pl.lit(None, dtype=pl.Int64).alias("key"))
        tables["refusals"] = pl.concat([has, none])
    if "deliveries" in tables:
        count = tables["deliveries"].height
        tables["deliveries"] = tables["deliveries"].with_columns(
            in_order.slice(rows - with_id - count, count).alias("key")
        )


def fit(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Leaves a frame the table's columns, as far as it has them."""
    have = set(frame.columns) | ({"line"} if "no" in frame.columns else set())
    frame = frame.rename({"no": "line"}) if "line" not in frame.columns else frame
    return frame.select(column.name for column in table.columns if column.name in have)
