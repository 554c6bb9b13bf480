"""Another command of mailaudit, run as on a terminal of some width."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def shown(arguments: Sequence[str], width: int) -> tuple[int, str]:
    """The exit code, and what the command says, without colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1", "PYTHONUTF8": "1"}
    with subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "mailaudit", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        os.close(theirs)
        said = _read(ours)
        assert process.stderr is not None  # noqa: S101 (asked for above)
        wrong = process.stderr.read()
    text = said or wrong
    return process.returncode, text.decode("utf-8", "replace").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    found = []
    try:
        while part := os.read(terminal, 65536):
            found.append(part)
    except OSError:
        pass  # the other side is closed: that is how a terminal ends
    os.close(terminal)
    return b"".join(found)
