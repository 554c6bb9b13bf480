"""Lines in several files count once; lines twice in one file count twice."""

from __future__ import annotations

import gzip
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit.read import sources
from mailaudit.read.blocks import blocks
from mailaudit.read.duplicates import Duplicates, without
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from pathlib import Path


def line(second: int, text: str = "removed", host: str = "mx1") -> bytes:
    """A line of a second."""
    hour, rest = divmod(second, 3600)
    return f"Jan  2 {hour:02}:{rest // 60:02}:{rest % 60:02} {host} postfix/qmgr[7]: 4E10AB: {text}\n".encode()


def write(path: Path, content: list[bytes]) -> str:
    """Writes a log, compressed if its name says so; its path."""
    data = b"".join(content)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def read(*paths: str, size: int = 1 << 12) -> tuple[Counter[str], Duplicates]:
    """How often each line is read, and what left out the others."""
    found = sources.find(paths)
    duplicates = Duplicates(found.sources)
    count: Counter[str] = Counter()
    for source in found.sources:
        for block in blocks(source, size):
            count.update(without(lines(block), duplicates.of(block))["line"].to_list())
    return count, duplicates


def test_copytruncate(tmp_path: Path) -> None:
    """The tail of the rotated file that is also the head of the new one counts once."""
    log = [line(second) for second in range(2000)]
    count, duplicates = read(
        write(tmp_path / "mail.log", log[700:]),
        write(tmp_path / "mail.log.1", log[300:900]),
        write(tmp_path / "mail.log.2.gz", log[:500]),
    )

    assert sum(count.values()) == len(log) == len(count)
    assert [warning.text.split(" lines", 1)[0] for warning in duplicates.warnings()] == ["200", "200"]


def test_log_and_its_warnings(tmp_path: Path) -> None:
    """`mail.warn` holds some lines of `mail.log`, and one that is missing there."""
    log = [line(second) for second in range(1000)]
    count, _ = read(write(tmp_path / "mail.log", log), write(tmp_path / "mail.warn", [line(3, "own"), *log[5:1000:10]]))

    assert sum(count.values()) == 1001


def test_repeated_lines_of_one_file_stay(tmp_path: Path) -> None:
    """The same line five times in one second is five lines, even where another file has it twice."""
    many, other = [line(7)] * 5, [line(6), line(7), line(7), line(8)]

    assert read(write(tmp_path / "a", [line(1), *many]))[0][line(7).decode().strip()] == 5
    assert read(write(tmp_path / "a", [line(1), *many]), write(tmp_path / "b", other))[0][line(7).decode().strip()] == 5
    assert read(write(tmp_path / "a", [line(1), *other]), write(tmp_path / "b", many))[0][line(7).decode().strip()] == 5


def test_other_hosts_are_not_compared(tmp_path: Path) -> None:
    """Logs of two hosts for the same time cost nothing."""
    count, duplicates = read(
        write(tmp_path / "a", [line(second, host="mx1") for second in range(500)]),
        write(tmp_path / "b", [line(second, host="mx2") for second in range(500)]),
    )

    assert sum(count.values()) == 1000
    assert not duplicates._hashes


def test_files_that_follow_each_other_are_not_compared(tmp_path: Path) -> None:
    """A rotated set without overlap costs nothing."""
    count, duplicates = read(
        write(tmp_path / "mail.log.1", [line(second) for second in range(500)]),
        write(tmp_path / "mail.log", [line(second) for second in range(600, 900)]),
    )

    assert sum(count.values()) == 800
    assert not duplicates._hashes


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60),
    st.sampled_from([1 << 8, 1 << 10, 1 << 16]),
)
def test_a_line_counts_as_often_as_in_the_file_that_has_it_most(
    tmp_path_factory: object,
    one: list[tuple[int, str]],
    two: list[tuple[int, str]],
    three: list[tuple[int, str]],
    size: int,
) -> None:
    """For any files in order of time, at any block size, the count is the maximum over the files."""
    directory = tmp_path_factory.mktemp("logs")  # type: ignore[attr-defined]
    files = [[line(*row) for row in sorted(rows)] for rows in (one, two, three)]
    count, _ = read(*(write(directory / name, rows) for name, rows in zip("abc", files, strict=True)), size=size)
    most: Counter[str] = Counter()
    for rows in files:
        most |= Counter(row.decode().rstrip("\n") for row in rows)

    assert count == most
