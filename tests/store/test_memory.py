"""How much memory a run takes when nobody tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.store.memory import LEAST, MIB, MOST, default

if TYPE_CHECKING:
    from pathlib import Path


def told(folder: Path, available_mib: int, limit: str | None = None, used_mib: int = 0) -> int:
    """The default on a machine with these files."""
    (folder / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {available_mib * 1024} kB\n")
    if limit is not None:
        (folder / "memory.max").write_text(limit + "\n")
        (folder / "memory.current").write_text(f"{used_mib * MIB}\n")
    return default(folder / "meminfo", folder, folder / "v1")


def test_a_quarter_of_what_is_free(tmp_path: Path) -> None:
    """Between the least that works and the most that helps."""
    assert told(tmp_path, 2000) == 500 * MIB
    assert told(tmp_path, 100) == LEAST
    assert told(tmp_path, 64_000) == MOST


def test_a_control_group_counts_if_it_has_less(tmp_path: Path) -> None:
    """A container on a large machine has what its group leaves it; `max` is no limit."""
    assert told(tmp_path, 64_000, str(1400 * MIB), used_mib=200) == 300 * MIB
    assert told(tmp_path, 2000, "max") == 500 * MIB


def test_a_system_that_tells_nothing_gets_the_most(tmp_path: Path) -> None:
    """Not every system has these files."""
    assert default(tmp_path / "none", tmp_path, tmp_path) == MOST
