"""Every fixture says what it is, and is what it says."""

from __future__ import annotations

import gzip
import json
import os
import tomllib
from pathlib import Path

import pytest

from mailaudit.cli import run
from mailaudit.formats import NAMES
from mailaudit.model.request import Request
from mailaudit.records import records

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path for path in (ROOT / "fixtures").glob("*/*") if path.is_dir())


def named(case: Path) -> str:
    """A case's name in test ids."""
    return f"{case.parent.name}/{case.name}"


REQUIRED = {"title", "shows", "format", "source", "licence", "year", "zone", "lines", "blank", "not_understood"}


@pytest.mark.parametrize("case", CASES, ids=named)
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


@pytest.mark.parametrize("case", CASES, ids=named)
def test_lines_not_understood_are_as_many_as_stated(case: Path) -> None:
    """`not_understood` counts the lines that no kind takes, blank ones not among them."""
    about = tomllib.loads((case / "about.toml").read_text())
    (log,) = case.glob("input.*")
    unparsed = list(records(Request(paths=(str(log),)), unparsed=True))

    assert len(unparsed) == about["not_understood"], unparsed


@pytest.mark.parametrize("case", [case for case in CASES if (case / "events.jsonl").exists()], ids=named)
def test_input_becomes_the_recorded_events(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The events are those of `events.jsonl`; UPDATE_FIXTURES=1 rewrites it, and the diff is what is reviewed."""
    monkeypatch.chdir(case)
    (log,) = case.glob("input.*")
    file = tmp_path / "events.jsonl"

    assert run(["events", "--format", "jsonl", "--output", str(file), log.name]) in {0, 3}

    found = [without_causes(line) for line in file.read_text().splitlines()]
    if os.environ.get("UPDATE_FIXTURES"):
        (case / "events.jsonl").write_text("".join(f"{line}\n" for line in found))
    assert found == (case / "events.jsonl").read_text().splitlines()


def without_causes(line: str) -> str:
    """An event as its source has it: what it means is the rules' to say, and tested with them."""
    event = json.loads(line)
    return json.dumps(
        {key: value for key, value in event.items() if key not in {"category", "type"}}, ensure_ascii=False
    )
