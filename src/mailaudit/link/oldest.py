"""Oldest first, for logs whose stamps have no year: what their first lines prove decides, not what they are called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.link.clock import apply
from mailaudit.link.clocks import Clocks
from mailaudit.link.survey import survey
from mailaudit.link.years import YEARLESS
from mailaudit.read.blocks import Block
from mailaudit.read.heads import heads
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from mailaudit.model.request import Request
    from mailaudit.read.sources import Source

LOOK = 64 << 10
"""Bytes from the beginning of an input that are looked at."""


def oldest_first(sources: list[Source], request: Request) -> list[Source]:
    """Returns the sources in the order in which they were written, numbered anew.

    Only where each of them proves its year (by queue ids, or times in its lines) may another order come out than the
    one that names and file times gave.
    """
    if len(sources) < 2 or any(source.kind != "lines" for source in sources):  # noqa: PLR2004
        return sources
    begins: dict[int, int] = {}
    yearless = False
    for source in sources:
        with source.open() as stream:
            data = stream.read(LOOK)
        found = heads(lines(Block(source.number, 0, data[: data.rfind(b"\n") + 1], 1, 0)))
        frame = found.frame
        stamped = frame.filter(frame["time_us"].is_not_null())
        clocks = Clocks([source], request, {}, look=False)
        segments = clocks.at_once(source.number, survey(frame, beside=found.beside))
        decision = clocks.decision(source.number)
        if not stamped.height or decision is None or decision.confidence == "low":
            return sources
        yearless = yearless or bool((stamped["floating"] == YEARLESS).any())
        begins[source.number] = int(apply(stamped.select("no", "time_us", "floating"), segments)["time_us"][0])
    if not yearless:
        return sources
    ordered = sorted(sources, key=lambda source: (begins[source.number], source.number))
    return [replace(source, number=number) for number, source in enumerate(ordered)]
