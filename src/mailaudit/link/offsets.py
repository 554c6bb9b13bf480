"""How far a log's wall clock was from UTC, and when that changed.

Offsets come from a zone's rules, or from evidence. When evidence shows a change, the zones of the world tell at which
instants such a change can happen; the name of a zone is not inferred from it, several would do.
"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailaudit.link.survey import DAY_US, STEP_US
from mailaudit.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

SECOND_US = 1_000_000


def offset_at(zone: tzinfo, utc_us: int) -> int:
    """A zone's offset from UTC in seconds at an instant."""
    offset = moment(utc_us, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def changes_of(zone: tzinfo, low_us: int, high_us: int, step_us: int = DAY_US) -> list[tuple[int, int]]:
    """Instants (µs) between the two at which a zone's offset changes, with the new offset (seconds)."""
    found = []
    here, before = low_us, offset_at(zone, low_us)
    while here < high_us:
        there = min(here + step_us, high_us)
        after = offset_at(zone, there)
        if after != before:
            found.append((_instant(zone, here, there), after))
        here, before = there, after
    return found


def _instant(zone: tzinfo, low_us: int, high_us: int) -> int:
    before = offset_at(zone, low_us)
    low, high = low_us // SECOND_US, -(-high_us // SECOND_US)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle * SECOND_US) == before:
            low = middle
        else:
            high = middle
    return high * SECOND_US


class Offsets:
    """Offsets over time: one before the first change, then one from each change on."""

    def __init__(self, first: int, changes: Sequence[tuple[int, int]] = ()) -> None:
        self.first = first
        self.changes = list(changes)

    def utc(self, wall_us: int, previous_us: int | None, said: int | None = None) -> int:
        """UTC of a wall-clock time (µs).

        One that occurs twice is resolved by evidence (`said`, an offset), or else by the time of the line above: it is
        the earlier one, unless the clock went back to get there.
        """
        possible = self.possible(wall_us)
        if len(possible) == 1:
            return possible[0]
        for utc in possible:
            if said is not None and wall_us - utc == said * SECOND_US:
                return utc
        later = [utc for utc in possible if previous_us is None or utc >= previous_us - STEP_US]
        return later[0] if later else possible[-1]

    def at(self, utc_us: int) -> int:
        """The offset (seconds) at an instant."""
        offset = self.first
        for instant, after in self.changes:
            if utc_us >= instant:
                offset = after
        return offset

    def last(self) -> int:
        """The offset (seconds) after all changes."""
        return self.changes[-1][1] if self.changes else self.first

    def lately(self) -> tuple[int, list[tuple[int, int]]]:
        """The last change, and the offset before it: as `Offsets` are made from."""
        before = self.changes[-2][1] if len(self.changes) > 1 else self.first
        return before, self.changes[-1:]

    def possible(self, wall_us: int) -> list[int]:
        """The instants that a wall-clock time can mean, earliest first: one, or two when the clock was put back."""
        if not self.changes:
            return [wall_us - self.first * SECOND_US]
        found = []
        begin: int | None = None
        offset = self.first
        for instant, after in [*self.changes, (None, 0)]:
            utc = wall_us - offset * SECOND_US
            if (begin is None or utc >= begin) and (instant is None or utc < instant):
                found.append(utc)
            begin, offset = instant, after
        # In the hour that is left out when summer time begins: as if the clock had not been put forward.
        return found or [wall_us - self._before_gap(wall_us) * SECOND_US]

    def _before_gap(self, wall_us: int) -> int:
        offset = self.first
        for instant, after in self.changes:
            if wall_us - offset * SECOND_US < instant:
                break
            if wall_us - after * SECOND_US < instant:
                return offset
            offset = after
        return offset


def by_rules(zone: tzinfo, low_us: int, high_us: int) -> Offsets:
    """A zone's offsets between two instants."""
    return Offsets(offset_at(zone, low_us), changes_of(zone, low_us, high_us))


def local_zone() -> tzinfo:
    """This machine's zone, with its rules if its name can be found out, else at its present offset."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        _, _, name = os.path.realpath("/etc/localtime").partition("zoneinfo/")
    with contextlib.suppress(ValueError, OSError, ZoneInfoNotFoundError):
        return ZoneInfo(name.removeprefix("posix/"))
    return datetime.now().astimezone().tzinfo or UTC


def spell(offset_s: int) -> str:
    """Returns an offset as people write it: +02:00."""
    sign, seconds = "-" if offset_s < 0 else "+", abs(offset_s)
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
