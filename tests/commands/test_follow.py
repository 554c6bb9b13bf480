"""`log --follow`: what is written from now on, at once, through rotations."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from tests.commands.test_summary import mail

from mailaudit import cli
from mailaudit.follow import Follower
from mailaudit.measure.filters import Filters
from mailaudit.model.request import Request
from mailaudit.read.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = str(Path(sys.executable).with_name("mailaudit"))


class Followed:
    """A running `mailaudit log --follow`."""

    def __init__(self, *arguments: str | Path, stdin: int | None = None) -> None:
        command = [PROGRAM, "log", "--follow", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: Queue[str] = Queue()
        Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def row(self) -> dict[str, Any]:
        """The next row; it must come soon."""
        found: dict[str, Any] = json.loads(self.lines.get(timeout=30))
        return found

    def nothing(self) -> bool:
        """True if no row is there, nor comes in the next second."""
        try:
            self.lines.get(timeout=1.2)
        except Empty:
            return True
        return False


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one message, and another that has only arrived."""
    path = tmp_path / "mail.log"
    waiting = mail(10, 9, 2).splitlines(keepends=True)
    path.write_text(mail(10, 8, 1) + "".join(waiting[:3]))
    return path


@pytest.fixture
def followed(log: Path) -> Iterator[Followed]:
    """The log, followed."""
    running = Followed("--format", "jsonl", log)
    ready(running, log)
    yield running
    running.process.kill()
    running.process.communicate()


def ready(running: Followed, log: Path) -> None:
    """Writes messages until one is shown: from then on everything is."""
    for number in range(60):
        with log.open("a") as stream:
            stream.write(mail(10, 10, 900 + number))
        try:
            running.lines.get(timeout=0.5)
        except Empty:
            assert running.process.poll() is None, running.process.stderr
        else:
            break
    while not running.nothing():
        pass


@pytest.mark.slow
def test_shows_what_happens_with_what_was_known_before(followed: Followed, log: Path) -> None:
    """Only deliveries from now on; the sender of a message stood in earlier lines."""
    delivery = mail(10, 9, 2).splitlines(keepends=True)[3]
    with log.open("a") as stream:
        stream.write(delivery)

    row = followed.row()

    assert row["sender"] == "a2@example.org"
    assert row["recipient"] == "u2@gmail.com"
    assert (row["outcome"], row["attempts"], row["relay_host"]) == ("delivered", 1, "mx.gmail.com")
    assert (row["submitted_at"], row["finished_at"]) == ("2026-05-10T09:00:00Z", "2026-05-10T09:00:00Z")
    assert followed.nothing()


def test_the_latest_that_stand_there_may_come_first(log: Path) -> None:
    """In order of time, from all files, and no more than are asked for; then what is written."""
    other = log.with_name("other.log")
    other.write_text("".join(mail(10, hour, 20 + hour) for hour in (5, 12)).replace(" mx1 ", " mx2 "))
    log.write_text("".join(mail(10, hour, hour) for hour in (6, 7, 8)))
    follower = Follower(Request(paths=(str(log), str(other))), Filters())

    class Done(Exception):
        """Nothing more came."""

    def wait(_seconds: float) -> None:
        if log.stat().st_size > size:
            raise Done
        with log.open("a") as stream:
            stream.write(mail(10, 14, 30))

    size, found = log.stat().st_size, []
    with contextlib.suppress(Done):
        found.extend(row["recipient"] for row in follower.rows(wait, earlier=4))

    assert found == ["u6@gmail.com", "u7@gmail.com", "u8@gmail.com", "u32@gmail.com", "u30@gmail.com"]


@pytest.mark.slow
def test_half_a_line_waits_for_its_other_half(followed: Followed, log: Path) -> None:
    """And a failure has its cause."""
    reply = "550 5.1.1 <u@example>: Recipient address rejected: User unknown"
    text = mail(11, 9, 3, "bounced", reply, "5.1.1")
    half = text.index("status=")
    with log.open("a") as stream:
        stream.write(text[:half])
    assert followed.nothing()
    with log.open("a") as stream:
        stream.write(text[half:])

    row = followed.row()

    assert (row["outcome"], row["type"], row["category"]) == ("bounced", "hard", "recipient_unknown")
    assert row["reply"] == reply


@pytest.mark.slow
def test_follows_rotations(followed: Followed, log: Path) -> None:
    """A renamed file to its end, then the new one; one that is cut short in place from its beginning."""
    renamed = log.with_name("mail.log.1")
    log.rename(renamed)
    with renamed.open("a") as stream:
        stream.write(mail(11, 10, 4))
    log.write_text(mail(11, 11, 5))
    first, second = followed.row(), followed.row()
    time.sleep(1)
    with log.open("r+") as stream:
        stream.truncate(0)
    time.sleep(1)
    with log.open("a") as stream:
        stream.write(mail(11, 12, 6))
    third = followed.row()

    assert [row["recipient"] for row in (first, second, third)] == ["u4@gmail.com", "u5@gmail.com", "u6@gmail.com"]


@pytest.mark.slow
def test_ends_with_the_signals_code(followed: Followed) -> None:
    """Ctrl-C: 130, without a traceback."""
    followed.process.send_signal(signal.SIGINT)

    assert followed.process.wait(timeout=20) == 130
    assert followed.process.stderr is not None
    assert followed.process.stderr.read().strip() == ""


@pytest.mark.slow
def test_filters_narrow_standard_input(tmp_path: Path) -> None:
    """`tail -F … | mailaudit log --follow -` ends when its input does."""
    reply = "550 5.1.1 <u@example>: no such user"
    text = mail(11, 1, 1) + mail(11, 2, 2, "bounced", reply, "5.1.1") + mail(11, 3, 3)
    command = [PROGRAM, "log", "--follow", "--status", "bounced", "--code", "5.1.x", "--format", "jsonl", "-"]

    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["recipient"] for line in done.stdout.splitlines()] == ["u2@d2.example"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "csv"), "jsonl"),
        (("--days", "1"), "from now on"),
        (("--raw",), "--raw"),
        (("--columns", "sendr"), "sender"),
    ],
)
def test_what_does_not_go_with_it_is_told(
    arguments: tuple[str, ...], said: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    assert cli.run(["log", "--follow", *arguments, str(log)]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_comes_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    """A log need not be there yet."""
    path = tmp_path / "mail.log"
    with Tail(str(path)) as tail:
        assert tail.read() == b""
        path.write_bytes(b"one\ntw")
        assert tail.read() == b"one\n"
        with path.open("ab") as stream:
            stream.write(b"o\n")
        assert tail.read() == b"two\n"
        os.replace(path, path.with_name("old"))  # noqa: PTH105
        path.write_bytes(b"three\n")
        assert tail.read() == b"three\n"
