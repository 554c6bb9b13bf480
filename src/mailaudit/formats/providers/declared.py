"""Exports of a shape that the user declares in a TOML file: Halon's hooks, tables of one's own, anything with columns.

The file has `[fields]` (ours = theirs: a column, a path with dots, or a list of which the first with a value counts)
and `[events]` (their word = ours; "" for what says nothing of a message), and may have `name`, `zone` and `dates` of
times that do not say it, and `event` for records that have no word. See docs/how-to/adding-a-provider.md.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailaudit.errors import UsageError, nearest
from mailaudit.formats.providers.shape import FIELDS, OTHER, Provider, Shape, at
from mailaudit.model.vocabulary import EVENTS
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailaudit.formats.providers.shape import Field

KEYS = {"name", "zone", "dates", "event", "fields", "events"}
DATES = ("month first", "day first")


@lru_cache(maxsize=8)
def declared(path: str) -> tuple[Provider, Shape]:
    """The provider and shape that a file declares.

    Raises `UsageError` that says what is wrong in it.
    """
    given = _read(path)
    fields, events = given.get("fields"), given.get("events", {})
    if not isinstance(fields, dict) or "time" not in fields:
        raise UsageError(f"{path} does not say where the time is", hint='write: [fields] and time = "COLUMN"')
    _known(path, "key", given, KEYS)
    _typed(path, given, events)
    _known(path, "field", fields, (*(name for name in FIELDS if name != "event"), "event"))
    for theirs, ours in events.items():
        if ours and ours not in EVENTS:
            raise UsageError(f"{path}: {theirs} = {ours!r} is no event", hint=nearest(ours, EVENTS))
    name = str(given.get("name") or Path(path).stem)
    columns: dict[str, Field] = {ours: _field(theirs) for ours, theirs in fields.items() if ours != "event"}
    columns.setdefault("raw_event", _field(fields.get("event", "event")))
    columns.setdefault("recipient", _field("recipient"))
    columns["event"] = _event(columns["raw_event"], events, given.get("event"))
    shape = Shape(
        name,
        signature=lambda _record: True,
        fields=columns,
        zone=_zone(path, given.get("zone")),
        dates="day first" if given.get("dates") == DATES[1] else "month first",
    )
    return Provider(name, name, "https://", (shape,)), shape


def _typed(path: str, given: dict[str, Any], events: Any) -> None:  # noqa: ANN401 (whatever the file says)
    """Raises `UsageError` for a value that is of another kind than its key wants."""
    if not isinstance(events, dict) or not all(isinstance(ours, str) for ours in events.values()):
        raise UsageError(f"{path}: events is no table of words", hint='write: [events] and "their word" = "delivered"')
    for ours, theirs in given["fields"].items():
        names = theirs if isinstance(theirs, list) else [theirs]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise UsageError(
                f"{path}: {ours} = {theirs!r} names no column", hint=f'write: {ours} = "COLUMN", or a list of columns'
            )
    usual = given.get("event")
    if usual is not None and usual not in EVENTS:
        raise UsageError(f"{path}: event = {usual!r} is no event", hint=nearest(str(usual), EVENTS))
    if (dates := given.get("dates")) is not None and dates not in DATES:
        raise UsageError(f"{path}: dates = {dates!r}", hint=nearest(str(dates), DATES))


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(by_hand.text(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error


def _known(path: str, what: str, given: dict[str, Any], known: Any) -> None:  # noqa: ANN401 (any collection of names)
    for name in given:
        if name not in known:
            raise UsageError(f"{path}: there is no {what} {name!r}", hint=nearest(name, sorted(known)))


def _zone(path: str, name: Any) -> str | None:  # noqa: ANN401 (whatever the file says)
    if name is None:
        return None
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{path}: {name!r} is no time zone", hint="write a name such as Europe/Rome or UTC") from error
    return str(name)


def _field(theirs: Any) -> Callable[[Any], Any]:  # noqa: ANN401 (a name, or several)
    """What gets the first value at these names; a column of that name comes before a path."""
    names = [str(name) for name in theirs] if isinstance(theirs, list) else [str(theirs)]
    paths = [(name, at(*name.split("."))) for name in names]

    def get(record: Any) -> Any:  # noqa: ANN401 (any record)
        for name, path in paths:
            value = record.get(name)
            value = path(record) if value is None else value
            if value not in (None, ""):
                return value
        return None

    return get


def _event(word: Field, events: dict[str, str], usual: str | None) -> Callable[[Any], str | None]:
    """What translates their word: by the table, else if it is one of ours, else what is usual."""
    folded = {str(theirs).lower(): ours or None for theirs, ours in events.items()}
    assert callable(word)  # noqa: S101 (made above)

    def translate(record: Any) -> str | None:  # noqa: ANN401 (any record)
        theirs = str(word(record) or "").strip().lower()
        if theirs in folded:
            return folded[theirs]
        return theirs if theirs in EVENTS else usual or OTHER

    return translate
