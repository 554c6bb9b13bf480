"""What an export's records say: batches of records become rows that have their times and keys already.

Records say themselves when something happened and to which message, so there is no clock and no linking.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from mailaudit.formats import providers
from mailaudit.formats.providers import headers
from mailaudit.formats.providers.fill import Filled, fill
from mailaudit.formats.providers.raised import keys
from mailaudit.formats.providers.recognise import Sorted, fits, sort
from mailaudit.formats.providers.redact import redacted
from mailaudit.parsing import LOG, Parsed
from mailaudit.placing import placed
from mailaudit.read.batches import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from mailaudit.formats.providers.shape import Provider, Shape
    from mailaudit.model.request import Request
    from mailaudit.read.batches import Batch
    from mailaudit.read.sources import Source

UNPARSED = "unparsed"
SKIPPED = "skipped"
"""Begins the kind of records that say nothing of a message; the provider's word follows."""
_COLUMNS = frozenset((
    "source_file", "line", "format", "kind", "noise", "time", "time_us", "host", "program", "queue_id", "text",
    "fields",
))  # fmt: skip
"""What all rows of `records` have; a record's own field of such a name gets an underscore."""


def work(source: Source, request: Request, memory: dict[str, Any]) -> Iterator[Callable[[], Parsed]]:
    """Yields what is to be done for each batch of a source, in any thread; `memory` is that of the whole run."""
    with source.open() as stream:
        for batch in batches(stream, source.warn):
            found = completed(batch, request, memory) if remembers(batch, request) else None
            yield partial(parse, source.number, batch, request, found)


def remembers(batch: Batch, request: Request) -> bool:
    """Tells whether records may be completed by what earlier ones said, so that their order matters.

    Cells are always taken so: sorting them takes little beside cutting them, which is not done in parallel either.
    """
    first = next((record for record in batch.records if isinstance(record, dict)), None)
    filled = (shape for _, shape in known(request.input_format).values() if shape.fills is not None)
    return batch.layout == "csv" or any(fits(shape.signature, first) for shape in filled)


def completed(batch: Batch, request: Request, memory: dict[str, Any]) -> Sorted:
    """The records of a batch by shape, completed by what other records said; `memory` is that of the whole run.

    Raises `InputError` where a record could be of several formats.
    """
    found, kinds = sort(batch, request.input_format), known(request.input_format)
    for name, (numbers, records) in found.by_shape.items():
        if (fills := kinds[name][1].fills) is not None:
            found.by_shape[name] = numbers, fills(records, memory)
    return found


def parse(source: int, batch: Batch, request: Request, found: Sorted | None = None) -> Parsed:
    """Reads one batch, whose records may be sorted and completed already.

    Raises `InputError` where a record could be of several formats.
    """
    found, kinds = found or completed(batch, request, {}), known(request.input_format)
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    counts: dict[str, Counter[str]] = {}
    noise: dict[str, set[str]] = {}
    unread = dict(found.strange)
    notices: list[tuple[int, str, str]] = []
    for name, (numbers, records) in found.by_shape.items():
        provider, shape = kinds[name]
        filled = fill(shape, numbers, records, zone_of(shape, request), european=european(batch))
        skipped = Counter(f"{SKIPPED}: {what}" for what in filled.silent.values())
        counts[name] = filled.told + skipped
        noise[name] = set(skipped)
        unread |= filled.failed
        notices += _notices(filled)
        if filled.rows.height:
            tables[name] = placed(filled, provider, shape, source, keys(request.raised_by_key))
    if found.headers:
        counts[LOG] = Counter({"header": len(found.headers)})
    if batch.layout == "csv" and not found.by_shape and (row := next(filter(None, batch.records), None)):
        notices.append((batch.first, "header", headers.unknown([*row], [one[1] for one in kinds.values()])))
    else:
        notices += [(at, "record", f"record {at} was not understood: {unread[at][:80]}") for at in sorted(unread)[:1]]
    return Parsed(
        source=source,
        size=batch.size,
        lines=len(batch.records),
        counts=counts,
        noise=noise,
        unparsed=pl.Series(sorted(unread), dtype=pl.UInt32),
        survey=None,
        notices=notices,
        tables=tables,
        ends=ends(tables),
        hosts=set(),
    )


def records(source: Source, request: Request, *, unparsed: bool = False) -> Iterator[dict[str, Any]]:
    """Yields each record as what it was read: line, format, kind, time_us and its own fields, secrets left out.

    With `unparsed`, only those that were not understood, with their text.
    """
    memory: dict[str, Any] = {}
    with source.open() as stream:
        for batch in batches(stream, source.warn):
            rows = _shown(batch, request, memory)
            yield from (row for row in rows if not unparsed or row["kind"] == UNPARSED)


def raw(source: Source, numbers: set[int]) -> Iterator[bytes]:
    """Yields the records of these numbers as JSON, a record a line, secrets left out."""
    if not numbers:
        return
    with source.open() as stream:
        for batch in batches(stream, source.warn):
            for number, record in enumerate(batch.records, batch.first):
                if number in numbers:
                    yield _line(record)


def stamped(source: Source, request: Request) -> Iterator[list[tuple[int, int | None, bytes]]]:
    """Yields, batch by batch, number and time of each record, and the record as JSON in one line, secrets left out."""
    memory: dict[str, Any] = {}
    with source.open() as stream:
        for batch in batches(stream, source.warn):
            times = {row["line"]: row.get("time_us") for row in _shown(batch, request, memory)}
            lines = [
                batch.broken[place].encode("utf-8", "replace") if place in batch.broken else _line(record)
                for place, record in enumerate(batch.records)
            ]
            yield [(number, times.get(number), line) for number, line in enumerate(lines, batch.first)]


def _line(record: object) -> bytes:
    return json.dumps(redacted(record), ensure_ascii=False, default=str).encode("utf-8", "replace")


def _shown(batch: Batch, request: Request, memory: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one batch, in order."""
    found, kinds = sort(batch, request.input_format), known(request.input_format)
    rows: dict[int, dict[str, Any]] = {
        number: {"line": number, "format": None, "kind": UNPARSED, "text": text}
        for number, text in found.strange.items()
    }
    rows |= {number: {"line": number, "format": LOG, "kind": "header", "noise": True} for number in found.headers}
    for name, (numbers, given) in found.by_shape.items():
        shape = kinds[name][1]
        whole = given if shape.fills is None else shape.fills(given, memory)
        filled = fill(shape, numbers, whole, zone_of(shape, request), european=european(batch))
        first = filled.rows.unique("no", keep="first", maintain_order=True)
        told = {no: (kind, time_us) for no, kind, time_us in first.select("no", "raw_event", "time_us").iter_rows()}
        for number, record in zip(numbers, given, strict=True):
            row: dict[str, Any] = {"line": number, "format": name}
            shown = {key: value for key, value in redacted(record).items() if value is not None}
            if number in told:
                row |= {"kind": told[number][0], "time_us": told[number][1], **_apart(shown)}
            elif number in filled.silent:
                row |= {"kind": f"{SKIPPED}: {filled.silent[number]}", "noise": True, **_apart(shown)}
            else:
                reason = filled.failed.get(number, "")
                row |= {"kind": UNPARSED, "text": f"{reason}: {json.dumps(shown, ensure_ascii=False, default=str)}"}
            rows.setdefault(number, row)
    return [rows[number] for number in sorted(rows)]


def _apart(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record beside the columns that all rows have: one of the same name gets an underscore."""
    return {f"{name}_" if name in _COLUMNS else name: value for name, value in fields.items()}


def known(forced: str | None) -> dict[str, tuple[Provider, Shape]]:
    """The shapes that records may have, by format id, each with its provider."""
    return providers.shapes() if forced is None else {one[1].name: one for one in providers.chosen(forced)}


def european(batch: Batch) -> bool:
    """Tells whether cells stand between semicolons: Windows writes them so where numbers have commas.

    In those countries the day comes before the month, or the year before both.
    """
    return batch.delimiter == ";"


def zone_of(shape: Shape, request: Request) -> tzinfo:
    """The zone of times that have none: what was asked for, else the provider's usual one."""
    if request.input_tz is not None:
        return request.input_tz
    return ZoneInfo(shape.zone) if isinstance(shape.zone, str) else shape.zone or UTC


def _notices(filled: Filled) -> Iterator[tuple[int, str, str]]:
    for name, numbers in filled.unknown.items():
        yield numbers[0], "unknown_event", f"record {numbers[0]}: event {name!r} is not known; shown as `other`"
    for name, numbers in filled.left_out.items():
        yield numbers[0], "left_out", f"record {numbers[0]}: {name} is not as documented and left out"


def ends(tables: dict[str, dict[str, pl.DataFrame]]) -> pl.DataFrame:
    """The earliest and latest time of a batch."""
    frames = [frame["deliveries"].select("time_us") for frame in tables.values() if "deliveries" in frame]
    if not frames:
        return pl.DataFrame(schema={"time_us": pl.Int64})
    times = pl.concat(frames)
    return pl.concat([times.min(), times.max()])
