"""Every fixture says what it is, and is what it says."""

from __future__ import annotations

import gzip
import tomllib
from pathlib import Path

import pytest

from mailaudit.formats import NAMES

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path for path in (ROOT / "fixtures").glob("*/*") if path.is_dir())
REQUIRED = {"title", "shows", "format", "source", "licence", "year", "zone", "lines", "blank", "not_understood"}


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_about_describes_the_input(case: Path) -> None:
    """`about.toml` is complete, and its numbers of lines are those of the input."""
    about = tomllib.loads((case / "about.toml").read_text())
    (log,) = case.glob("input.*")
    data = gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes()
    lines = data.splitlines()

    assert sorted(REQUIRED - about.keys()) == []
    assert about["format"] == case.parent.name
    assert (about["lines"], about["blank"]) == (len(lines), lines.count(b""))


def test_every_format_has_a_fixture() -> None:
    """A format without a real log behind it is a guess."""
    assert sorted(NAMES) == sorted({case.parent.name for case in CASES} & set(NAMES))
