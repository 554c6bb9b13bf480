"""How commands end: exit codes, signals, outputs that are closed or full, inputs that cannot be read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from typing import TYPE_CHECKING

import pytest

from mailaudit import cli
from mailaudit.commands import session
from mailaudit.errors import MailauditError

from .conftest import POSTFIX, REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["log", REALSENDER], 0),
        (["log", "--since", "2030", REALSENDER], 0),
        (["stats", "--compare", "previous", "--since", "2030", REALSENDER], 0),
        (["trace", "v4V4QL1K030027", REALSENDER], 0),
        (["trace", "nothing-like-it", REALSENDER], 1),
        (["trace"], 2),
        (["log", "--code", "6xx", REALSENDER], 2),
        (["log", "--code", "5..1", "/there/is/no/such/file"], 2),
        (["log", "--limit", "-1", "/there/is/no/such/file"], 2),
        (["log", "--limit", "many", "/there/is/no/such/file"], 2),
        (["log", "--since", "2026", "--until", "2025", REALSENDER], 2),
        (["log", "--today", "--days", "3", REALSENDER], 2),
        (["log", "/there/is/no/such/file"], 3),
        (["log", REALSENDER, "-o", "/there/is/no/such/directory/file"], 4),
        (["queue", "-o", "/there/is/no/such/directory/file", REALSENDER], 4),
    ],
)
def test_exit_codes(run: Callable[..., Result], arguments: list[object], code: int) -> None:
    """Those of the contract; what went wrong is one message on standard error."""
    result = run(*arguments)

    assert result.code == code
    assert "Traceback" not in result.err
    assert bool(code) == (not result.out)


def test_too_little_understood_is_said_and_still_answered(run: Callable[..., Result], tmp_path: Path) -> None:
    """Below 95 % the numbers stand, with a note and exit code 3."""
    log = tmp_path / "mail.log"
    odd = "May 31 06:26:23 mx postfix/smtp[7]: something new to=<x@y.z> status=odd\n"
    log.write_text(REALSENDER.read_text() + odd * 20)

    result = run("log", "--format", "json", log)

    assert result.code == 3
    assert len(result.rows("log")) == 6
    assert "of the mail lines were understood" in result.err
    doubt = next(item for item in result.document["warnings"] if item["kind"] == "not_understood")
    assert f"{log}: {doubt['text']}" in result.err
    assert doubt["source_file"] == str(log)


def test_a_closed_pipe_is_a_normal_end() -> None:
    """`mailaudit events … | head -1` ends with 0 and says nothing."""
    command = f"{sys.executable} -m mailaudit events --format jsonl {POSTFIX}"
    script = f"set -o pipefail; {command} | head -n 1"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.count("\n") == 1


def test_a_workbook_into_a_closed_pipe_is_a_normal_end() -> None:
    """xlsxwriter makes an error of its own of what cannot be written; nobody sees it."""
    script = f"set -o pipefail; {sys.executable} -m mailaudit log --format xlsx {REALSENDER} | true"
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert found.returncode == 0
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_it_and_leave_nothing(tmp_path: Path, number: int, code: int) -> None:
    """The exit code tells the signal; temporary files are gone."""
    fifo = tmp_path / "mail.log"
    os.mkfifo(fifo)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # nohup, if the tests run under it, has SIGHUP ignored by all that it starts.
    begin = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from mailaudit.cli import main; main()"
    command = [sys.executable, "-c", begin, "log", str(fifo)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    with fifo.open("w") as writer:
        writer.write(REALSENDER.read_text())
        writer.flush()
        time.sleep(1)
        process.send_signal(number)
        time.sleep(0.2)
    _, said = process.communicate(timeout=20)

    assert process.returncode == code
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] in ([], ["config"])


@pytest.mark.parametrize(("caught", "code"), [(set(), 130), ({signal.SIGTERM}, 143)])
def test_a_signal_in_the_midst_of_a_question(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, caught: set[int], code: int
) -> None:
    """DuckDB makes an error of its own of it, in these words: no bug of ours, and no answer that lacks something."""

    def broken_off(*given: object, **more: object) -> None:
        del given, more
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(cli, "CAUGHT", caught)
    monkeypatch.setattr(cli.program, "main", broken_off)
    done = run("stats", REALSENDER)

    assert (done.code, done.err) == (code, "")


def test_an_old_processor_is_told_with_the_remedy() -> None:
    """polars' warning before its crash becomes one sentence and what to install."""
    with pytest.raises(MailauditError) as caught, session.cpu_checked():
        warnings.warn("Missing required CPU features.\n\nThe following …", RuntimeWarning, stacklevel=1)

    assert "AVX2" in caught.value.text
    assert "pip install 'polars[rtcompat]'" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("log {log} >&-", 4),
        ("log --raw {log} >&-", 4),
        ("--help >&-", 4),
        ("--help > /dev/full", 4),
        ("stats --help > /dev/full", 4),
        ("explain 5.1.1 > /dev/full", 4),
        ("health --format nagios {log} > /dev/full", 3),
        ("log {log} > /dev/full", 4),
        ("log {log} 2>&- >/dev/null", 0),
        ("log {log} <&- >/dev/null", 0),
    ],
)
def test_closed_and_full_outputs_are_told(script: str, code: int) -> None:
    """Whoever closed a stream, or has no room, gets an exit code and a sentence, no traceback."""
    command = f"{sys.executable} -m mailaudit {script.format(log=REALSENDER)}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert ("cannot write standard output" in done.stderr) == (code > 0)


def test_several_inputs_that_cannot_be_read_are_told_line_by_line(run: Callable[..., Result], tmp_path: Path) -> None:
    """Each with its own reason; a name of a file is never more than a line."""
    result = run("stats", tmp_path / "a", tmp_path / "b\nc")

    assert result.code == 3
    first, *more = result.err.splitlines()
    assert first == "mailaudit: none of the inputs can be read:"
    assert [line.startswith("  there is no") for line in more] == [True, True]
    assert r"b\nc" in more[1]
