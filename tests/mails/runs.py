"""Commands run in this process, their answers as rows."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from mailaudit.cli import run


def rows(command: str, *arguments: object) -> list[dict[str, Any]]:
    """Returns the rows that a command prints as JSON Lines."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = run([command, "--format", "jsonl", *(str(argument) for argument in arguments)])

    assert code == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]
