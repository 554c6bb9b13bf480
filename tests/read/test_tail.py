"""A file is followed through whatever rotates it: every line comes once, none is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit.read import tail as room
from mailaudit.read.tail import Tail

if TYPE_CHECKING:
    import pytest


def append(path: Path, text: bytes) -> None:
    """Writes at the end."""
    with path.open("ab") as stream:
        stream.write(text)


def all_of(tail: Tail) -> bytes:
    """What comes until nothing comes."""
    found, data = b"", tail.read()
    while data:
        found, data = found + data, tail.read()
    return found


def test_what_is_written_to_the_renamed_file_is_not_lost(tmp_path: Path) -> None:
    """A logger keeps the old file open until it is told; its lines come, and those of the new file too."""
    path = tmp_path / "mail.log"
    path.write_bytes(b"old\n")
    with path.open("ab") as logger, Tail(str(path)) as tail:
        os.replace(path, tmp_path / "mail.log.1")  # noqa: PTH105
        append(path, b"new\n")
        assert all_of(tail) == b"new\n"
        logger.write(b"late\n")
        logger.flush()
        assert all_of(tail) == b"late\n"


def test_a_renamed_file_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while; a last line without an end is handed on then."""
    monkeypatch.setattr(room, "LINGER", 0.0)
    path = tmp_path / "mail.log"
    path.write_bytes(b"")
    with Tail(str(path)) as tail:
        append(path, b"whole\nhalf")
        assert all_of(tail) == b"whole\n"
        os.replace(path, tmp_path / "mail.log.1")  # noqa: PTH105
        append(path, b"new\n")
        assert all_of(tail) == b"half\nnew\n"
        assert tail._former is None


def test_a_file_that_was_cut_short_and_has_grown_beyond_is_begun_again(tmp_path: Path) -> None:
    """Its size does not tell, but other bytes stand where we have read."""
    path = tmp_path / "mail.log"
    path.write_bytes(b"aaaa\n" * 3)
    with Tail(str(path)) as tail:
        path.write_bytes(b"bbbb\n" * 5)
        assert all_of(tail) == b"bbbb\n" * 5


def test_it_begins_at_a_line_before_the_end(tmp_path: Path) -> None:
    """With `before`; how much stood there is known until it is read."""
    path = tmp_path / "mail.log"
    path.write_bytes(b"first\nsecond\nthird\n")
    with Tail(str(path), before=8) as tail:
        assert tail.behind == 6
        assert tail.read() == b"third\n"
        assert tail.behind == 0


STEPS = st.lists(st.sampled_from(["append", "piece", "read", "rename", "copytruncate"]), max_size=30)


@settings(deadline=None, max_examples=examples(150))
@given(STEPS)
def test_every_line_comes_once_whatever_rotates(steps: list[str]) -> None:
    """However a log is written and rotated, if it is looked at before it is cut short."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_bytes(b"")
        written, found, whole = b"", b"", True
        with Tail(str(path)) as tail:
            for number, step in enumerate(steps):
                if step == "read":
                    found += tail.read()
                    continue
                if step in {"append", "piece"}:
                    text = b"line %d" % number + (b"\n" if step == "append" else b" ")
                    append(path, text)
                    written, whole = written + text, step == "append"
                    continue
                if not whole:  # loggers write whole lines; between two writes of one nobody rotates
                    append(path, b"end\n")
                    written, whole = written + b"end\n", True
                found += all_of(tail)
                if step == "rename":
                    os.replace(path, path.with_name(f"log.{number}"))  # noqa: PTH105
                    path.write_bytes(b"")
                else:
                    shutil.copy(path, path.with_name(f"log.{number}"))
                    os.truncate(path, 0)
            found += all_of(tail)

        assert found == written[: written.rfind(b"\n") + 1]
