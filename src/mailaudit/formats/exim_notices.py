"""What a message that Exim made about another one is: a receipt, the notice of a failure, or the warning of a delay.

The line does not say.  Such messages are made when all that can be done for their parent has been done: receipts first,
then the notice of a failure, then the warning of a delay; so what was done since the last of them tells.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.queue_ids import exim_time

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANS = {"**": "failure", "==": "delay"}
"""Flag → what a notice after it may be about; the others tell of a success."""
MOST_TELLING = ("failure", "delay", "success")
IN_ORDER = ("success", "failure", "delay")
SOON = 900
"""Seconds of age up to which nobody is warned of a delay, if there is anything else to be told."""


def kinds_of_notices(rows: pl.DataFrame, told: pl.DataFrame | None) -> dict[int, str]:
    """The kind of each notice by line number; `rows`: no, queue_id, parent; `told`: no, queue_id, flag."""
    steps: list[tuple[int, str, str | None, str]] = [
        (no, parent, queue_id, "") for no, parent, queue_id in rows.select("no", "parent", "queue_id").iter_rows()
    ]
    if told is not None:
        about = told.filter(pl.col("queue_id").is_in(rows["parent"].unique().implode()))
        steps += [(no, parent, None, flag) for no, parent, flag in about.select("no", "queue_id", "flag").iter_rows()]
    done: defaultdict[str, set[str]] = defaultdict(set)
    waiting: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    found: dict[int, str] = {}
    for no, parent, child, flag in sorted(steps, key=lambda step: step[0]):
        if child is not None:
            waiting[parent].append((no, child))
            continue
        if parent in waiting:
            found.update(_settled(parent, waiting.pop(parent), done.pop(parent, set())))
        done[parent].add(MEANS.get(flag, "success"))
    for parent, notices in waiting.items():
        found.update(_settled(parent, notices, done[parent]))
    return found


def _settled(parent: str, notices: list[tuple[int, str]], done: set[str]) -> Iterator[tuple[int, str]]:
    """The kinds of notices that follow on each other; none where nothing tells."""
    known = [kind for kind in MOST_TELLING if kind in done]
    if known[-2:] == ["delay", "success"] and _age(parent, notices[0][1]) < SOON:
        known.remove("delay")
    told = known[: len(notices)]
    told = sorted(told + known[:1] * (len(notices) - len(told)), key=IN_ORDER.index)
    yield from zip((no for no, _ in notices), told, strict=False)


def _age(parent: str, child: str) -> int:
    born, now = exim_time(parent), exim_time(child)
    return SOON if born is None or now is None else now - born
