"""The tables of `mailaudit stats`, counted row by row with dictionaries.

Each fact counts at its own time: messages, recipients and bytes when the message was accepted, ends when they came,
what is still open when the message was accepted, deferrals at each attempt.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
OWN_COLUMN = ("delivered", "bounced", "expired", "deferred")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Row = dict[str, Any]
Counts = dict[Any, dict[str, int]]


def moment(time_us: int) -> dt.datetime:
    """The instant, in UTC."""
    return EPOCH + dt.timedelta(microseconds=time_us)


def domain(address: str | None) -> str | None:
    """The domain of an address in lower case, if it has one."""
    return address.rpartition("@")[2].lower() if address and "@" in address else None


PERIODS: dict[str, Callable[[int], Any]] = {
    "month": lambda time: f"{moment(time):%Y-%m}",
    "day": lambda time: f"{moment(time):%Y-%m-%d}",
    "weekday": lambda time: WEEKDAYS[moment(time).weekday()],
    "hour": lambda time: moment(time).hour,
}
"""Tables by time."""
PARTIES: dict[str, tuple[str, Callable[[Row], Any]]] = {
    "sender": ("sender", lambda row: row["sender"]),
    "sender_domain": ("domain", lambda row: domain(row["sender"])),
    "recipient_domain": ("domain", lambda row: domain(row["recipient"])),
    "sasl_user": ("sasl_user", lambda row: row["sasl_user"]),
}
"""Tables by something else: what their key is called, and where it stands."""


def by_period(rows: Iterable[Row], period: Callable[[int], Any]) -> Counts:
    """Counts by a period of time."""
    counts: Counts = defaultdict(lambda: defaultdict(int))
    seen: set[Any] = set()
    for row in rows:
        begun = period(row["submitted_at"])
        if row["key"][0] not in seen:
            seen.add(row["key"][0])
            counts[begun]["messages"] += 1
            counts[begun]["bytes"] += row["size"] or 0
        counts[begun]["recipients"] += 1
        ended = begun if row["finished_at"] is None else period(row["finished_at"])
        counts[ended][row["outcome"] if row["outcome"] in OWN_COLUMN else "other"] += 1
        for time in row["deferred_at"]:
            counts[period(time)]["deferrals"] += 1
    return counts


def by_party(rows: Iterable[Row], party: Callable[[Row], Any], *, recipients: bool) -> Counts:
    """Counts by sender and the like, or by something of the recipient, whose bytes are the size for each of them."""
    counts: Counts = defaultdict(lambda: defaultdict(int))
    seen: set[Any] = set()
    for row in rows:
        count = counts[party(row)]
        first = row["key"][0] not in seen
        seen.add(row["key"][0])
        count["messages"] += first
        count["bytes"] += (row["size"] or 0) if first or recipients else 0
        count["recipients"] += 1
        count[row["outcome"] if row["outcome"] in OWN_COLUMN else "other"] += 1
        count["deferrals"] += len(row["deferred_at"])
    return counts
