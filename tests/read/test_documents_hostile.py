"""JSON that is nested without end, counts without end, or is cut: what is whole around it is read."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest

from mailaudit.read.batches import batches

GOOD = [{"event": "delivered", "id": number} for number in (1, 2, 3)]
DEEP = '{"event":"x","deep":' + "[" * 5000 + "]" * 5000 + "}"
LONG = '{"event":"x","number":' + "9" * 5000 + "}"


def read(text: str) -> tuple[list[Any], list[int], list[str]]:
    """The records, the places of those that are none, and the warnings."""
    warnings: list[str] = []
    records: list[Any] = []
    broken: list[int] = []
    for batch in batches(io.BytesIO(text.encode()), lambda kind, _text: warnings.append(kind)):
        broken += [len(records) + place for place in batch.broken]
        records += batch.records
    return records, broken, warnings


LAYOUTS = {
    "lines": lambda members: "\n".join(members) + "\n",
    "array": lambda members: "[" + ",".join(members) + "]",
    "array by lines": lambda members: "[\n" + ",\n".join(members) + "\n]",
    "page": lambda members: '{"items": [' + ", ".join(members) + '], "next": null}',
    "pretty page": lambda members: '{\n "items": [\n' + ",\n".join(members) + "\n]}",
    "back to back": "".join,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_nested_too_deeply_is_one_broken_record(layout: str) -> None:
    """The records before and behind it are read, whatever the layout."""
    first, second, third = map(json.dumps, GOOD)

    records, broken, warnings = read(LAYOUTS[layout]([first, DEEP, second, DEEP, third]))

    assert [record for record in records if record is not None] == GOOD
    assert broken == [1, 3]
    assert warnings == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_number_of_thousands_of_digits_is_kept_as_text(layout: str) -> None:
    """Its record is a record."""
    first, second, _ = map(json.dumps, GOOD)

    records, broken, warnings = read(LAYOUTS[layout]([first, LONG, second]))

    assert records == [GOOD[0], {"event": "x", "number": "9" * 5000}, GOOD[1]]
    assert (broken, warnings) == ([], [])


def test_brackets_in_strings_end_no_record() -> None:
    """What is nested too deeply ends where its brackets do, not those in its texts."""
    deep = DEEP[:-1] + r',"text":"]}\"]}"' + "}"

    records, broken, _ = read("[" + ",".join([deep, json.dumps(GOOD[0])]) + "]")

    assert records == [None, GOOD[0]]
    assert broken == [0]


@pytest.mark.parametrize("piece", ["[", "[{},", '{"items":', '["', '[{"a":', "[1,"])
def test_nesting_without_end_takes_no_time_without_end(piece: str) -> None:
    """A megabyte of openings is read in seconds, and is said to be cut."""
    begun = time.process_time()

    _, broken, warnings = read(piece * (1_000_000 // len(piece)))

    assert time.process_time() - begun < 10
    assert broken
    assert warnings == ["truncated"]
