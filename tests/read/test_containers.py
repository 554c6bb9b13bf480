"""Compressed logs are told by their first bytes, and give all that can be decoded."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest
from tests.read.files import PACK, TEXT, content

from mailaudit.read import sources

if TYPE_CHECKING:
    from pathlib import Path


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
