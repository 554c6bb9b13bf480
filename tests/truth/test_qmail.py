"""What a model of qmail-send knows of each recipient is what its log is read as."""

from __future__ import annotations

from pathlib import Path

from tests.program import rows
from tests.truth.compare import compare, load, table

CASE = Path(__file__).resolve().parents[2] / "fixtures" / "qmail" / "nine-days"


def test_every_recipient_ended_as_the_model_knows() -> None:
    """No recipient is missing, invented, or told another end."""
    found = list(compare(load(CASE / "truth.json.gz"), rows("log", CASE / "input.log.gz")))

    assert not found, "\n" + table(found)
