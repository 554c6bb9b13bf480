"""What people see, as files: each case is a file that begins with its command line, and the rest is what it prints.

`python3 tasks.py golden` renews them and shows what became different; read it before it is committed.  A new case is a
file with one line, `$ mailaudit …`; the last part of its name says where it is printed (`media.WIDTHS`).
"""

from __future__ import annotations

import datetime as dt
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest
from rich.cells import cell_len

from mailaudit import cli
from mailaudit.commands import session

from .media import WIDTHS, said

pytestmark = pytest.mark.usefixtures("kept_readings")

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
RENEW = bool(os.environ.get("GOLDEN_RENEW"))


class Noon(dt.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Self:
        """A day after the logs in `inputs`."""
        return cls(2026, 5, 11, 12, tzinfo=tz)


@pytest.fixture(autouse=True)
def anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the project's folder, without colours, settings and a zone of one's own, at one moment."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("XDG_CONFIG_HOME", "no-settings")
    monkeypatch.setattr(session, "dt", SimpleNamespace(**{**vars(dt), "datetime": Noon}))
    for name in ("MAILAUDIT_CONFIG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.removesuffix(".txt"))
def test_output_is_what_was_looked_at(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each case prints what its file says."""
    first, _, looked_at = case.read_text().partition("\n")

    found = said(first.removeprefix("$ "), case.suffixes[-2][1:], monkeypatch)

    if RENEW:
        case.write_text(f"{first}\n{found}")
    else:
        assert found == looked_at


WITH_LONG_WORDS = ("mailaudit ", "! ", "$ ")
"""Lines that hold what must not be folded: commands to copy, and what is said on standard error."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.removesuffix(".txt"))
def test_nothing_runs_over_the_edge(case: Path) -> None:
    """No line is wider than its terminal, but commands to copy; a mail has 78 columns."""
    medium = case.suffixes[-2][1:]
    width = 78 if medium == "mail" else WIDTHS[medium]
    first, *rest = case.read_text().splitlines()
    lines = [line for line in rest if not line.lstrip().startswith(WITH_LONG_WORDS)]
    if "--raw" in first or "pflogsumm" in first:
        pytest.skip("lines of a log, or of another program's layout, are left as they are")

    assert [line for line in lines if width is not None and cell_len(line) > width] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_every_command_is_among_them() -> None:
    """In a pipe, and on a terminal of 80 and of 200 columns; those that print no table are tested elsewhere."""
    elsewhere = {"live", "completion"}
    seen = {(case.read_text().split()[2], case.suffixes[-2][1:]) for case in CASES}
    wanted = {(name, medium) for name in cli.COMMANDS if name not in elsewhere for medium in ("pipe", "80", "200")}

    assert sorted(wanted - seen) == []


def test_a_real_terminal_shows_the_same() -> None:
    """What the cases take for a terminal is one."""
    case = Path(__file__).parent / "cases" / "log-wide.80.txt"
    first, _, looked_at = case.read_text().partition("\n")
    arguments = shlex.split(first)[2:]
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "mailaudit", *arguments],
        stdout=theirs,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"},
        cwd=ROOT,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # the terminal is closed
    program.wait()

    assert shown.decode().replace("\r\n", "\n") == looked_at
