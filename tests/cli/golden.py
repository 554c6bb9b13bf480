"""Runs the program as people do, and compares what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.program import Said

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
SENDMAIL_LOG = FIXTURES / "sendmail" / "realsender-excerpts" / "input.log"
ABOUT_INPUT = ("source_file", "source", "line", "offset")
"""Fields that say where a row was read, and so differ between two ways of handing in the same lines."""


def unplaced(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without where they were read, in an order of their own."""
    kept = [{name: value for name, value in row.items() if name not in ABOUT_INPUT} for row in rows]
    return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))


def mailaudit(*arguments: str | Path, stdin: bytes) -> Said:
    """Runs the installed program on standard input, as people do."""
    program = Path(sys.executable).with_name("mailaudit")
    done = subprocess.run([str(program), *map(str, arguments)], input=stdin, capture_output=True, check=False)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())
