"""Every recipient's outcome agrees with what the other end of the wire recorded."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from tests.model_reference.outcomes import log_rows
from tests.model_reference.samples import WITH_TRUTH
from tests.program import rows
from tests.truth.compare import Mismatch, compare, load, table

if TYPE_CHECKING:
    from tests.model_reference.samples import Sample

EXPLAINED = {"postfix/new-year": 1, "postfix/summer-time-ends": 0, "sendmail/new-year": 2}
"""How many recipients the truth guesses wrong, or the log never names."""

samples = pytest.mark.parametrize("sample", WITH_TRUTH, ids=lambda sample: sample.case)


def check(sample: Sample, rows: list[dict[str, Any]]) -> None:
    """Fails with a table if a recipient's outcome differs from the truth without a reason."""
    truth = load(sample.folder / "truth.json.gz")
    found = list(compare(truth, rows, sample.data().decode("utf-8", "replace")))
    unexplained = [mismatch for mismatch in found if not mismatch.why]

    assert not unexplained, "\n" + table(unexplained)
    assert EXPLAINED[sample.case] == len(found), "\n" + table(found)


@samples
def test_the_reference_agrees_with_the_truth(sample: Sample) -> None:
    """The plain reading of the log gives every recipient the outcome that really happened."""
    check(sample, list(log_rows(sample.model())))


@samples
@pytest.mark.skipif(find_spec("mailaudit.commands.log") is None, reason="there is no such command yet")
def test_mailaudit_log_agrees_with_the_truth(sample: Sample) -> None:
    """`mailaudit log` gives every recipient the outcome that really happened."""
    check(sample, rows("log", sample.log))


def test_a_wrong_outcome_is_found() -> None:
    """A recipient that the rows say was delivered, and the truth says was refused, is a mismatch."""
    truth = {"messages": [{"id": "s1", "recipients": [{"rcpt": "a@b.example", "outcome": "bounced"}]}]}
    rows = [{"message_id": "s1.7@x.example", "queue_id": "A", "recipient": "a@b.example", "outcome": "delivered"}]

    assert [Mismatch("s1", "", "a@b.example", "bounced", "delivered", "")] == list(compare(truth, rows))


def test_missing_and_invented_rows_are_found() -> None:
    """A recipient without a row and a row without a recipient are mismatches."""
    truth = {"messages": [{"id": "s1", "recipients": [{"rcpt": "a@b.example", "outcome": "bounced"}]}]}
    rows = [{"message_id": "s1.7@x.example", "queue_id": "A", "recipient": "c@b.example", "outcome": "delivered"}]

    assert [mismatch.answer for mismatch in compare(truth, rows)] == ["no row", "delivered"]
