"""What changed between two runs of `mailaudit health`, and the states that the next run compares with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.advise.mail_flow import WORSE
from mailaudit.model.times import DAY, micros, utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailaudit.advise.flows import Flow

FORGET_US = 90 * DAY
"""After so long without any result, a flow's state is forgotten."""


@dataclass(frozen=True, slots=True)
class Change:
    """A flow whose state is another than it was."""

    flow: Flow
    was: str | None
    """None if it was not known before."""
    since_us: int | None


def compare(kept: Mapping[str, object], flows: Sequence[Flow], now_us: int) -> tuple[list[Change], dict[str, object]]:
    """The changes, and what to remember of all flows.

    Of a flow that was not known before, only trouble is a change. A flow without results changes nothing: what was
    known of it is kept, so that a rotated log neither hides trouble nor reports it twice.
    """
    known = _states(kept)
    changes = []
    for flow in flows:
        key = f"{flow.kind} {flow.name}"
        before = known.get(key)
        if flow.state == "Unknown":
            continue
        if before is None:
            known[key] = (flow.state, now_us, now_us)
            if flow.state != "Good":
                changes.append(Change(flow, None, None))
        elif before[0] != flow.state:
            known[key] = (flow.state, now_us, now_us)
            changes.append(Change(flow, before[0], before[1]))
        else:
            known[key] = (flow.state, before[1], now_us)
    return changes, {
        "flows": {
            key: {"state": state, "since": utc(since), "seen": utc(seen)}
            for key, (state, since, seen) in known.items()
            if now_us - seen < FORGET_US
        }
    }


def _states(kept: Mapping[str, object]) -> dict[str, tuple[str, int, int]]:
    """State, since when, and last seen, by flow; an entry that is not what we write is as if it were not there."""
    held = kept.get("flows")
    found = {}
    for key, entry in held.items() if isinstance(held, dict) else ():
        try:
            state, since, seen = entry["state"], _micros(entry["since"]), _micros(entry["seen"])
        except (TypeError, KeyError, ValueError):
            continue
        if state in WORSE:
            found[key] = (state, since, seen)
    return found


def _micros(text: str) -> int:
    return micros(dt.datetime.fromisoformat(text))
