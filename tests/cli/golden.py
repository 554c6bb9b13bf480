"""Runs the program as people do, and compares what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
SENDMAIL_LOG = FIXTURES / "sendmail" / "realsender-excerpts" / "input.log"
ABOUT_INPUT = ("source_file", "source", "line", "offset")
"""Fields that say where a row was read, and so differ between two ways of handing in the same lines."""


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on standard output."""
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    def rows(self) -> list[dict[str, Any]]:
        """The objects of JSON lines, without where they were read, in an order of their own."""
        found = [json.loads(line) for line in self.out.splitlines()]
        kept = [{name: value for name, value in row.items() if name not in ABOUT_INPUT} for row in found]
        return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))


def mailaudit(*arguments: str | Path, stdin: bytes | None = None) -> Done:
    """Runs the installed program."""
    program = Path(sys.executable).with_name("mailaudit")
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
