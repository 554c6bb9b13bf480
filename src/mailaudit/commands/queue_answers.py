"""The tables of `mailaudit queue`."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLES = ("age", "destination", "reply", "waiting")
AGES = (
    (600, "under 10 min"),
    (1800, "10 to 30 min"),
    (3600, "30 min to 1 h"),
    (4 * 3600, "1 to 4 h"),
    (24 * 3600, "4 to 24 h"),
    (3 * 86400, "1 to 3 days"),
    (float("inf"), "over 3 days"),
)
"""Ages by their upper bound in seconds."""
UNKNOWN_AGE = "unknown"


class Row(NamedTuple):
    """One recipient who waits."""

    queue_id: str | None
    queue: str
    arrived_us: int | None
    age: int | None
    size: int | None
    sender: str | None
    recipient: str | None
    domain: str
    reply: str | None


WAITING = (
    Column("queue_id", "text", "queue id"),
    Column("queue", "word", "queue it is in: deferred, active, hold, …; from a log: deferred, pending or held"),
    Column("arrived", "time", "when it was accepted"),
    Column("age", "big", "seconds since then"),
    Column("size", "big", "bytes"),
    Column("sender", "text", "envelope sender; empty for the null sender"),
    Column("recipient", "text", "recipient"),
    Column("domain", "text", "recipient's domain in lower case"),
    Column("reply", "text", "last reply or reason"),
)


def answers(rows: Sequence[Row], wanted: Sequence[str], when: str) -> list[Answer]:
    """The tables asked for, in this order: age, destination, reply, waiting."""
    unit = "recipients who wait"
    made = {"age": _by_age, "destination": _by_destination, "reply": _by_reply, "waiting": _waiting}
    return [made[name](rows, unit, when) for name in TABLES if name in wanted]


def _by_age(rows: Sequence[Row], unit: str, when: str) -> Answer:
    counts: Counter[str] = Counter()
    messages: dict[str, set[object]] = {}
    for row in rows:
        word = UNKNOWN_AGE if row.age is None else next(word for bound, word in AGES if row.age < bound)
        counts[word] += 1
        messages.setdefault(word, set()).add(row.queue_id)
    columns = (
        Column("age", "word", "time since acceptance"),
        Column("messages", "big", "messages that wait"),
        Column("recipients", "big", "their recipients who wait"),
    )
    words = [word for _, word in AGES] + ([UNKNOWN_AGE] if UNKNOWN_AGE in counts else [])
    lines = [(word, len(messages.get(word, ())), counts[word]) for word in words]
    return Answer("age", "Waiting by age", unit, when, columns, lines)


def _by_destination(rows: Sequence[Row], unit: str, when: str) -> Answer:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.domain, []).append(row)
    columns = (
        Column("domain", "text", "recipients' domain"),
        Column("messages", "big", "messages that wait"),
        Column("recipients", "big", "their recipients who wait"),
        Column("median_age", "big", "median age in seconds"),
        Column("oldest", "time", "when the oldest was accepted"),
        Column("last_reply", "text", "reply or reason of the youngest that has one"),
    )
    lines = []
    for domain, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        ages = [row.age for row in group if row.age is not None]
        arrivals = [row.arrived_us for row in group if row.arrived_us is not None]
        reply = next((row.reply for row in sorted(group, key=_age) if row.reply), None)
        median = int(statistics.median(ages)) if ages else None
        lines.append(
            (domain, len({row.queue_id for row in group}), len(group), median, min(arrivals, default=None), reply)
        )
    return Answer("destination", "Waiting by destination", unit, when, columns, lines)


def _age(row: Row) -> float:
    return float("inf") if row.age is None else row.age


def _by_reply(rows: Sequence[Row], unit: str, when: str) -> Answer:
    from mailaudit.classify.templates import template  # noqa: PLC0415 (not for --help)

    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(template(row.reply) if row.reply else "", []).append(row)
    columns = (
        Column("reply", "text", "reply or reason without what differs from mail to mail; empty: none yet"),
        Column("recipients", "big", "recipients who wait for it"),
        Column("domains", "big", "their domains"),
        Column("example", "text", "queue id of the oldest"),
    )
    lines = [
        (
            reply,
            len(group),
            len({row.domain for row in group}),
            min(group, key=lambda row: row.arrived_us or 0).queue_id,
        )
        for reply, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return Answer("reply", "Waiting by last reply", unit, when, columns, lines)


def _waiting(rows: Sequence[Row], unit: str, when: str) -> Answer:
    ordered = sorted(rows, key=lambda row: (row.arrived_us is None, row.arrived_us or 0))
    shown = ("queue_id", "queue", "arrived", "recipient", "reply")
    return Answer("waiting", "Waiting, oldest first", unit, when, WAITING, ordered, shown=shown)
