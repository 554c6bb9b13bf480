"""Where nothing is named, the machine's own log is read; standard input and the journal can be read again."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.read.files import PACK, TEXT, content, log

from mailaudit.errors import InputError
from mailaudit.read import sources


@pytest.mark.parametrize("name", ["", *PACK])
def test_standard_input_can_be_read_again(name: str) -> None:
    """Standard input is kept while it is read, compressed or not, so it can be opened again, also half-way."""
    data = PACK[name](TEXT) if name else TEXT
    found = sources.find(["-"], stdin=lambda: io.BytesIO(data))
    with found.sources[0].open() as first:
        assert TEXT.startswith(first.read(100))
        assert content(found) == TEXT

    assert found.sources[0].path == "-"
    assert content(found) == TEXT


def test_pipe_can_be_read_again(tmp_path: Path) -> None:
    """A pipe, as the shell makes it of <(zcat …), is kept like standard input."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(gzip.compress(TEXT)))
    writer.start()
    found = sources.find([str(pipe)])
    writer.join()

    assert content(found) == TEXT
    assert content(found) == TEXT


def test_standard_input_leaves_nothing_behind(tmp_path: Path) -> None:
    """The file that keeps standard input has no name: nothing is left even after a kill."""
    program = (
        "import os, sys; from mailaudit.read import sources; from mailaudit.read.blocks import blocks\n"
        "list(blocks(sources.find(['-']).sources[0], 4096)); print(os.listdir(os.environ['TMPDIR']))\n"
        "os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-u", "-c", program], input=TEXT, env=environment, capture_output=True, check=False
    )

    assert done.stdout == b"[]\n", done.stderr
    assert not list(tmp_path.iterdir())


def journalctl(directory: Path, script: str) -> list[str]:
    """A program in the place of journalctl."""
    path = directory / "journalctl"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return [str(path)]


def test_without_a_path_the_usual_log_is_read(tmp_path: Path) -> None:
    """The first usual log with its rotated files is read, and the note says which."""
    for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "maillog", "mail.err"):
        log(tmp_path / name)
    found = sources.find([], log_directory=str(tmp_path))

    assert {Path(one.path).name for one in found.sources} == {"mail.log", "mail.log.1", "mail.log.2.gz"}
    assert str(tmp_path / "mail.log.1") in found.notes[0]


def test_without_a_log_the_journal_is_read(tmp_path: Path) -> None:
    """The journal is streamed where there is no file."""
    record = '{"MESSAGE":"4E10: removed","SYSLOG_IDENTIFIER":"postfix/qmgr","__REALTIME_TIMESTAMP":"1767319445123456"}'
    found = sources.find([], log_directory=str(tmp_path), journal=journalctl(tmp_path, f"echo '{record}'"))

    assert [one.path for one in found.sources] == ["journal"]
    assert content(found) == record.encode() + b"\n"
    assert content(found) == record.encode() + b"\n"


@pytest.mark.parametrize("script", ["exit 0", "echo 'No journal files were opened' >&2; exit 1"])
def test_an_empty_journal_is_an_error_with_a_command(tmp_path: Path, script: str) -> None:
    """Without log and journal the error says what to type."""
    with pytest.raises(InputError) as error:
        sources.find([], log_directory=str(tmp_path), journal=journalctl(tmp_path, script))

    assert "mailaudit stats" in str(error.value.hint)


def test_without_journalctl(tmp_path: Path) -> None:
    """Without log and journal the error says what to type."""
    with pytest.raises(InputError) as error:
        sources.find([], log_directory=str(tmp_path), journal=[str(tmp_path / "none")])

    assert error.value.hint == "name the log: mailaudit stats /path/to/mail.log"
