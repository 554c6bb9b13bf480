"""Oldest first: the order in which inputs are read, whatever the order in which they were named.

Within a rotated set the times in the logs decide where they are complete, else the names. Sets are then merged by the
time at which each file begins; where the logs do not tell the year, the file's last writing does.
"""

from __future__ import annotations

import heapq
import time
from typing import TYPE_CHECKING

from mailaudit.model.times import SECOND
from mailaudit.read import names, probe
from mailaudit.read.stamps import NO_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.read.sources import Candidate


def oldest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates in reading order."""
    sets: dict[str, list[Candidate]] = {}
    for one in candidates:
        sets.setdefault(names.named(one.path)[0], []).append(one)
    # a merge keeps the order within a set even where its estimated times do not rise
    return list(heapq.merge(*map(_within, sets.values()), key=lambda one: (_begins(one), one.path)))


def _within(members: list[Candidate]) -> list[Candidate]:
    """A rotated set in order."""
    if all(one.look.time_us is not None and one.look.floating != NO_YEAR for one in members):
        return sorted(members, key=lambda one: (one.look.time_us, names.named(one.path)[1], one.path))
    return sorted(members, key=lambda one: (names.named(one.path)[1], one.path))


def _begins(one: Candidate) -> int:
    """µs at which the input begins, as far as can be told."""
    date = names.named(one.path)[2]
    known = [time.time() if one.mtime is None else one.mtime]
    if date:
        known.append((date.toordinal() - _EPOCH + 1) * 86_400)
    anchor = int(min(known) * SECOND)
    begins = probe.begins_us(one.look, anchor)
    return anchor if begins is None else begins


_EPOCH = 719_163
"""Ordinal of 1970-01-01."""
