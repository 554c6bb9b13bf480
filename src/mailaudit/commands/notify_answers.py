"""The tables of `mailaudit notify`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailaudit.advise.recommendations import recommended
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.times import moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from mailaudit.model.request import InputReport

TIME = 2
"""Place of the time in a row of `measure.told`."""
IDENTITY = (0, 2, 3, 6, 7)
"""Places of what makes a thing told the same in another run: kind, time, recipient, queue id, Message-ID."""

NOTIFY = (
    Column("status", "word", "Failed, Complained, Rejected or Unsubscribed"),
    Column("time", "time", "when it happened"),
    Column("recipient", "text", "whose mail it was"),
    Column("sender", "text", "envelope sender"),
    Column("subject", "text", "subject, where the source tells it"),
    Column("queue_id", "text", "queue id (or the provider's message id)"),
    Column("message_id", "text", "Message-ID without brackets"),
    Column("outcome", "word", "bounced, expired, suppressed (not tried: the provider's list has the address) …"),
    Column("smtp_code", "int", "reply code"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("category", "word", "cause"),
    Column("reason", "text", "the reply or reason, whole"),
    Column("meaning", "text", "what it means"),
    Column("action", "text", "what to do"),
    Column("source_file", "text", "where it stands"),
    Column("line", "int", "its line"),
)
SHOWN = ("status", "time", "recipient", "sender", "queue_id", "reason", "meaning", "action")
PREVIOUS_DAY = (
    Column("day", "word", "the day, in the report's zone"),
    Column("failed", "big", "messages and recipients whose mail failed"),
    Column("complained", "big", "complaints"),
    Column("rejected", "big", "refused by the sending system"),
    Column("unsubscribed", "big", "withdrawn subscriptions"),
    Column("suppressed", "big", "of the failed, those that were not tried: the provider's list has the address"),
)
ALL = (*NOTIFY, *PREVIOUS_DAY)


@dataclass(frozen=True, slots=True)
class Day:
    """The counts of one day."""

    begin_us: int
    counts: Mapping[str, int]


def answer(rows: Sequence[Sequence[Any]], inputs: Sequence[InputReport], *, newest_first: bool = False) -> Answer:
    """What is told of (`rows` are in order of time); people see a few of many, and need the newest."""
    ordered = reversed(rows) if newest_first else rows
    title = "To be told, the newest first" if newest_first else "To be told"
    return Answer(
        "notify", title, "messages and recipients", "the failure, complaint or withdrawal", NOTIFY,
        [_row(row, inputs) for row in ordered], shown=SHOWN,
    )  # fmt: skip


def day_answer(day: Day, zone: dt.tzinfo) -> Answer:
    """The four counts of a day."""
    row = (date(day, zone), *(day.counts[column.name] for column in PREVIOUS_DAY[1:]))
    return Answer(
        "previous_day",
        "All mail of the day",
        "messages and recipients",
        "the failure, complaint or withdrawal",
        PREVIOUS_DAY,
        [row],
    )


def date(day: Day, zone: dt.tzinfo) -> str:
    """The day's date in the zone."""
    return moment(day.begin_us, zone).date().isoformat()


def _row(row: Sequence[Any], inputs: Sequence[InputReport]) -> tuple[object, ...]:
    from mailaudit.classify.tables import categories  # noqa: PLC0415 (the rules are read only where there is a failure)

    kind, outcome, time_us, *who, smtp_code, enhanced_status, reply, category, _rule, action, source, line = row
    kinds = categories()
    meaning = kinds[category].means if category in kinds else None
    return (
        kind.capitalize(), time_us, *who, outcome, smtp_code, enhanced_status, category, reply, meaning,
        recommended(kind, category, reply, action), inputs[source].path, line,
    )  # fmt: skip
