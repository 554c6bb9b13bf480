"""The order in which files are named, and where a log is cut into files, change nothing in the answers."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from mailaudit import flow
from mailaudit.model.request import Request
from mailaudit.records import records

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = ("postfix/new-year", "sendmail/new-year", "postfix/summer-time-ends")
ROWS = """
select queue_ids, message_id, sender, recipient, original_recipient, outcome, attempts, deferrals, submitted_us,
    finished_us, reply
from recipients order by all
"""


def rows(*paths: Path) -> list[tuple[object, ...]]:
    """What became of every recipient in these files."""
    with flow.read(Request(paths=tuple(str(path) for path in paths))) as run:
        return run.engine.rows(ROWS)


@pytest.mark.parametrize("case", CASES)
def test_files_in_any_order_give_the_answers_of_the_whole(case: str, tmp_path: Path) -> None:
    """Four pieces with names and file times that say nothing, named in a wrong order, are read as the log they are."""
    data = gzip.decompress((FIXTURES / case / "input.log.gz").read_bytes())
    whole = tmp_path / "whole" / "mail.log"
    whole.parent.mkdir()
    whole.write_bytes(data)
    pieces, begin = [], 0
    for number, name in enumerate(("z", "k", "a", "q"), start=1):
        end = len(data) if number == 4 else data.index(b"\n", len(data) * number // 4) + 1
        piece = tmp_path / f"{name}.log"
        piece.write_bytes(data[begin:end])
        os.utime(piece, (1_800_000_000, 1_800_000_000))
        pieces.append(piece)
        begin = end
    expected = rows(whole)

    assert rows(pieces[2], pieces[0], pieces[3], pieces[1]) == expected


def test_lines_that_stand_in_two_files_count_once(tmp_path: Path) -> None:
    """A copy made while the log went on (copytruncate) overlaps with the log: the answers are those of the whole."""
    lines = gzip.decompress((FIXTURES / CASES[0] / "input.log.gz").read_bytes()).splitlines(keepends=True)
    whole, old, new = tmp_path / "all.log", tmp_path / "mail.log.1", tmp_path / "mail.log"
    whole.write_bytes(b"".join(lines))
    old.write_bytes(b"".join(lines[:9000]))
    new.write_bytes(b"".join(lines[6000:]))
    expected = rows(whole)

    assert rows(new, old) == expected
    assert rows(old, new) == expected


def test_records_name_the_lines_read_before(tmp_path: Path) -> None:
    """Each line of each file is listed once; those of the overlap are duplicates in the later file."""
    lines = gzip.decompress((FIXTURES / CASES[0] / "input.log.gz").read_bytes()).splitlines(keepends=True)
    old, new = tmp_path / "mail.log.1", tmp_path / "mail.log"
    old.write_bytes(b"".join(lines[:900]))
    new.write_bytes(b"".join(lines[600:1200]))
    rows = list(records(Request(paths=(str(new), str(old)))))
    again = [(row["source_file"], row["line"]) for row in rows if row["kind"] == "duplicate"]

    assert len(rows) == 900 + 600
    assert again == [(str(new), number) for number in range(1, 301)]


def test_records_are_dated_as_events_are(tmp_path: Path) -> None:
    """A year that only later blocks prove holds for the lines of the first block, too."""
    path = tmp_path / "mail.log"
    head = "Dec 31 23:59:5{} mx postfix/smtpd[1]: connect from a[192.0.2.{}]\n"
    tail = "Jan  1 00:00:0{} mx postfix/smtpd[1]: connect from a[192.0.2.{}]\n"
    path.write_text("".join(head.format(n, n) for n in range(9)) + "".join(tail.format(n, n) for n in range(9)))
    os.utime(path, (1_735_700_000, 1_735_700_000))  # in the first hours of 2025
    small, large = (
        [row["time_us"] for row in records(Request(paths=(str(path),), block_size=size))] for size in (200, 1 << 20)
    )

    assert small == large
    assert large == sorted(large)
