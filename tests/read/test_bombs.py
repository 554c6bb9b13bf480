"""Little that becomes much, and what never ends: memory stays flat, and a sentence says what it is."""

from __future__ import annotations

import io
import lzma
import os
from pathlib import Path

import pytest
import zstandard

from mailaudit.errors import InputError
from mailaudit.read import containers, sources
from mailaudit.read.blocks import MOST_LINES, blocks

MIB = 1 << 20


class Given:
    """A source of these bytes."""

    number = 0

    def __init__(self, data: bytes) -> None:
        self.data = data

    def open(self) -> io.BytesIO:
        """The bytes from the start."""
        return io.BytesIO(self.data)


def silent(kind: str, text: str) -> None:
    """Fails the test that did not expect a warning."""
    raise AssertionError(kind, text)


@pytest.mark.parametrize("before", [0, 100, 5000])
def test_a_zstd_bomb_is_decoded_in_small_pieces(before: int) -> None:
    """A gigabyte in a few kilobytes is never in memory at once, and nothing of it is lost."""
    noise = os.urandom(before)
    packer = zstandard.ZstdCompressor(level=19).compressobj()
    packed = packer.compress(noise) + b"".join(packer.compress(bytes(MIB)) for _ in range(1000)) + packer.flush()
    stream = containers.Decompressed(io.BytesIO(packed), "zst", silent)  # type: ignore[arg-type]
    largest = total = 0
    while not stream._ended:
        piece = stream._decode()
        largest, total = max(largest, len(piece)), total + len(piece)

    assert total == before + 1000 * MIB
    assert largest < 64 * MIB


@pytest.mark.parametrize("between", [b"", b"\0" * 100])
@pytest.mark.parametrize("name", ["zst", "xz"])
def test_members_after_a_small_one_are_read(name: str, between: bytes) -> None:
    """What follows a member within the same piece of input is not lost."""
    pack = zstandard.ZstdCompressor().compress if name == "zst" else lzma.compress
    parts = [b"one\n", b"two\n" * 10_000, os.urandom(3000), b"four\n"]
    stream = containers.Decompressed(io.BytesIO(between.join(map(pack, parts))), name, silent)  # type: ignore[arg-type]

    assert stream.read() == b"".join(parts)


@pytest.mark.parametrize("data", [b"\n" * (3 * MOST_LINES + 7), b"a\n" * (2 * MOST_LINES) + b"long " * 1000 + b"\nend"])
def test_a_block_has_no_more_lines_than_fit_into_memory(data: bytes) -> None:
    """However short they are; numbers and offsets go on as if the block had not been cut."""
    found = list(blocks(Given(data), len(data) + 100))

    assert b"".join(block.data for block in found) == data
    assert max(block.data.count(b"\n") for block in found) <= MOST_LINES + 1
    line = offset = 0
    for number, block in enumerate(found):
        assert (block.number, block.first_line, block.offset) == (number, line + 1, offset)
        line, offset = line + block.data.count(b"\n"), offset + len(block.data)


@pytest.mark.skipif(not Path("/dev/zero").is_char_device(), reason="there is no such device here")
def test_a_device_that_never_ends_is_told() -> None:
    """`mailaudit stats /dev/zero` does not run for ever."""
    with pytest.raises(InputError, match="is a device"):
        sources.find(["/dev/zero"])


def test_nothing_can_be_read_from_the_null_device() -> None:
    """`mailaudit stats /dev/null` has an empty answer."""
    assert sources.find([os.devnull]).notes == [f"{os.devnull} is empty"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no such file here")
def test_an_error_of_the_disk_is_told_with_the_file() -> None:
    """What cannot be read because of the medium is an input that cannot be read."""
    with pytest.raises(InputError, match=r"/proc/self/mem cannot be read: Input/output error"):
        sources.find(["/proc/self/mem"])


def test_circles_of_links_are_not_followed(tmp_path: Path) -> None:
    """`**` finds each file once, whatever leads back to its directory."""
    (tmp_path / "a").mkdir()
    (tmp_path / "mail.log").write_text("Jan  1 00:00:00 mx postfix/qmgr[1]: ABCDEF1234: removed\n")
    (tmp_path / "a" / "mail.log").write_text("Jan  2 00:00:00 mx postfix/qmgr[1]: ABCDEF1235: removed\n")
    for name in ("x", "y", "z"):
        (tmp_path / "a" / name).symlink_to(tmp_path)
    expected = [str(tmp_path / "a" / "mail.log"), str(tmp_path / "mail.log")]

    assert sorted(one.path for one in sources.find([f"{tmp_path}/**/*.log"]).sources) == expected
    assert sorted(one.path for one in sources.find([f"{tmp_path}/**"]).sources) == expected
