"""What other packages add: they name it in the entry points of their metadata, and it is loaded when it is needed.

Names are read from the metadata alone.  Code of others may do anything, so whatever goes wrong in it becomes one
sentence that names the plug-in and its package.  MAILAUDIT_PLUGINS=off does without all of them.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar

from mailaudit.errors import MailauditError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from importlib.metadata import EntryPoint

Group = Literal["formats", "rules", "writers"]
GROUPS: tuple[Group, ...] = ("formats", "rules", "writers")
SWITCH = "MAILAUDIT_PLUGINS"

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class BrokenPlugIn(MailauditError):
    """A plug-in cannot be used; what it would have added changes answers, so none is given without it."""


@dataclass(frozen=True, slots=True)
class PlugIn:
    """One thing that a package adds."""

    group: Group
    name: str
    package: str
    """Name and version, for people."""
    entry: EntryPoint

    def __str__(self) -> str:
        """Names it in a sentence."""
        return f"plug-in {self.name} ({self.group}, of {self.package})"

    def broken(self, why: str) -> BrokenPlugIn:
        """The error that says what is wrong with it, and how to do without it."""
        text = " ".join(why.split())  # messages of others may have lines
        return BrokenPlugIn(
            f"{self} is broken: {text}",
            hint=f"tell its makers, remove it (pip uninstall {self.package.split()[0]}), or set {SWITCH}=off",
        )

    def load(self) -> object:
        """The object that the entry point names; raises BrokenPlugIn if it cannot be had."""
        return self.guarded(self.entry.load)()

    def guarded(self, function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        """The plug-in's function, with BrokenPlugIn for whatever it raises that is no error for people already."""

        @functools.wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            try:
                return function(*args, **kwargs)
            except (Exception, SystemExit) as error:
                if isinstance(error, MailauditError) or (isinstance(error, OSError) and error.filename is None):
                    raise  # an error for people, or one of writing: a full disk, a reader that went away
                raise self.broken(f"{type(error).__name__}: {error}") from error

        return call


@functools.cache
def found(group: Group) -> Mapping[str, PlugIn]:
    """The plug-ins of a group by name, in order of names; nothing of them is imported."""
    if os.environ.get(SWITCH, "").lower() in {"off", "0", "no"}:
        return {}
    from importlib.metadata import entry_points  # noqa: PLC0415 (not for --help)

    known: dict[str, PlugIn] = {}
    for entry in sorted(entry_points(group=f"mailaudit.{group}"), key=lambda entry: entry.name):
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown package"
        one = PlugIn(group, entry.name, package, entry)
        if (other := known.get(one.name)) is not None:
            raise one.broken(f"{other.package} has one of the same name")
        known[one.name] = one
    return known


def refuse_names(group: Group, ours: Container[str]) -> None:
    """Raises BrokenPlugIn for a plug-in that is called like something of ours."""
    for name, one in found(group).items():
        if name in ours:
            raise one.broken(f"mailaudit has {name} itself")
