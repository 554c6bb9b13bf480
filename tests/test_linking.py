"""A log that stands in several files, cut by what the lines say and not by time, is read as the log it was."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailaudit import flow
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG = Path(__file__).parents[1] / "fixtures" / "postfix" / "summer-time-ends" / "input.log.gz"
"""Short queue ids, which come back within minutes."""
ROWS = "select queue_ids, recipient, sender, outcome, attempts, submitted_us, reply from recipients order by all"


@cache
def whole() -> list[tuple[object, ...]]:
    """What became of each recipient, by the log in one piece."""
    with flow.read(Request((str(LOG),))) as run:
        return run.engine.rows(ROWS)


def write(path: Path, lines: Iterable[bytes]) -> str:
    """A file of these lines; its path."""
    path.write_bytes(b"".join(lines))
    return str(path)


def files(folder: Path) -> tuple[str, str]:
    """The lines of the SMTP client, and all others."""
    lines = gzip.decompress(LOG.read_bytes()).splitlines(keepends=True)
    client = [b" postfix/smtp[" in line for line in lines]
    one = write(folder / "a.log", (line for line, is_client in zip(lines, client, strict=True) if is_client))
    return one, write(folder / "b.log", (line for line, is_client in zip(lines, client, strict=True) if not is_client))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_file_for_each_program_changes_nothing(tmp_path: Path, *, swapped: bool) -> None:
    """Lines of one message stand in two files of the same host and time; in either order they find each other."""
    one, other = files(tmp_path)

    with flow.read(Request((other, one) if swapped else (one, other))) as run:
        assert run.engine.rows(ROWS) == whole()
        assert not [warning for warning in run.warnings if warning.kind == "overlap"]


def test_what_is_too_large_to_be_joined_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that may be wrong come with a warning."""
    monkeypatch.setattr(flow, "HELD", 1)

    with flow.read(Request(files(tmp_path))) as run:
        assert [warning.kind for warning in run.warnings] == ["overlap"]


def test_parts_that_follow_each_other_are_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotated files do not overlap, however large."""
    monkeypatch.setattr(flow, "HELD", 1)
    lines = gzip.decompress(LOG.read_bytes()).splitlines(keepends=True)
    paths = (write(tmp_path / "mail.log.1", lines[:5000]), write(tmp_path / "mail.log", lines[5000:]))

    with flow.read(Request(paths)) as run:
        assert run.engine.rows(ROWS) == whole()
        assert not run.warnings


@pytest.mark.parametrize("word", ["hold", "discard"])
def test_what_is_said_before_the_queue_id_is_of_the_next_message_at_every_border(tmp_path: Path, word: str) -> None:
    """smtpd tells of it first, then the client and id: wherever the log is cut into blocks, both lines meet."""
    head = "Feb  3 06:26:22 mx postfix/"
    noise = f"{head}anvil[9]: statistics: max cache size 3 at Feb  3 06:20:00\n"
    told = f"{head}smtpd[7]: NOQUEUE: {word}: RCPT from c.example[192.0.2.1]: <b@y.example>: gone; "
    told += "from=<a@x.example> to=<b@y.example> proto=ESMTP helo=<c.example>\n"
    begun = f"{head}smtpd[7]: 4F1A2B3C01: client=c.example[192.0.2.1]\n"
    path = tmp_path / "mail.log"
    path.write_text(noise * 9 + told + begun + noise * 12)
    expected = [("4F1A2B3C01", "b@y.example", "held" if word == "hold" else "discarded")]
    size = path.stat().st_size
    # Blocks that hold both lines, but end after the first of them.
    for block in range(size // 2, size, 71):
        with flow.read(Request((str(path),), year=2026, block_size=block)) as run:
            assert run.engine.rows("select queue_id, recipient, outcome from recipients") == expected
