"""Readings that several commands are asked of: reading is what takes long, and what they answer is what is tested."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailaudit.commands import session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mailaudit.flow import Run
    from mailaudit.model.request import Request

AT_ONCE = 8
"""Readings that are kept at a time."""


@contextmanager
def kept() -> Iterator[None]:
    """Lets commands that would read the same files in the same way be asked of one reading.

    A test that fails after others did, but not alone, has found an answer that depends on what was asked before.
    """
    read = session.read
    readings: dict[Any, Run] = {}

    def once(
        request: Request, about: str | None = None, meanwhile: Iterable[Callable[[], object]] = ()
    ) -> AbstractContextManager[Run]:
        if not all(map(os.path.isfile, request.paths)) or not request.paths:
            return read(request, about, meanwhile)
        key = (request, about, own_rules(), os.environ.get("TZ"), *map(identity, request.paths))
        if key in readings:
            for one in meanwhile:
                one()
        else:
            readings[key] = read(request, about, meanwhile)
        readings[key] = found = readings.pop(key)  # as the latest
        for oldest in list(readings)[:-AT_ONCE]:
            readings.pop(oldest).close()
        return nullcontext(found)

    session.read = once  # type: ignore[assignment]
    try:
        yield
    finally:
        session.read = read
        for one in readings.values():
            one.close()


def own_rules() -> object:
    """The file of one's own rules that the command is given: they belong to a reading once it was asked with them."""
    context = click.get_current_context(silent=True)
    return context.params.get("rules") if context is not None else None


def identity(path: str) -> tuple[int, ...]:
    """What is another number once a file is another one."""
    found = Path(path).stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
