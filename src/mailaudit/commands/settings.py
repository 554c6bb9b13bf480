"""Defaults from a file: `$XDG_CONFIG_HOME/mailaudit/config.toml`, or the file that MAILAUDIT_CONFIG names.

    tz = "Europe/Rome"          # for every command that has --tz

    [log]                       # for `mailaudit log` only
    columns = ["submitted_at", "recipient", "status"]

A key is an option's name without dashes in front. What is typed on the command line goes before the file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError, nearest
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import click

NOT_FOR_FILES = {"help", "output", "paths", "token", "shell"}
"""Options that make no sense as defaults."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says: for all commands, and for single ones."""

    general: dict[str, object] = field(default_factory=dict)
    single: dict[str, dict[str, object]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.general or self.single)


def path() -> Path:
    """Where the file is looked for."""
    named = os.environ.get("MAILAUDIT_CONFIG")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "mailaudit" / "config.toml"


def load() -> Settings:
    """The settings of the file; empty without one."""
    file = path()
    try:
        text = by_hand.text(file)
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get("MAILAUDIT_CONFIG"):
            raise UsageError(f"MAILAUDIT_CONFIG names {file}, which does not exist") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"config file {file}: {error}") from error
    import tomllib  # noqa: PLC0415 (only where there is a file)

    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"config file {file}: {error}") from error
    general = {_key(name): value for name, value in data.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in data.items() if isinstance(value, dict)}
    single = {name: {_key(key): item for key, item in value.items()} for name, value in tables.items()}
    return Settings(general, single)


def check(settings: Settings, commands: Iterable[str], command_of: Callable[[str], click.Command | None]) -> None:
    """Raises UsageError for a section that is no command, and for a key that is no option of it."""
    names = list(commands)
    options = {name: set(options_of(command_of(name))) for name in names}
    every = set().union(*options.values())
    for key in settings.general:
        _known(key, every, "an option of any command")
    for name, section in settings.single.items():
        _known(name, names, "a command")
        for key in section:
            _known(key, options[name], f"an option of {name}")


def defaults(settings: Settings, name: str, command: click.Command) -> dict[str, object]:
    """The defaults of one command as click wants them: the general ones, and over them its own."""
    chosen = {**settings.general, **settings.single.get(name, {})}
    found: dict[str, object] = {}
    for key, option in options_of(command).items():
        if key in chosen and option.name is not None:
            if isinstance(chosen[key], dict):
                raise UsageError(f"config file {path()}: {key} is a table; it wants one value, or a list of them")
            found[option.name] = _typed(chosen[key], several=option.multiple)
    return found


def options_of(command: click.Command | None) -> dict[str, click.Option]:
    """The command's options by their long names, without dashes in front."""
    import click  # noqa: PLC0415 (above, for types only)

    found: dict[str, click.Option] = {}
    for option in command.params if command else ():
        if isinstance(option, click.Option):
            names = [_key(word.lstrip("-")) for word in option.opts if word.startswith("--")]
            found |= {name: option for name in names if name not in NOT_FOR_FILES}
    return found


def _known(word: str, known: Iterable[str], what: str) -> None:
    names = list(known)
    if word not in names:
        raise UsageError(f"config file {path()}: {word!r} is not {what}", hint=nearest(word, sorted(names)))


def _key(name: str) -> str:
    return name.replace("-", "_")


def _typed(value: object, *, several: bool) -> object:
    """As it would be typed: lists with commas, unless the option may be repeated; dates and numbers as text."""
    if several:
        return [str(item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return value if isinstance(value, bool) else str(value)
