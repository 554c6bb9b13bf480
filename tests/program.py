"""Commands run in this process, and what they say."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from mailaudit import cli


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The objects of JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of one table of the document."""
        return self.tables[table]

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of each table of the document."""
        return {name: table["rows"] for name, table in self.document["tables"].items()}


def mailaudit(*arguments: object) -> Said:
    """Runs a command with these arguments; neither output is a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def rows(command: str, *arguments: object) -> list[dict[str, Any]]:
    """The rows of a command that gives an answer."""
    said = mailaudit(command, "--format", "jsonl", *arguments)

    assert said.code == 0, said.err
    return said.lines
