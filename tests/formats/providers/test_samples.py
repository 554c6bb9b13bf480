"""Every row that an export's truth names comes out, and no other; every record is accounted for."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.program import mailaudit

from mailaudit.formats import providers
from mailaudit.formats.providers import recognise
from mailaudit.model.request import Request
from mailaudit.read import sources
from mailaudit.read.batches import batches
from mailaudit.records import records

ROOT = Path(__file__).resolve().parents[3]
CASES = sorted(path.parent for name in providers.NAMES for path in (ROOT / "fixtures" / name).glob("*/truth.jsonl"))
OURS = {
    "source",
    "source_file",
    "line",
    "program",
    "attempted",
    "category",
    "type",
    "size",
    "client_ip",
    "client_host",
    "sasl_user",
    "delay",
}
"""Columns of `events` that the truth says nothing of."""


def named(case: Path) -> str:
    """A case's name in test ids."""
    return f"{case.parent.name}/{case.name}"


def input_of(case: Path) -> Path:
    """The export itself."""
    (found,) = case.glob("input.*")
    return found


def events(*arguments: object) -> list[dict[str, Any]]:
    """The rows of `mailaudit events`."""
    return mailaudit("events", "--format", "jsonl", *arguments).lines


def comparable(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its times as times."""
    times = {name: dt.datetime.fromisoformat(row[name]) for name in ("time", "valid_until") if name in row}
    return {**row, **times}


def shown(row: dict[str, Any]) -> str:
    """A row for comparing and sorting."""
    return json.dumps(row, sort_keys=True, default=str)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_rows_are_those_of_the_truth(case: Path) -> None:
    """`events` says of each record what the truth says, in every column of it, by time and place in the export.

    Records = parsed + noise + unparsed, and noise is what the truth skips and what it calls duplicates.
    """
    about = tomllib.loads((case / "about.toml").read_text())
    expected = [comparable(json.loads(line)) for line in (case / "truth.jsonl").read_text().splitlines()]
    said = mailaudit("events", "--format", "json", input_of(case))
    found = []
    for row in said.rows("events"):
        kept = {name: value for name, value in row.items() if name not in OURS and value is not None}
        found.append(comparable({"record": row["line"] - 1, **kept}))
    (told,) = said.document["inputs"]

    assert said.code == 0
    assert list(map(shown, found)) == list(map(shown, expected))
    assert told["format"] == about["format_id"]
    assert told["lines"] == told["parsed"] + told["noise"] == about["records"]
    assert told["noise"] == len(about["skipped"]) + len(about["duplicates"])


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_record_is_recognised_as_one_shape(case: Path) -> None:
    """No record fits two shapes of all providers: look-alikes are told apart."""
    (source,) = sources.find([str(input_of(case))]).sources
    with source.open() as stream:
        for batch in batches(stream, source.warn):
            candidates = recognise._candidates(batch.layout, None)
            for record in batch.records:
                assert len([shape.name for shape in candidates if recognise.fits(shape, record)]) <= 1


@pytest.mark.parametrize("case", CASES, ids=named)
def test_records_shows_every_record(case: Path) -> None:
    """`records` has one row for each record, in order."""
    about = tomllib.loads((case / "about.toml").read_text())
    numbers = [row["line"] for row in records(Request(paths=(str(input_of(case)),)))]

    assert numbers == list(range(1, about["records"] + 1))
