"""The same log under several names is read once."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.read.files import TEXT, log

from mailaudit.read import sources


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
