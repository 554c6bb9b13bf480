"""What people name becomes sources in reading order; what cannot be read is said with what to do about it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from mailaudit.errors import InputError
from mailaudit.read import names, sources, system
from mailaudit.read.blocks import blocks

if TYPE_CHECKING:
    from mailaudit.read.sources import Found

TEXT = b"".join(b"Jan  2 03:04:%02d mx1 postfix/qmgr[7]: 4E10AB%02d: removed\n" % (n % 60, n % 60) for n in range(2000))
DAY = 86_400
PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def content(found: Found, place: int = 0) -> bytes:
    """Everything in a source."""
    return b"".join(block.data for block in blocks(found.sources[place], 1 << 14))


def log(path: Path, day: int = 2, *, month: str = "Jan", host: str = "mx1", mtime: int | None = None) -> Path:
    """Writes a log of one line."""
    line = f"{month} {day:2} 03:04:05 {host} postfix/qmgr[7]: 4E10AB: removed {path.name}\n".encode()
    path.write_bytes(gzip.compress(line, mtime=0) if path.name.endswith(".gz") else line)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def order(*paths: Path) -> list[str]:
    """The names in reading order, which must not depend on the order of naming."""
    forwards = [Path(one.path).name for one in sources.find([str(path) for path in paths]).sources]
    backwards = [Path(one.path).name for one in sources.find([str(path) for path in reversed(paths)]).sources]
    assert forwards == backwards
    return forwards


# --- compression


@pytest.mark.parametrize("name", PACK)
def test_compression_is_recognised_by_content(tmp_path: Path, name: str) -> None:
    """The first bytes tell the compression, not the name; members and padding between them are one stream."""
    half = len(TEXT) // 2
    (tmp_path / "mail.log").write_bytes(PACK[name](TEXT[:half]) + PACK[name](b"") + PACK[name](TEXT[half:]))
    found = sources.find([str(tmp_path / "mail.log")])

    assert found.sources[0].compression == name
    assert content(found) == TEXT
    assert content(found) == TEXT
    assert not found.warnings


def test_padding_between_members(tmp_path: Path) -> None:
    """Zeros behind a member (from tapes) are no damage."""
    (tmp_path / "a").write_bytes(gzip.compress(TEXT) + bytes(512) + gzip.compress(TEXT) + bytes(512))
    found = sources.find([str(tmp_path / "a")])

    assert content(found) == TEXT * 2
    assert not found.warnings


@pytest.mark.parametrize("name", PACK)
def test_cut_file_gives_what_there_is(tmp_path: Path, name: str) -> None:
    """What a cut file decodes to is read, and a warning names the file, once."""
    packed = PACK[name](b"".join(os.urandom(30).hex().encode() + b"\n" for _ in range(6_000)))
    path = tmp_path / "mail.log"
    path.write_bytes(PACK[name](TEXT) + packed[: len(packed) // 2])
    found = sources.find([str(path)])

    assert content(found).startswith(TEXT)
    assert content(found)
    assert [(warning.kind, warning.source_file) for warning in found.warnings] == [("truncated", str(path))]


def test_cut_gzip_loses_nothing_that_can_be_decoded(tmp_path: Path) -> None:
    """Of a gzip file without its last 8 bytes (sum and length) every line is there."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT)[:-8])
    found = sources.find([str(tmp_path / "a.gz")])

    assert content(found) == TEXT


def test_wrong_checksum(tmp_path: Path) -> None:
    """A gzip file with a wrong sum is read, with a warning."""
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    (tmp_path / "a.gz").write_bytes(packed)
    found = sources.find([str(tmp_path / "a.gz")])

    assert content(found) == TEXT
    assert [warning.kind for warning in found.warnings] == ["damaged"]


def test_something_else_behind_a_member(tmp_path: Path) -> None:
    """Text behind compressed data is not read, and that is said."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT) + b"more text\n")
    found = sources.find([str(tmp_path / "a.gz")])

    assert content(found) == TEXT
    assert "something that is not gz data" in found.warnings[0].text


def test_gzip_header_tells_the_time(tmp_path: Path) -> None:
    """The time in a gzip header is the log's; the file's own may be that of a copy."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT, mtime=1_700_000_000))

    assert sources.find([str(tmp_path / "a.gz")]).sources[0].mtime == 1_700_000_000


def test_a_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Highly compressed data are decoded piece by piece."""
    for name, pack in PACK.items():
        (tmp_path / name).write_bytes(pack(b"Jan  2 03:04:05 mx1 a[1]: b\n" + b"\n" * 20_000_000))
        with sources.find([str(tmp_path / name)]).sources[0].open() as stream:
            assert len(stream.read(1 << 27)) <= 1 << 26, name


# --- standard input and the journal


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

    assert error.value.hint == "Name the log: mailaudit stats /path/to/mail.log"


# --- paths


def test_missing_path_gets_a_suggestion(tmp_path: Path) -> None:
    """A mistyped name is answered with the names that are near."""
    log(tmp_path / "maillog")
    with pytest.raises(InputError) as error:
        sources.find([str(tmp_path / "mailog")])

    assert error.value.hint == f"Did you mean {tmp_path / 'maillog'}?"


def test_missing_directory_gets_a_suggestion(tmp_path: Path) -> None:
    """So is a mistyped directory."""
    (tmp_path / "archive").mkdir()
    with pytest.raises(InputError) as error:
        sources.find([str(tmp_path / "archiv" / "maillog")])

    assert str(tmp_path / "archive") in str(error.value.hint)


def test_one_missing_path_among_several(tmp_path: Path) -> None:
    """The others are read, and the warning makes the run end with exit code 3."""
    found = sources.find([str(log(tmp_path / "a.log")), str(tmp_path / "b.log")])

    assert len(found.sources) == 1
    assert [warning.kind for warning in found.warnings] == ["unreadable"]
    assert str(tmp_path / "b.log") in found.warnings[0].text


def test_glob(tmp_path: Path) -> None:
    """A pattern that the shell left alone is expanded here; one that matches nothing is an error."""
    log(tmp_path / "a.log", 1)
    log(tmp_path / "b.log", 2)

    assert [Path(one.path).name for one in sources.find([str(tmp_path / "*.log")]).sources] == ["a.log", "b.log"]
    with pytest.raises(InputError, match="No file matches"):
        sources.find([str(tmp_path / "*.txt")])


def test_directory_by_names(tmp_path: Path) -> None:
    """Of a directory the mail logs are read, by their names."""
    for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "syslog", "auth.log", ".hidden"):
        log(tmp_path / name)
    (tmp_path / "sub").mkdir()

    names_ = {Path(one.path).name for one in sources.find([str(tmp_path)]).sources}
    assert names_ == {"mail.log", "mail.log.1", "mail.log.2.gz"}


def test_directory_by_content(tmp_path: Path) -> None:
    """Without such names, whatever looks like a log."""
    log(tmp_path / "relay-1.txt")
    (tmp_path / "notes.md").write_text("# notes\n")
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")

    assert [Path(one.path).name for one in sources.find([str(tmp_path)]).sources] == ["relay-1.txt"]


def test_directory_without_logs(tmp_path: Path) -> None:
    """A directory without logs is an error."""
    (tmp_path / "notes.md").write_text("# notes\n")
    with pytest.raises(InputError, match="no mail log"):
        sources.find([str(tmp_path)])


def test_empty_file_is_a_note(tmp_path: Path) -> None:
    """An empty log is read as one without lines."""
    (tmp_path / "mail.log").touch()
    found = sources.find([str(tmp_path / "mail.log")])

    assert len(found.sources) == 1
    assert found.notes == [f"{tmp_path / 'mail.log'} is empty"]
    assert not found.warnings


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bytes(range(256)) * 40, "binary data"),
        (b"\x7fELF" + bytes(100), "a program"),
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b"LPKSHHRH" + bytes(100), "journalctl --file"),
    ],
)
def test_binary_file(tmp_path: Path, data: bytes, words: str) -> None:
    """A file that is no text is refused, with what to do about it where that is known."""
    path = tmp_path / "mail.log"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        sources.find([str(path)])

    assert words in f"{error.value.text} {error.value.hint}"
    assert [w.kind for w in sources.find([str(path), str(log(tmp_path / "a.log"))]).warnings] == ["unreadable"]


def test_log_with_binary_rubbish(tmp_path: Path) -> None:
    """A log stays a log with rubbish in it."""
    (tmp_path / "a").write_bytes(b"\0" * 4096 + TEXT[:500] + bytes(range(256)) * 200)

    assert sources.find([str(tmp_path / "a")]).sources


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_names_the_group(tmp_path: Path) -> None:
    """Who may not read a log is told which group to join, and how."""
    path = log(tmp_path / "mail.log")
    path.chmod(0o040)
    with pytest.raises(InputError) as error:
        sources.find([str(path)])

    assert "usermod -aG" in str(error.value.hint)


def test_refusal_names_the_group(tmp_path: Path) -> None:
    """The group that may read the file is named with the command to join it."""
    path = log(tmp_path / "mail.log")
    path.chmod(0o640)
    error = system.refusal(str(path), PermissionError(13, "Permission denied"))

    assert f"usermod -aG {path.group()}" in str(error.hint)
    assert error.text == f"{path} cannot be read: Permission denied"


# --- order


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


# --- the same twice


def test_links_and_copies_are_read_once(tmp_path: Path) -> None:
    """A log under several names counts once, and the warning names both."""
    path = tmp_path / "mail.log"
    path.write_bytes(TEXT)
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "hard").hardlink_to(path)
    (tmp_path / "copy").write_bytes(TEXT)
    (tmp_path / "copy.gz").write_bytes(gzip.compress(TEXT))
    found = sources.find([str(tmp_path / name) for name in ("link", "copy.gz", "mail.log", "hard", "copy")])

    assert len(found.sources) == 1
    assert not found.sources[0].compression
    assert [warning.kind for warning in found.warnings] == ["duplicate"] * 4


def test_same_path_twice(tmp_path: Path) -> None:
    """Named twice is read once."""
    path = str(log(tmp_path / "mail.log"))

    assert len(sources.find([path, path]).sources) == 1


def test_older_copy_of_a_growing_log(tmp_path: Path) -> None:
    """A copy that another input goes on from adds nothing."""
    (tmp_path / "yesterday").write_bytes(TEXT[: TEXT.rindex(b"\n", 0, -100) + 1])
    (tmp_path / "today").write_bytes(TEXT)
    found = sources.find([str(tmp_path / "yesterday"), str(tmp_path / "today")])

    assert [Path(one.path).name for one in found.sources] == ["today"]
    assert "the beginning of" in found.warnings[0].text


def test_logs_that_begin_alike_are_both_read(tmp_path: Path) -> None:
    """Logs that differ far behind their beginning are two logs."""
    (tmp_path / "a").write_bytes(TEXT + b"Jan  2 03:05:05 mx1 a[1]: one\n")
    (tmp_path / "b").write_bytes(TEXT + b"Jan  2 03:05:05 mx1 a[1]: two\n")

    assert len(sources.find([str(tmp_path / "a"), str(tmp_path / "b")]).sources) == 2
