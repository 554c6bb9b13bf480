"""Zip archives are as many inputs as they have files; UTF-16 is read as what it says."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from mailaudit.errors import InputError
from mailaudit.read import sources

if TYPE_CHECKING:
    from pathlib import Path

LOG = b"".join(b"Jan  2 03:04:05 mx1 postfix/qmgr[%d]: 4E10: removed\n" % number for number in range(20_000))

OTHER = LOG[:500].replace(b"4E10", b"5F20")


def archive(path: Path, **files: bytes) -> Path:
    """A zip archive of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name.replace("_", "."), data)
    return path


def contents(found: sources.Found) -> dict[str, bytes]:
    """The bytes of each source by the last part of its path."""
    read = {}
    for source in found.sources:
        with source.open() as stream:
            read[source.path.rpartition(":")[2]] = b"".join(iter(lambda stream=stream: stream.read(1000), b""))
    return read


def test_each_file_in_an_archive_is_an_input(tmp_path: Path) -> None:
    """Their paths name the archive and the file; what is packed inside is unpacked, too."""
    path = archive(tmp_path / "logs.zip", a_log=LOG, b_log_gz=gzip.compress(OTHER), empty_log=b"")
    found = sources.find([str(path)])

    assert contents(found) == {"a.log": LOG, "b.log.gz": OTHER}
    assert {source.path for source in found.sources} == {f"{path}:a.log", f"{path}:b.log.gz"}


def test_only_what_macos_adds_is_left_out_of_an_archive(tmp_path: Path) -> None:
    """Nothing is unpacked to where a name says, so no other name is a reason not to read what it names."""
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as written:
        for name in ("__MACOSX/._a.log", ".DS_Store", "old/.DS_Store"):
            written.writestr(name, OTHER)
        for name in ("../up.log", ".hidden.log", "/root.log", "__MACOSX.log"):
            written.writestr(name, LOG + name.encode())

    assert {source.path for source in sources.find([str(path)]).sources} == {
        f"{path}:{name}" for name in ("../up.log", ".hidden.log", "/root.log", "__MACOSX.log")
    }


def test_an_archive_comes_from_standard_input(tmp_path: Path) -> None:
    """Its list of files stands at its end, so it is kept until that is there."""
    data = archive(tmp_path / "logs.zip", a_log=LOG).read_bytes()

    assert contents(sources.find(["-"], stdin=lambda: io.BytesIO(data))) == {"a.log": LOG}


def test_of_a_cut_archive_the_first_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """What could be decoded is kept, and a warning says that something is missing."""
    path = archive(tmp_path / "logs.zip", a_log=LOG)
    path.write_bytes(path.read_bytes()[:-600])
    found = sources.find([str(path)])
    (read,) = contents(found).values()

    assert LOG.startswith(read)
    assert len(read) > len(LOG) // 2
    assert [warning.kind for warning in found.warnings] == ["truncated"]


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    """The error says what to do."""
    path = archive(tmp_path / "logs.zip", a_log=LOG)
    data = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(mark) + (6 if mark.endswith(b"\x04") else 8)
        data[at] |= 1
    path.write_bytes(data)

    with pytest.raises(InputError, match="password"):
        sources.find([str(path)])


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_damaged_line_is_no_mark_of_utf_16(tmp_path: Path, mark: bytes) -> None:
    """A log whose first bytes are broken keeps its lines."""
    path = tmp_path / "mail.log"
    path.write_bytes(mark + b"Dec 24 00:01:04 mail postfix/qmgr[308]: 4E10: removed\n" * 2)
    (one,) = sources.find([str(path)]).sources

    with one.open() as stream:
        assert stream.read() == path.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_as_text(tmp_path: Path, encoding: str) -> None:
    """With a mark or without one."""
    path = tmp_path / "mail.log"
    path.write_bytes(LOG.decode().encode(encoding))

    assert list(contents(sources.find([str(path)])).values()) == [LOG]
