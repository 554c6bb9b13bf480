"""The one loop: blocks of lines → heads → records → clock → lives → store.

Reading, heads and formats work on a block without knowing its neighbours, so several are parsed at a time (polars
releases the GIL); the clock, linking and the store take the blocks one by one in input order.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from mailaudit import accounts
from mailaudit.ahead import Beside, in_order
from mailaudit.link import instances
from mailaudit.link.anchors import ClockRevised, Facts
from mailaudit.link.clock import apply
from mailaudit.link.clocks import Clocks
from mailaudit.link.oldest import oldest_first
from mailaudit.linking import Linker, Overlaps, overlapping, strays
from mailaudit.measure import extent, joins, prepare
from mailaudit.measure.engine import AT_ONCE, Engine
from mailaudit.model.request import InputReport, Request, Warning
from mailaudit.parsing import Parsed, kind_of, parse
from mailaudit.read import sources
from mailaudit.read.blocks import Block, blocks
from mailaudit.read.duplicates import Duplicates, without
from mailaudit.read.lines import lines
from mailaudit.store import memory
from mailaudit.store.temporary import TemporaryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import tzinfo

    import polars as pl

    from mailaudit.link.clock import Segments

    Work = Callable[[], Parsed]


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
    segments: Mapping[int, Segments] = field(default_factory=dict)
    """How the stamps of each log were dated, by number of the source: who reads it once more dates its lines alike."""

    @property
    def lossy(self) -> bool:
        """True if the logs themselves say that lines are missing: totals are too low by an unknown number."""
        return any(warning.kind in LOSSES for warning in self.warnings)

    @property
    def doubts(self) -> list[Warning]:
        """What must be said besides: of which inputs too little was understood to rely on any number."""
        return [doubt for report in self.inputs if (doubt := report.doubt)]

    @property
    def covered(self) -> bool:
        """False if less than 95 % of some input's mail lines were understood, or an input could not be read."""
        unread = any(warning.kind == "unreadable" for warning in self.warnings)
        return not unread and not self.doubts

    @property
    def ends_us(self) -> int | None:
        """The last moment of the inputs in µs; None if it is not known."""
        known = (extent.last_us(self.engine), *(report.last_us for report in self.inputs))
        return max((last_us for last_us in known if last_us is not None), default=None)

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


POSTFIX = {"postfix", "dovecot"}
"""The formats of logs of which some steps are not needed."""
LOSSES = ("lost", "truncated", "damaged")
"""Kinds of warnings after which totals carry `~`."""


def read(
    request: Request,
    *,
    progress: Callable[[int, int | None], None] | None = None,
    meanwhile: Iterable[Callable[[], object]] = (),
) -> Run:
    """Reads everything that is asked for into a temporary store.

    Raises `InputError` if nothing can be read.  `progress` is told bytes read and bytes in all (None: unknown).
    `meanwhile`: what is to be done as soon as all threads have their work.
    """
    timer = Timer()
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    exports_too = any(kind_of(source, request.input_format) != "lines" for source in found.sources)
    if exports_too:
        # Records are millions of small objects without cycles: looking for cycles among them takes a tenth of the time.
        first, *others = gc.get_threshold()
        gc.set_threshold(max(first, 100_000), *others)
    room = min(for_store(request), STORE_OF_EXPORTS) if exports_too else for_store(request)
    store = TemporaryStore(room, scarce=small(request))
    engine = Engine(store, at_once=1 if small(request) else AT_ONCE)
    known: dict[int, Facts] = {}
    beside = Beside(meanwhile)

    def works(duplicates: Duplicates, owners: list[frozenset[str]]) -> Iterator[Work]:
        pieces = _work(request, found, duplicates, owners, progress=progress)
        return _then(pieces, workers(request), (engine.open, beside.begin))

    while True:
        try:
            run = _read_all(request, found, engine, known, timer, works)
            beside.end()
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
    known: dict[int, Facts],
    timer: Timer,
    works: Callable[[Duplicates, list[frozenset[str]]], Iterator[Work]],
) -> Run:
    linker = Overlaps(Linker(), HELD // 8 if small(request) else HELD, several=len(found.sources) > 1)
    clocks = Clocks(found.sources, request, known)
    reports = {source.number: InputReport(path=source.path) for source in found.sources}
    duplicates = Duplicates(found.sources)
    notices: list[Warning] = []
    formats: set[str] = set()
    owners = [frozenset(instances.sampled(found.sources))]

    def take(parsed: Parsed) -> None:
        number = parsed.source
        formats.update(parsed.tables)
        if parsed.survey is None:
            made, span = [item for tables in parsed.tables.values() for item in tables.items()], parsed.ends
        else:
            owners.append(owners[-1] | parsed.owners)
            with timer.step("clock"):
                segments = clocks.advance(number, parsed.survey)
            with timer.step("link"):
                made = list(linker.add(parsed, number, segments))
            span = apply(parsed.ends, segments)
        with timer.step("store"):
            for table, rows in made:
                engine.append(table, rows)
        accounts.count(reports[number], parsed)
        accounts.span(reports[number], span)
        notices.extend(Warning(kind, text, reports[number].path, line) for line, kind, text in parsed.notices)

    with timer.step("blocks"):
        in_order(works(duplicates, owners), take, workers(request))
    for table, rows in linker.finish():
        engine.append(table, rows)
    for number, report in reports.items():
        accounts.date(report, clocks.decision(number))
        notices += accounts.other_zones(report, clocks.elsewhere(number))
    exported = any(kind_of(source, request.input_format) != "lines" for source in found.sources)
    with timer.step("derive"):
        engine.finish(collapse=request.collapse, exports=exported, postfix=formats <= POSTFIX)
    if exported:
        found.warnings.extend(accounts.retold(reports, prepare.retold(engine)))
    # What is found out only while reading (a file that ends too early) is among the sources' warnings by now.
    strange = accounts.others(reports.values(), found.sources)
    warnings = [
        *found.warnings,
        *duplicates.warnings(),
        *_told_twice(engine, reports),
        *accounts.summed(notices),
        *strange,
        *strays(linker.linker),
    ]
    if not linker.held:
        warnings += overlapping(reports.values())
    zone = request.tz or clocks.zone()
    notes = [*found.notes, *accounts.joined(joins.counts(engine)), *(prepare.hints(engine) if exported else ())]
    return Run(
        request, engine, list(found.sources), list(reports.values()), warnings, zone, timer, notes, clocks.segments
    )


def _told_twice(engine: Engine, reports: dict[int, InputReport]) -> list[Warning]:
    """Warnings of inputs that hold the same lines in another spelling: no comparing of lines finds these."""
    if not accounts.side_by_side(reports.values()):
        return []
    return accounts.told_twice(reports, prepare.told_twice(engine))


def _then(works: Iterator[Work], first: int, do: Iterable[Callable[[], object]]) -> Iterator[Work]:
    """Yields the works; once the first are given away, one for each thread, there is time to `do` something else."""
    yield from islice(works, first)
    for one in do:
        one()
    yield from works


def _work(
    request: Request,
    found: sources.Found,
    duplicates: Duplicates,
    owners: list[frozenset[str]],
    *,
    progress: Callable[[int, int | None], None] | None,
) -> Iterator[Work]:
    """Yields what is to be done for each piece of each source, in any thread.

    `owners`: the Postfix instances known before the first block of lines and after each; the last ones may not be done
    yet, so nobody counts on them.
    """
    size = request.block_size or block_size(request)
    done, total = 0, sum(source.size or 0 for source in found.sources) or None
    if any(source.compression for source in found.sources):
        total = None  # how much will come out of them is known at the end only
    kept: dict[str, Any] = {}  # what records remember in a run
    begun = 0
    for source in found.sources:
        kind, end = kind_of(source, request.input_format), source.size or 0
        if kind == "records":
            from mailaudit import exports  # noqa: PLC0415 (providers)

            yield from exports.work(source, request, kept)
        elif kind == "mails":
            from mailaudit import mails  # noqa: PLC0415 (parsers of mails)

            yield from mails.work(source)
        else:
            for block in blocks(source, size if request.block_size else shared(source, size)):
                known = owners[max(0, begun - workers(request))]
                yield partial(_parse, block, duplicates.of(block), request.input_format, known)
                begun += 1
                end = block.offset + len(block.data)
                if progress is not None:
                    progress(done + end, total)
        done += end
        if progress is not None:
            progress(done, total)


def shared(source: sources.Source, size: int) -> int:
    """Returns the bytes per block with which all workers have as much to do: `size` or less, and SPARE.

    `size` where that cannot be told.
    """
    if source.size is None or source.compression or source.size < LITTLE:
        return size
    rounds = -(-source.size // (size * WORKERS))
    return -(-source.size // (rounds * WORKERS)) + SPARE


def _parse(block: Block, drop: pl.Series | None, forced: str | None, owners: frozenset[str]) -> Parsed:
    return parse(block, without(lines(block), drop), forced, 0 if drop is None else len(drop), owners)


WORKERS = 2
"""Blocks that are parsed at a time."""

BLOCK = 16 << 20
"""Bytes of a block: larger ones cost less work and more memory."""
LITTLE = 1 << 20
"""Bytes of a file that is not worth to be divided."""
SPARE = 64 << 10
"""Bytes that a block may have more than its share: it ends with a whole line, so a bit earlier than it could."""
HELD = 64 << 20
"""Bytes of several files up to which lines of one host are put in order of time, whichever file they stand in."""
SMALL_BLOCK = 2 << 20
SMALL = 512 << 20
"""Bytes of memory allowed below which blocks are small and one is parsed at a time."""
STORE = 250 << 20
"""Bytes that the temporary store may use at most: it spills beyond them, which costs little."""
PAGE = 600 << 20
"""The same while the questions of a whole page are asked, which are many: reading has given back what it took."""
STORE_OF_EXPORTS = 200 << 20
"""The same where exports are read: their records take more memory while they are decoded."""


def allowed(request: Request) -> int:
    """Returns the bytes of memory that the run may use: what was asked for, but never less than it needs."""
    return memory.default() if request.memory is None else max(request.memory, memory.LEAST)


def small(request: Request) -> bool:
    """Tells whether memory is scarce."""
    return allowed(request) < SMALL


def workers(request: Request) -> int:
    """Returns how many blocks are parsed at a time."""
    return 1 if small(request) else WORKERS


def block_size(request: Request) -> int:
    """Returns the bytes per block that fit the memory allowed."""
    return SMALL_BLOCK if small(request) else BLOCK


def for_store(request: Request) -> int:
    """Returns the part of the memory allowed that the store may use: Python, polars and the blocks need the rest."""
    return min(allowed(request) // 3, STORE)


def for_page(request: Request) -> float:
    """Returns how many times as much memory as `for_store` the questions of a page may use; 1 where it is scarce."""
    return 1 if small(request) else max(1, min(allowed(request) * 3 // 5, PAGE) / for_store(request))
