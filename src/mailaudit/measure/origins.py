"""Where the tables' rows stand in the inputs, so that their lines can be read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mailaudit.measure.engine import Engine


class Beginning(NamedTuple):
    """Where a life with a queue id begins."""

    key: int
    queue_id: str
    source: int
    line: int
    host: str | None


def beginnings(engine: Engine) -> Iterator[Beginning]:
    """Yields the beginnings of all lives that have a queue id."""
    asked = "select key, queue_id, source, line, host from lives where queue_id is not null"
    return (Beginning(*row) for row in engine.stream(asked))


def records(engine: Engine, source: int, keys: Collection[int]) -> set[int]:
    """The numbers of a source's records that tell of these lives."""
    rows = engine.rows("select key, line from deliveries where source = ?", [source])
    return {line for key, line in rows if key in keys}
