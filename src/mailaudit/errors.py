"""Errors meant for people: what is wrong, in which file and line, what to try."""

from __future__ import annotations


class MailauditError(Exception):
    """An error shown as one message; `exit_code` is the process's: 2 usage, 3 input, 4 output, 1 not found."""

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
