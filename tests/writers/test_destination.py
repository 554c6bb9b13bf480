"""An answer is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mailaudit.errors import OutputError
from mailaudit.writers import destination


def test_the_file_appears_at_the_end(tmp_path: Path) -> None:
    """While it is written the old file stands; afterwards the new one, with the old one's mode, and nothing else."""
    target = tmp_path / "answer.csv"
    target.write_text("old")
    target.chmod(0o640)

    with destination.opened(str(target)) as out:
        out.write("new\r\n")
        assert target.read_text() == "old"

    assert target.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """An error on the way changes nothing."""
    target = tmp_path / "answer.csv"
    target.write_text("old")

    with pytest.raises(ZeroDivisionError), destination.opened(str(target)) as out:
        out.write(str(1 / 0))

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """The file behind a symbolic link is replaced, not the link."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with destination.opened(str(tmp_path / "link")) as out:
        out.write("new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


@pytest.mark.parametrize("name", ["missing/answer", "."])
def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path, name: str) -> None:
    """A directory that is not there, a name that is a directory."""
    with pytest.raises(OutputError, match="cannot write"):
        destination.check(str(tmp_path / name))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_is_an_error_of_the_output() -> None:
    """What the system says is in the message; the exit code is 4."""
    with pytest.raises(OutputError, match=os.strerror(28)) as caught, destination.opened("/dev/full") as out:
        out.write("x" * 100_000)

    assert caught.value.exit_code == 4
