"""Retry policies: how often a server tries again, when it warns the sender, when it gives up.

`normal` and `bulk` are those of RealSender's servers: every ten minutes, a warning after 30 minutes, an end after
4 hours; for bulk mail every thirty minutes, no warnings, an end after 24 hours. Another one is a TOML file:

    name = "ours"
    retry = "5 m"
    warn = "4 h"       # left out: never
    give_up = "5 d"
"""

from __future__ import annotations

import re
import statistics
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError, nearest
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MINUTE = 60
HOUR = 3600
SECONDS = {"s": 1, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": 24 * HOUR}


@dataclass(frozen=True, slots=True)
class Policy:
    """One retry policy, in seconds; `None` where nothing is known or nothing is done."""

    name: str
    retry: int | None
    warn: int | None
    give_up: int | None


NORMAL = Policy("normal", 10 * MINUTE, 30 * MINUTE, 4 * HOUR)
BULK = Policy("bulk", 30 * MINUTE, None, 24 * HOUR)
KNOWN = {policy.name: policy for policy in (NORMAL, BULK)}
AUTO = "auto"
KEYS = ("name", "retry", "warn", "give_up")
"""What a file may say."""
TOLERANCE = 0.25
"""Share by which a median interval may differ from a policy's: a queue run takes its time."""
FEWEST = 2
"""Intervals needed before a policy is recognised."""
UNKNOWN = Policy("unknown", None, None, None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the log shows of the policy, in seconds; None where it shows nothing."""

    first_waits: Sequence[float]
    """From acceptance or first attempt to the second attempt."""
    intervals: Sequence[float]
    """Between later attempts."""
    warned: Sequence[float]
    """From acceptance to a delay warning."""
    gave_up: Sequence[float]
    """From acceptance to giving up."""


def check(word: str) -> None:
    """Raises UsageError for a policy that cannot be had; asked before the work."""
    if word not in {*KNOWN, AUTO}:
        from_file(word)


def chosen(word: str, seen: Seen) -> Policy:
    """The policy that `--policy` names: a known one, the one that the log shows, or a file's."""
    if word in KNOWN:
        return KNOWN[word]
    return recognised(seen) if word == AUTO else from_file(word)


def recognised(seen: Seen) -> Policy:
    """Normal or bulk, if something in the log is like it and nothing speaks against it; else unknown."""
    for policy in KNOWN.values():
        evidence = [
            _like(seen.intervals if len(seen.intervals) >= FEWEST else (), policy.retry),
            _like(seen.gave_up, policy.give_up),
            False if seen.warned and policy.warn is None else None,
        ]
        if True in evidence and False not in evidence:
            return policy
    return UNKNOWN


def _like(measured: Sequence[float], stated: int | None) -> bool | None:
    """Whether the median is about what the policy states; None if there is nothing to compare."""
    if not measured or stated is None:
        return None
    return abs(statistics.median(measured) - stated) <= TOLERANCE * stated


def from_file(path: str) -> Policy:
    """The policy of a TOML file with `retry`, `warn` and `give_up`."""
    try:
        data = tomllib.loads(by_hand.text(path))
    except FileNotFoundError as error:
        hint = f"{nearest(path, [AUTO, *KNOWN])} (or the path of a TOML file)"
        raise UsageError(f"there is no policy {path!r}", hint=hint) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"policy {path}: {error}") from error
    for key in data:
        if key not in KEYS:
            raise UsageError(f"policy {path}: unknown key {key!r}", hint=nearest(key, KEYS))
    return Policy(
        str(data.get("name", Path(path).stem)),
        _seconds(data, "retry", path),
        _seconds(data, "warn", path),
        _seconds(data, "give_up", path),
    )


def _seconds(data: Mapping[str, object], key: str, path: str) -> int | None:
    value = data.get(key)
    if value is None or value is False:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    found = re.fullmatch(r"(\d+) ?(s|m|min|h|d)", value) if isinstance(value, str) else None
    if not found or not int(found[1]):
        raise UsageError(f"policy {path}: {key} = {value!r} is no length of time", hint='write it like "10 m" or "4 h"')
    return int(found[1]) * SECONDS[found[2]]


def fitting(wait: float, retry: int) -> int:
    """How many attempts would fit between two that are so far apart (both excluded)."""
    return max(0, int(wait // retry) - (1 if wait % retry == 0 else 0))
