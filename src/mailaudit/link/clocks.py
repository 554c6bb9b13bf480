"""The clocks of all inputs of a run: each is told what is known of its source, and of the file before it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import PurePath
from typing import TYPE_CHECKING

from mailaudit.link.anchors import ClockRevised, Facts, Neighbour
from mailaudit.link.clock import Clock, Decision, Segment, Segments
from mailaudit.link.offsets import local_zone
from mailaudit.link.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailaudit.link.survey import Survey
    from mailaudit.model.request import Request
    from mailaudit.read.sources import Source

LONG = 16 << 20
"""Bytes of a file that is read in more than one block."""

_ROTATION = re.compile(r"([.-]\d+)*(\.(gz|bz2|xz|zst))?$")


class Clocks:
    """One clock per source, made when its first block comes; `revised` are facts found out in a reading given up.

    With `look`, long files are looked at in places before their first block is dated.
    """

    def __init__(
        self, sources: list[Source], request: Request, revised: dict[int, Facts], *, look: bool = True
    ) -> None:
        self._sources = {source.number: source for source in sources}
        self._order = [source.number for source in sources]
        self._request = request
        self._revised = revised
        self._look = look
        self._clocks: dict[int, Clock] = {}
        self._looked_back: set[int] = set()
        self._advanced: dict[int, list[Segment]] = {}

    def advance(self, number: int, survey: Survey) -> Segments:
        """Tells what to add to the stamps of the source's next block.

        Raises `ClockRevised` if it shows that this source, or one before it in its set, was dated wrongly.
        """
        segments = self._advance(number, survey)
        self._look_back(number)
        self._advanced.setdefault(number, []).extend(segments.parts)
        return segments

    def at_once(self, number: int, survey: Survey) -> Segments:
        """Does the same for a source in one piece: where it proves the first guess wrong, it dates it anew."""
        while True:
            try:
                return self._advance(number, survey)
            except ClockRevised as revised:
                self._revised = {**self._revised, number: revised.facts}
                del self._clocks[number]

    @property
    def segments(self) -> dict[int, Segments]:
        """What was to be added to the stamps of each source, all its blocks together."""
        return {number: Segments(tuple(parts)) for number, parts in self._advanced.items()}

    def decision(self, number: int) -> Decision | None:
        """What was decided of a source; None if it had no lines with a stamp."""
        clock = self._clocks.get(number)
        return clock.decision if clock else None

    def elsewhere(self, number: int) -> list[tuple[str, int]]:
        """Hosts of a source that seem to be in another zone than was applied, and their offsets (seconds)."""
        clock = self._clocks.get(number)
        return clock.elsewhere() if clock else []

    def zone(self) -> tzinfo:
        """The zone of the report: the logs' own if they agree on a zone or an offset, else this machine's."""
        decisions = [decision for number in self._order if (decision := self.decision(number)) is not None]
        if self._request.input_tz is not None and any(decision.offset_s is not None for decision in decisions):
            return self._request.input_tz
        offsets = {offset for decision in decisions for offset in (decision.offsets or (decision.offset_s,))}
        if len(offsets) == 1 and (offset := offsets.pop()) is not None:
            return timezone(timedelta(seconds=offset)) if offset else UTC
        return local_zone()

    def together(self, surveys: Mapping[int, Survey]) -> dict[int, Segments]:
        """Does the same for sources in one piece each; what a later one tells of an earlier one counts, too."""
        while True:
            try:
                found = {}
                for number, survey in surveys.items():
                    found[number] = self.at_once(number, survey)
                    self._look_back(number)
            except ClockRevised as revised:
                self._revised = {**self._revised, revised.facts.source: revised.facts}
                self._clocks.clear()
            else:
                return found

    def _advance(self, number: int, survey: Survey) -> Segments:
        if number not in self._clocks:
            self._clocks[number] = Clock(self._facts(number))
        return self._clocks[number].advance(survey)

    def _look_back(self, number: int) -> None:
        """Has the oldest files of a set dated anew where only a later one tells the offset of all."""
        offset = self._clocks[number].foreign
        if offset is None or number in self._looked_back:
            return
        self._looked_back.add(number)
        before = [other for other in self._order[: self._order.index(number)] if self._same_set(other, number)]
        for other in before:
            clock = self._clocks.get(other)
            if clock is not None and clock.assumed:
                raise ClockRevised(replace(self._facts(other), offset_s=offset))

    def _same_set(self, one: int, other: int) -> bool:
        return _set_of(self._sources[one].path) == _set_of(self._sources[other].path)

    def _facts(self, number: int) -> Facts:
        if number in self._revised:
            return self._revised[number]
        source, request = self._sources[number], self._request
        now = request.now or datetime.now(UTC)
        return Facts(
            source=number,
            now_us=int(now.timestamp() * 1e6),
            local=local_zone(),
            year=request.year,
            zone=request.input_tz,
            named_date=source.named_date,
            mtime_us=None if source.mtime is None else int(source.mtime * 1e6),
            before=self._before(source),
            # The whole of a long file is looked at in places: its last lines say more of its year than its first.
            tail=sample(source, now.timestamp()) if self._look and (source.size or 0) > LONG else None,
        )

    def _before(self, source: Source) -> Neighbour | None:
        """How the file before this one in the same rotated set ended."""
        place = self._order.index(source.number)
        for number in reversed(self._order[:place]):
            other = self._sources[number]
            if _set_of(other.path) == _set_of(source.path) and number in self._clocks:
                return self._clocks[number].neighbour()
        return None


def _set_of(path: str) -> str:
    """The name that the files of a rotated set share."""
    pure = PurePath(path)
    return str(pure.with_name(_ROTATION.sub("", pure.name) or pure.name))
