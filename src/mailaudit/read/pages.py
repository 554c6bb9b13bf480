"""The records in JSON values: pages of an API, posts and answers have lists of them, often a list in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailaudit.read.decode import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

LISTS = (
    "items",
    "results",
    "events",
    "Bounces",
    "Messages",
    "messages",
    "value",
    "data",
    "Records",
    "records",
    "mandrill_events",
)
"""Members whose arrays hold the records."""

_NAMES = frozenset(LISTS)
_OWN = frozenset((
    "event", "event-data", "eventType", "notificationType", "RecordType", "msys", "msg", "type", "status",
    "transaction",
))  # fmt: skip
"""Members of what says of an event itself."""
_DEPTH = 6
"""Lists in lists that are gone into for the records in them."""
_MINE: dict[str, Callable[[dict[str, Any]], bool]] = {
    # lists that are the record's own where it has an id: a message with its events
    "events": lambda value: not value.keys() & {"msg_id", "message_id", "messageId"},
    "data": lambda value: "type" not in value,
}


def records(values: list[Any], broken: dict[int, str]) -> tuple[list[Any], dict[int, str]]:
    """Takes the members of arrays, and of the outer lists of pages, as records of their own."""
    if not broken and all(type(value) is dict and not _is_page(value) for value in values):
        return values, broken
    found: list[Any] = []
    bad: dict[int, str] = {}
    for place, value in enumerate(values):
        if place in broken:
            bad[len(found)] = broken[place]
            found.append(None)
        else:
            found += _members(value, 0)
    return found, bad


def _is_page(value: dict[str, Any]) -> bool:
    """Tells whether an object is only what is around a list of records; what says of an event is a record itself."""
    return not _NAMES.isdisjoint(value) and _OWN.isdisjoint(value)


def _members(value: Any, depth: int) -> list[Any]:  # noqa: ANN401 (whatever JSON holds)
    """The records in a value."""
    if depth == _DEPTH:
        return [value]
    if type(value) is list:
        return [record for member in value for record in _members(member, depth + 1)]
    if type(value) is dict and _is_page(value):
        for name in LISTS:
            inside = value.get(name)
            if type(inside) is str and inside.startswith("["):
                inside = decoded(inside)
            if type(inside) is list and (not inside or all(type(member) is dict for member in inside)):
                if name in _MINE and not _MINE[name](value):
                    continue
                return [record for member in inside for record in _members(member, depth + 1)]
    return [value]
