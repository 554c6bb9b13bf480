"""A part of the messages of an Exim server: how each recipient ended is what the receivers recorded."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

from tests.program import rows
from tests.truth.compare import compare, load, table

CASE = Path(__file__).resolve().parents[2] / "fixtures" / "exim" / "nine-days"
KNOWN = {
    # The record only knows that a notice came, and guesses by the domain; the log says `retry timeout exceeded`.
    ("bounced", "expired"): 1,
    # The record left out what the ACL had frozen: no line names a recipient, and two were given up after two days.
    ("no message", "held"): 2,
    ("no message", "expired"): 2,
}


def test_every_recipient_ends_as_it_really_did() -> None:
    """Each recipient has one row with the outcome of the truth, but for those of which it is known why not."""
    log = CASE / "input.log.gz"
    text = gzip.decompress(log.read_bytes()).decode("utf-8", "replace")
    found = list(compare(load(CASE / "truth.json.gz"), rows("log", log), text))
    unexplained = Counter((mismatch.truth, mismatch.answer) for mismatch in found if not mismatch.why)

    assert unexplained == KNOWN, "\n" + table(found)
    assert len(found) - unexplained.total() == 3, "\n" + table(found)
