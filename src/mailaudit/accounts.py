"""The account of each input: what became of its lines, when it was written, and what it says of itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.formats import strangers
from mailaudit.link.offsets import spell
from mailaudit.model.plurals import counted
from mailaudit.model.request import Warning
from mailaudit.parsing import LOG, OTHER
from mailaudit.read.streams import full

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    import polars as pl

    from mailaudit.link.clock import Decision
    from mailaudit.model.request import InputReport
    from mailaudit.parsing import Parsed
    from mailaudit.read.sources import Source

MINUTE = 60_000_000
"""µs by which two inputs may overlap that follow each other."""

SHOWN = 1000
"""Unparsed line numbers that a report keeps; `records --unparsed` shows all."""

NOTICES = {
    "failed": "bounce",
    "delayed": "delay_warning",
    **dict.fromkeys(("delivered", "relayed", "expanded"), "receipt"),
    **dict.fromkeys(("abuse", "fraud", "virus", "opt-out", "opt-out-list", "miscategorized", "other"), "complaint"),
}
"""What a mail is counted as, of which a report tells this action."""


def date(report: InputReport, decision: Decision | None) -> None:
    """Tells the report what the clock decided; nothing, if there was not a single stamp."""
    if decision is not None and decision.year is not None:
        report.year, report.confidence, report.reason = decision.year, decision.confidence, decision.reason
        own = decision.offsets[0] if len(decision.offsets) == 1 else None
        offset = own if decision.offset_s is None else decision.offset_s
        report.offset = None if offset is None else spell(offset)


def other_zones(report: InputReport, found: Sequence[tuple[str, int]]) -> list[Warning]:
    """A warning for each host whose queue ids tell another UTC offset than the one that was applied to the input."""
    return [
        Warning(
            "zone",
            f"queue ids of host {host} tell UTC offset {spell(offset)}, those of other hosts another: a log has one "
            "clock here, so times are wrong by the difference; read the lines of each host apart, with --input-tz",
            report.path,
        )
        for host, offset in found
    ]


def others(reports: Iterable[InputReport], found: Sequence[Source]) -> Iterator[Warning]:
    """A warning for each input that is the log of a mail server whose logs are not read."""
    strange = {report.path for report in reports if report.lines and (report.doubtful or not report.mail_lines)}
    for source in found:
        if source.path in strange and source.kind == "lines":
            with source.open() as stream:
                beginning = full(stream, strangers.LOOKED_AT)
            if (form := strangers.journal(beginning)) is not None:
                text = (
                    f"this is what journalctl -o {form} writes; mailaudit reads journalctl -o json, or its short forms"
                )
                yield Warning("format", text, source.path)
            elif (name := strangers.server(beginning)) is not None:
                yield Warning("format", f"these are lines of {name}, whose logs mailaudit does not read", source.path)


def span(report: InputReport, times: pl.DataFrame) -> None:
    """Widens the report's first and last time."""
    known = times["time_us"].drop_nulls()
    if len(known):  # mails may all be without a date
        low, high = int(known.min()), int(known.max())  # type: ignore[arg-type]
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


def side_by_side(reports: Iterable[InputReport]) -> bool:
    """Tells whether two inputs of one format hold lines of one host and one time."""
    seen: dict[tuple[str | None, str | None], int] = {}
    for report in sorted(reports, key=lambda report: report.first_us or 0):
        if report.first_us is None or report.last_us is None:
            continue
        for key in {(report.format, host) for host in report.hosts}:
            if min(seen.get(key, 0), report.last_us) - report.first_us > MINUTE:
                return True
            seen[key] = max(seen.get(key, 0), report.last_us)
    return False


def told_twice(reports: dict[int, InputReport], found: Iterable[tuple[int, int, int]]) -> list[Warning]:
    """A warning for each pair of inputs with lines that say the same, under stamps or heads of another kind.

    `found`: the numbers of the two, and how many lines they are.
    """
    return [
        Warning(
            "told_twice",
            f"{counted(count, 'delivery line')} of {reports[one].path} seem to stand here again, written otherwise: "
            "they count twice; leave one of the two out",
            reports[other].path,
        )
        for one, other, count in found
        if count
    ]


def retold(reports: dict[int, InputReport], found: Sequence[tuple[Any, ...]]) -> list[Warning]:
    """Counts records that told again what another one had told as noise; a warning for each input that has some.

    `found`: source, format, the provider's word and number of records.
    """
    times: Counter[int] = Counter()
    for source, form, word, number in found:
        report = reports[source]
        kind = f"{form}/{NOTICES.get(word, word) if form == 'mails' else word}"
        report.kinds[kind] = report.kinds.get(kind, 0) - number
        report.kinds[f"{LOG}/duplicate"] = report.kinds.get(f"{LOG}/duplicate", 0) + number
        report.parsed -= number
        report.noise += number
        times[source] += number
    return [Warning("duplicate", _again(number), reports[source].path) for source, number in sorted(times.items())]


def _again(number: int) -> str:
    return f"{counted(number, 'record tells', 'records tell')} again what another record tells; counted once"


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


def joined(counts: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Says how many messages were found in several systems; nothing if none was."""
    total = sum(count for _, count in counts)
    if total:
        by = ", ".join(f"{count} by {name}" for name, count in counts)
        on = counted(total, "message goes on", "messages go on")
        yield (
            f"{on} in another system ({by}): counted once, with the furthest that is known; --no-collapse keeps them "
            "apart"
        )
