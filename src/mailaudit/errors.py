"""Errors meant for people: what is wrong, in which file and line, what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class MailauditError(Exception):
    """An error shown as one message; `exit_code` is the process's: 2 usage, 3 input, 4 output, 1 not found.

    `text` says what is wrong, `hint` what to try: a command to copy, or a clause in lower case without a full stop.
    """

    exit_code = 3

    def __init__(self, text: str, *, hint: str | None = None, more: tuple[str, ...] = ()) -> None:
        super().__init__("\n  ".join((text, *more)))
        self.text = text
        self.hint = hint
        self.more = more
        """Lines under the first, one for each thing that is wrong."""


class UsageError(MailauditError):
    """What was asked cannot be asked like this."""

    exit_code = 2


class NotFound(MailauditError):
    """What was asked for by name is not there."""

    exit_code = 1


class InputError(MailauditError):
    """An input cannot be read, or nothing in it is understood."""

    exit_code = 3


class OutputError(MailauditError):
    """The answer could not be written."""

    exit_code = 4


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: those most like it in whatever case, or all that there are."""
    from difflib import get_close_matches  # noqa: PLC0415 (only where something is mistyped)

    names = list(known)
    near = get_close_matches(word.lower(), list(dict.fromkeys(name.lower() for name in names)), n=3)
    found = [name for like in near for name in names if name.lower() == like]
    return f"did you mean {' or '.join(map(repr, found[:3]))}?" if found else f"known: {' '.join(names)}"
