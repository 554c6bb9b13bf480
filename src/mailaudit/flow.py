"""The one loop: blocks of lines → heads → records → clock → lives → store.

Reading, heads and formats work on a block without knowing its neighbours, so worker threads do them (polars releases
the GIL); the clock, linking and the store take the blocks in input order on the main thread.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import polars as pl

from mailaudit.formats import formats
from mailaudit.formats.table import Facts, Format, Records
from mailaudit.formats.table import read as read_format
from mailaudit.link import lives
from mailaudit.link.clock import ClockRevised, Decision, Segments, apply
from mailaudit.link.clock import Facts as ClockFacts
from mailaudit.link.clocks import Clocks, spell
from mailaudit.link.oldest import oldest_first
from mailaudit.link.survey import Survey, survey
from mailaudit.measure.engine import Engine
from mailaudit.model.acts import BEGIN, TOLD, TRIED, WHOLE
from mailaudit.model.columns import DELIVERIES, MESSAGES, REFUSALS, TLS, Table
from mailaudit.model.request import InputReport, Request, Warning
from mailaudit.read import sources
from mailaudit.read.blocks import Block, blocks
from mailaudit.read.duplicates import Duplicates, without
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines
from mailaudit.store import memory
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

LOG = "log"
"""Stands for a format where lines are about the log itself, empty, or read before."""
OTHER = "other_program"
"""The noise kind of lines that no format claims: another program wrote them."""

_KEYS = ("no", "time_us", "floating", "host", "tag", "queue_id")


@dataclass(slots=True)
class Parsed:
    """What the worker threads make of one block: the rows of each table, not yet timed and linked."""

    block: Block
    lines: int
    counts: dict[str, Counter[str]]
    noise: dict[str, set[str]]
    unparsed: pl.Series
    headless: int
    survey: Survey
    notices: list[tuple[int, str, str]]
    tables: dict[str, dict[str, pl.DataFrame]]
    offsets: pl.DataFrame
    ends: pl.DataFrame
    """Its earliest and latest stamp."""
    hosts: set[str]


class Timer:
    """Seconds by step, shown when MAILAUDIT_TIMINGS is set."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.begun = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds the time of the block to a step."""
        begun = time.perf_counter()
        yield
        self.steps[name] = self.steps.get(name, 0) + time.perf_counter() - begun

    def tell(self) -> None:
        """Writes the seconds by step to standard error, if MAILAUDIT_TIMINGS is set."""
        if os.environ.get("MAILAUDIT_TIMINGS"):
            steps = {**self.steps, "all of it": time.perf_counter() - self.begun, "CPU": time.process_time()}
            for name, seconds in steps.items():
                sys.stderr.write(f"{name:20s} {seconds:8.3f} s\n")


def parse(block: Block, table: pl.DataFrame, forced: str | None, again: int = 0) -> Parsed:
    """Reads one block as far as that goes without its neighbours (runs in a worker thread).

    `again` counts lines of the block that an earlier input had: they are not in the table.
    """
    found = heads(table)
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    counts: dict[str, Counter[str]] = {}
    noise: dict[str, set[str]] = {}
    unparsed = [found.rest["no"]]
    for form, rows in claimed(found.frame, forced):
        if form is None:
            counts[OTHER] = Counter({OTHER: rows.height})
            continue
        records = read_format(form, rows)
        counts[form.name] = Counter(records.counts)
        noise[form.name] = {kind.name for kind in form.kinds if kind.noise}
        unparsed.append(records.unparsed)
        tables[form.name] = collect(form, records, repeats(found.frame))
    skipped = Counter(found.skipped["kind"].to_list())
    if again:
        skipped["duplicate"] = again
    if skipped:
        counts[LOG] = skipped
    return Parsed(
        block=block,
        lines=table.height + again,
        counts=counts,
        noise=noise,
        unparsed=pl.concat([numbers.cast(pl.UInt32) for numbers in unparsed]).sort(),
        headless=found.rest.height,
        survey=survey(found.frame),
        notices=found.notices.rows() if found.notices.height else [],
        tables=tables,
        offsets=table.select("no", "offset"),
        ends=ends(found.frame),
        hosts=set(found.frame["host"].unique().drop_nulls().to_list()),
    )


def ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Returns the lines with the earliest and the latest stamp of a block: no, time_us, floating."""
    stamped = frame.select("no", "time_us", "floating").filter(pl.col("time_us").is_not_null())
    if not stamped.height:
        return stamped
    low, high = stamped["time_us"].arg_min() or 0, stamped["time_us"].arg_max() or 0
    return pl.concat([stamped.head(1), stamped.slice(low, 1), stamped.slice(high, 1), stamped.tail(1)])


def claimed(frame: pl.DataFrame, forced: str | None) -> Iterator[tuple[Format | None, pl.DataFrame]]:
    """Parts the lines by the format that claims their tag; None stands for other programs' lines."""
    owners: dict[str | None, list[str | None]] = {}
    known = formats()
    for tag in frame["tag"].unique().to_list():
        names = [forced] if forced else [name for name, form in known.items() if form.claims(tag) is not None]
        owners.setdefault(names[0] if names else None, []).append(tag)
    for name, tags in owners.items():
        rows = frame if len(owners) == 1 else frame.filter(pl.col("tag").is_in(tags, nulls_equal=True))
        yield (known[name] if name else None), rows


def repeats(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Rows that stand for so many repetitions of a line: no and repeat; None if there are none."""
    if "repeat" not in frame.columns:
        return None
    return frame.filter(pl.col("repeat").is_not_null()).select("no", "repeat")


def collect(form: Format, records: Records, repeated: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Brings what a format says into one frame per table."""
    facts: Facts = form.facts(records)
    programs = records.programs
    instance = {tag: program.instance for tag, program in programs.items()}
    service = {tag: program.service for tag, program in programs.items()}

    def joined(frames: list[pl.DataFrame]) -> pl.DataFrame | None:
        frames = [frame for frame in frames if frame.height]
        if not frames:
            return None
        return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")

    tag = pl.col("tag")
    found: dict[str, pl.DataFrame] = {}
    deliveries, refusals = joined(facts.deliveries), joined(facts.refusals)
    if refusals is not None and repeated is not None:
        times = pl.col("repeat").fill_null(1)
        refusals = refusals.join(repeated, on="no", how="left").select(pl.exclude("repeat").repeat_by(times))
        refusals = refusals.explode(refusals.columns)
    linked = [*facts.messages]
    if repeated is not None:
        # Lines with a queue id hardly ever repeat in truth: only what is refused at the door is counted again.
        linked = [frame.join(repeated, on="no", how="anti") for frame in linked]
        deliveries = None if deliveries is None else deliveries.join(repeated, on="no", how="anti")
    if deliveries is not None and deliveries.height:
        deliveries = with_text(deliveries, "recipient")
        found["deliveries"] = deliveries.with_columns(domain_of("recipient"), tag.alias("program"))
        linked.append(deliveries.select(*_KEYS, pl.lit(TRIED, dtype=pl.Int32).alias("act")))
    if refusals is not None:
        found["refusals"] = with_text(refusals, "recipient").with_columns(domain_of("recipient"), tag.alias("program"))
        with_id = refusals.filter(pl.col("queue_id").is_not_null())
        linked.append(with_id.select(*_KEYS, pl.lit(TOLD, dtype=pl.Int32).alias("act")))
    rows = joined([frame.with_columns(pl.col("act").cast(pl.Int32)) for frame in linked])
    if rows is not None:
        found["messages"] = with_text(rows, "message_id").with_columns(
            by_tag(instance).alias("instance"),
            pl.when(pl.col("act").is_in([BEGIN, WHOLE])).then(by_tag(service)).alias("service"),
        )
    if (tls := joined(facts.tls)) is not None:
        found["tls"] = tls
    return found


def by_tag(values: Mapping[str | None, str | None]) -> pl.Expr:
    """Maps tags to values; a chain of tests, since a block has few tags and most of them share one value."""
    usual = Counter(values.values()).most_common(1)[0][0] if values else None
    chain = pl.lit(usual, dtype=pl.String)
    for tag, value in values.items():
        if value != usual:
            chain = pl.when(pl.col("tag") == tag).then(pl.lit(value, dtype=pl.String)).otherwise(chain)
    return chain


def with_text(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Returns the frame with the named text columns, null where it had none."""
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(missing) if missing else frame


def domain_of(column: str) -> pl.Expr:
    """Returns the address's domain in lower case; null if it has none."""
    return pl.col(column).str.extract(r"@([^@]*)$").str.to_lowercase().alias(f"{column}_domain")


class Linker:
    """Gives the blocks' rows their times and lives, in input order, and hands them to the store's tables."""

    def __init__(self) -> None:
        self.lives = {name: lives.Lives() for name in formats()}

    def rows(self, parsed: Parsed, source: int, segments: Segments) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yields (table name, rows with exactly the table's columns)."""
        for name, tables in parsed.tables.items():
            timed = {table: self._placed(apply(frame, segments), parsed, source) for table, frame in tables.items()}
            if "messages" in timed:
                facts = timed.pop("messages").with_row_index("row")
                keys = self.lives[name].link(
                    facts.select("row", "source", "no", "time_us", "host", "instance", "queue_id", "act", "message_id"),
                    reusable=formats()[name].reusable_ids,
                    lasting=formats()[name].lasting_id,
                )
                yield "messages", lives.messages(facts, keys)
                _give_keys(timed, keys, facts.height)
            for table, frame in timed.items():
                yield table, fit(frame, _TABLES[table])

    @staticmethod
    def _placed(frame: pl.DataFrame, parsed: Parsed, source: int) -> pl.DataFrame:
        """Adds source, and the line's byte offset."""
        at = parsed.offsets["no"].search_sorted(frame["no"])
        return frame.with_columns(
            pl.lit(source, dtype=pl.Int32).alias("source"),
            parsed.offsets["offset"].gather(at).alias("offset"),
        )


def _give_keys(timed: dict[str, pl.DataFrame], keys: pl.DataFrame, rows: int) -> None:
    """Hands the keys of the linked rows back to deliveries and refusals, which stand last among them, in this order."""
    in_order = keys.sort("row")["key"]
    refusals = timed.get("refusals")
    with_id = 0 if refusals is None else int(refusals["queue_id"].is_not_null().sum())
    if refusals is not None:
        has = refusals.filter(pl.col("queue_id").is_not_null())
        has = has.with_columns(in_order.slice(rows - with_id).alias("key"))
        none = refusals.filter(pl.col("queue_id").is_null()).with_columns(pl.lit(None, dtype=pl.Int64).alias("key"))
        timed["refusals"] = pl.concat([has, none])
    if "deliveries" in timed:
        count = timed["deliveries"].height
        mine = in_order.slice(rows - with_id - count, count).alias("key")
        timed["deliveries"] = timed["deliveries"].with_columns(mine)


_TABLES: dict[str, Table] = {table.name: table for table in (MESSAGES, DELIVERIES, REFUSALS, TLS)}


def fit(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Gives a frame exactly the table's columns; those it does not have are null."""
    have = set(frame.columns) | ({"line"} if "no" in frame.columns else set())
    frame = frame.rename({"no": "line"}) if "line" not in frame.columns else frame
    return frame.select(
        pl.col(column.name) if column.name in have else pl.lit(None).alias(column.name) for column in table.columns
    )


@dataclass(slots=True)
class Run:
    """A finished reading: its tables, its inputs, and what must be said about them."""

    request: Request
    engine: Engine
    sources: list[sources.Source]
    inputs: list[InputReport]
    warnings: list[Warning]
    zone: tzinfo
    timer: Timer
    notes: list[str] = field(default_factory=list)
    """What is worth saying of the paths: a file is empty, which of the system's logs are read."""

    @property
    def lossy(self) -> bool:
        """True if the logs themselves say that lines are missing: totals are too low by an unknown number."""
        return any(warning.kind in LOSSES for warning in self.warnings)

    @property
    def covered(self) -> bool:
        """False if less than 95 % of some input's mail lines were understood, or an input could not be read."""
        unread = any(warning.kind == "unreadable" for warning in self.warnings)
        return not unread and all(report.coverage >= ENOUGH for report in self.inputs)

    def close(self) -> None:
        """Removes the temporary store."""
        self.timer.tell()
        self.engine.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()


LOSSES = ("lost", "truncated", "damaged")
"""Kinds of warnings after which totals carry `~`."""
ENOUGH = 0.95
"""Coverage of mail lines below which an answer is given with a loud note and exit code 3."""


def read(request: Request, *, progress: Callable[[int, int | None], None] | None = None) -> Run:
    """Reads everything that is asked for into a temporary store.

    Raises `InputError` if nothing can be read.  `progress` is told bytes read and bytes in all (None: unknown).
    """
    timer = Timer()
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    engine = Engine(TemporaryStore(for_store(request)))
    known: dict[int, ClockFacts] = {}
    while True:
        try:
            run = _read_all(request, found, engine, known, timer, progress)
        except ClockRevised as revised:
            # Rare: a later block proved the first guess of a year wrong. Begin again with what is known now.
            known[revised.facts.source] = revised.facts
            engine.clear()
            continue
        except BaseException:
            engine.close()
            raise
        return run


def _read_all(
    request: Request,
    found: sources.Found,
    engine: Engine,
    known: dict[int, ClockFacts],
    timer: Timer,
    progress: Callable[[int, int | None], None] | None,
) -> Run:
    linker = Linker()
    clocks = Clocks(found.sources, request, known)
    reports = {source.number: InputReport(path=source.path) for source in found.sources}
    duplicates = Duplicates(found.sources)
    notices: list[Warning] = []
    for parsed in _in_order(request, found, duplicates, timer, progress):
        number = parsed.block.source
        with timer.step("clock"):
            segments = clocks.advance(number, parsed.survey)
        with timer.step("link"):
            made = list(linker.rows(parsed, number, segments))
        with timer.step("store"):
            for table, rows in made:
                engine.append(table, rows)
        count(reports[number], parsed)
        span(reports[number], apply(parsed.ends, segments))
        notices += [Warning(kind, text, reports[number].path, line) for line, kind, text in parsed.notices]
    for number, report in reports.items():
        date(report, clocks.decision(number))
    with timer.step("derive"):
        engine.finish(collapse=request.collapse)
    # What is found out only while reading (a file that ends too early) is among the sources' warnings by now.
    warnings = [*found.warnings, *duplicates.warnings(), *summed(notices)]
    inputs = list(reports.values())
    zone = request.tz or clocks.zone()
    return Run(request, engine, list(found.sources), inputs, warnings, zone, timer, list(found.notes))


def summed(notices: list[Warning]) -> list[Warning]:
    """Makes one warning of all notices of a kind in an input: the first, and how many there are."""
    groups: dict[tuple[str, str | None], list[Warning]] = {}
    for notice in notices:
        groups.setdefault((notice.kind, notice.source_file), []).append(notice)
    return [
        replace(group[0], text=f"{group[0].text} (and {len(group) - 1} more of the kind)")
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]


def _in_order(
    request: Request,
    found: sources.Found,
    duplicates: Duplicates,
    timer: Timer,
    progress: Callable[[int, int | None], None] | None,
) -> Iterator[Parsed]:
    """Yields the parsed blocks in input order; a few are parsed ahead in worker threads."""
    size = request.block_size or block_size(request)
    workers = 1 if small(request) else WORKERS
    waiting: deque[Future[Parsed]] = deque()
    done, total = 0, sum(source.size or 0 for source in found.sources) or None
    with ThreadPoolExecutor(workers) as pool:
        try:
            for source in found.sources:
                for block in blocks(source, size):
                    waiting.append(pool.submit(_parse, block, duplicates.of(block), request.input_format))
                    if len(waiting) > workers:
                        yield _next(waiting, timer)
                done += source.size or 0
                if progress is not None:
                    progress(done, total)
            while waiting:
                yield _next(waiting, timer)
        finally:
            for future in waiting:
                future.cancel()


def _next(waiting: deque[Future[Parsed]], timer: Timer) -> Parsed:
    with timer.step("wait for parsing"):
        return waiting.popleft().result()


def _parse(block: Block, drop: pl.Series | None, forced: str | None) -> Parsed:
    return parse(block, without(lines(block), drop), forced, 0 if drop is None else len(drop))


WORKERS = 2
"""Threads that parse; polars uses all cores on top of that, but Python between its calls is the longer part."""

BLOCK = 16 << 20
SMALL_BLOCK = 2 << 20
SMALL = 512 << 20
"""Bytes of memory allowed below which blocks are small and one is parsed at a time."""
STORE = 350 << 20
"""Bytes that the temporary store needs at most to be fast."""


def small(request: Request) -> bool:
    """Tells whether memory is scarce."""
    return (request.memory or memory.default()) < SMALL


def block_size(request: Request) -> int:
    """Returns the bytes per block that fit the memory allowed."""
    return SMALL_BLOCK if small(request) else BLOCK


def for_store(request: Request) -> int:
    """Returns the part of the memory allowed that the store may use: Python, polars and the blocks need the rest."""
    return min((request.memory or memory.default()) * 2 // 5, STORE)


def date(report: InputReport, decision: Decision | None) -> None:
    """Tells the report what the clock decided."""
    if decision is not None:
        report.year, report.confidence, report.reason = decision.year, decision.confidence, decision.reason
        report.offset = None if decision.offset_s is None else spell(decision.offset_s)


def span(report: InputReport, times: pl.DataFrame) -> None:
    """Widens the report's first and last time."""
    if times.height:
        low, high = int(times["time_us"].min()), int(times["time_us"].max())  # type: ignore[arg-type]
        report.first_us = low if report.first_us is None else min(report.first_us, low)
        report.last_us = high if report.last_us is None else max(report.last_us, high)


def count(report: InputReport, parsed: Parsed) -> None:
    """Adds a block to its input's account."""
    kinds = Counter(report.kinds)
    for name, counts in parsed.counts.items():
        for kind, count in counts.items():
            kinds[f"{name}/{kind}" if name != OTHER else OTHER] += count
            silent = name in (OTHER, LOG) or kind in parsed.noise.get(name, set())
            if silent:
                report.noise += count
            else:
                report.parsed += count
            if name not in (OTHER, LOG):
                report.mail_lines += count
    report.kinds = dict(kinds)
    report.lines += parsed.lines
    report.unparsed += len(parsed.unparsed)
    report.mail_lines += len(parsed.unparsed)
    room = SHOWN - len(report.unparsed_lines)
    report.unparsed_lines += parsed.unparsed.head(max(room, 0)).to_list()
    own = {name: sum(counts.values()) for name, counts in parsed.counts.items() if name not in (OTHER, LOG)}
    if own:
        report.format = max(own, key=own.__getitem__) if report.format is None else report.format
    report.hosts = tuple(sorted({*report.hosts, *parsed.hosts}))


SHOWN = 1000
"""Unparsed line numbers that a report keeps; `records --unparsed` shows all."""
