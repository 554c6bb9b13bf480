"""How options are declared: under a title of `--help`, and in families whose values reach the command as one object."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

    Command = Callable[..., Any]
    Decorator = Callable[[Command], Command]

Values = TypeVar("Values")
TITLES: dict[click.Parameter, str] = {}
"""The title under which help shows an option; one that has none is its command's own."""


def titled(title: str, *parts: Decorator) -> Decorator:
    """A decorator that adds all these options, and has help show them under this title."""

    def decorate(command: Command) -> Command:
        before = set(_declared(command))
        for part in reversed(parts):
            command = part(command)
        TITLES.update({option: title for option in _declared(command) if option not in before})
        return command

    return decorate


def _declared(command: Command) -> list[click.Parameter]:
    """The options that a function has so far, where click's decorators put them."""
    return getattr(command, "__click_params__", [])


def family(kind: type[Values], name: str, title: str, *parts: Decorator) -> Decorator:
    """A decorator that adds all options of a family and hands their values over as one object."""
    add = titled(title, *parts)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def inner(**given: Any) -> object:  # noqa: ANN401 (values of every type)
            names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
            own = {name: given.pop(name) for name in names if name in given}
            return command(**given, **{name: kind(**own)})

        return add(inner)

    return decorate


def flat(_ctx: click.Context, _option: click.Parameter, value: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The words of an option that may be given several times, each once."""
    return tuple(dict.fromkeys(word for given in value for word in given))
