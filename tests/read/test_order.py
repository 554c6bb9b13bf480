"""Logs are read oldest first, whatever the order in which they were named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.read.files import log, order

from mailaudit.read import names, sources

if TYPE_CHECKING:
    from pathlib import Path


def test_rotated_set_without_years(tmp_path: Path) -> None:
    """Numbers fall, then the log being written; over New Year too, and whatever the file times are."""
    paths = [
        log(tmp_path / "mail.log.10.gz", 20, month="Dec"),
        log(tmp_path / "mail.log.2.gz", 28, month="Dec"),
        log(tmp_path / "mail.log.1", 3, month="Jan"),
        log(tmp_path / "mail.log", 9, month="Jan"),
    ]

    assert order(*paths) == ["mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"]


def test_dated_set(tmp_path: Path) -> None:
    """Dates in names rise, then the log being written."""
    paths = [
        log(tmp_path / "maillog-20251228.gz", 27, month="Dec"),
        log(tmp_path / "maillog-20260104", 3),
        log(tmp_path / "maillog", 9),
    ]

    assert order(*paths) == [path.name for path in paths]


def test_content_beats_names(tmp_path: Path) -> None:
    """Where the lines tell the year, they decide."""
    for name, day in (("mail.log.1", 9), ("mail.log.2", 7), ("mail.log", 8)):
        (tmp_path / name).write_text(f"2026-01-0{day}T03:04:05Z mx1 a[1]: b\n")

    assert order(*(tmp_path / name for name in ("mail.log", "mail.log.1", "mail.log.2"))) == [
        "mail.log.2",
        "mail.log",
        "mail.log.1",
    ]


def test_two_sets_are_merged_by_time(tmp_path: Path) -> None:
    """The logs of two hosts are read in the order of their times."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [
        log(tmp_path / "a" / "mail.log.1", 1, mtime=1_767_500_000),
        log(tmp_path / "b" / "mail.log.1", 2, mtime=1_767_600_000),
        log(tmp_path / "a" / "mail.log", 5, mtime=1_767_900_000),
        log(tmp_path / "b" / "mail.log", 6, mtime=1_768_000_000),
    ]
    found = sources.find([str(path) for path in reversed(paths)])

    assert [one.path for one in found.sources] == [str(path) for path in paths]
    assert [one.number for one in found.sources] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("path", "base", "date"),
    [
        ("/var/log/mail.log", "/var/log/mail.log", None),
        ("/var/log/mail.log.12.gz", "/var/log/mail.log", None),
        ("maillog-20260104.xz", "maillog", "2026-01-04"),
        ("maillog-2026-01-04.zst", "maillog", "2026-01-04"),
        ("mail-20260104.log", "mail.log", "2026-01-04"),
        ("maillog-20260104-0300", "maillog", "2026-01-04"),
        ("maillog-1767484800", "maillog", "2026-01-04"),
        ("mail.20260104.gz", "mail", "2026-01-04"),
        ("qmail/@4000000069594c5b1d2e7a34.s", "qmail/current", None),
        ("mail.log-20269999", "mail.log-20269999", None),
    ],
)
def test_names_of_rotated_files(path: str, base: str, date: str | None) -> None:
    """A name tells its set and its date."""
    found, _, day = names.named(path)

    assert (found, None if day is None else str(day)) == (base, date)
