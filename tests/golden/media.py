"""The media in which people see what mailaudit says: a pipe, terminals of two widths, a mail."""

from __future__ import annotations

import email
import email.policy
import io
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from mailaudit import cli

if TYPE_CHECKING:
    import pytest

WIDTHS = {"pipe": None, "mail": None, "80": 80, "200": 200}


class Screen(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        """Says so."""
        return True


def said(command: str, medium: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command line prints there; what it says on standard error stands behind it, each line after `!`."""
    name, *arguments = shlex.split(command)
    assert name == "mailaudit"
    width = WIDTHS[medium]
    out: io.StringIO = io.StringIO() if width is None else Screen()
    err = io.StringIO()
    monkeypatch.setenv("COLUMNS", str(width or 80))
    monkeypatch.setattr(sys, "argv", ["mailaudit", *arguments])
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(arguments)
    more = [f"! {line}".rstrip() for line in err.getvalue().splitlines()]
    if code:
        more.append(f"! exit code {code}")
    text = as_read(out.getvalue()) if medium == "mail" else out.getvalue()
    return text + "".join(f"{line}\n" for line in more)


def as_read(text: str) -> str:
    """A message as its reader sees it: subject, recipients, the kinds of its parts, the text."""
    message = email.message_from_string(text, policy=email.policy.default)
    kinds = [part.get_content_type() for part in message.walk()]
    body = message.get_body(("plain",))
    assert body is not None
    return f"Subject: {message['Subject']}\nTo: {message['To']}\nParts: {' '.join(kinds)}\n\n{body.get_content()}"
