"""Records whose fields hold anything: nulls, lists, half letters, numbers beyond every measure."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.effort import examples
from tests.program import mailaudit

pytestmark = pytest.mark.usefixtures("kept_readings")

ROOT = Path(__file__).resolve().parents[3]
ODD: tuple[Any, ...] = (
    None,
    "",
    [],
    {},
    [[]],
    {"a": [1]},
    ["a@b.example", None, {}],
    0,
    -1,
    True,
    10**30,
    1e308,
    float("inf"),
    "9" * 50,
    "x" * 400,
    "\ud83d",
    "\u202e\x1b[31m",
    "<>",
    "a@b@c",
    "2026-13-45T99:99:99Z",
    253402300800,
)


def records() -> list[Any]:
    """The JSON records of all fixtures."""
    found: list[Any] = []
    for path in sorted(ROOT.glob("fixtures/*/*/input.json*")):
        text = path.read_text(encoding="utf-8-sig")
        at, decoder = 0, json.JSONDecoder()
        while (at := at + len(text[at:]) - len(text[at:].lstrip())) < len(text):
            value, at = decoder.raw_decode(text, at)
            found += value if isinstance(value, list) else [value]
    return found


def changed(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value with some of its members gone, and some turned into odd ones."""
    if isinstance(value, list):
        return [changed(member, chance) for member in value]
    if not isinstance(value, dict):
        return value
    kept = {name: member for name, member in value.items() if chance.random() > 0.03}
    return {
        name: chance.choice(ODD) if chance.random() < 0.06 else changed(member, chance) for name, member in kept.items()
    }


@pytest.mark.parametrize("seed", range(examples(8)))
def test_no_value_stops_an_answer(tmp_path: Path, seed: int) -> None:
    """Whatever the fields hold, there is an answer, and what is printed is clean."""
    chance = random.Random(seed)  # noqa: S311 (a test)
    given = records()
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(json.dumps(changed(chance.choice(given), chance)) for _ in range(250)))
    for command in (["log"], ["events", "--format", "jsonl"], ["stats", "--by", "campaign,raised_by"]):
        said = mailaudit(*command, path)

        assert said.code in (0, 3), said.err
        assert not {"\x1b", "\u202e"} & {*said.out}
        if "jsonl" in command:
            assert all(json.loads(line, parse_constant=pytest.fail) for line in said.out.splitlines())
