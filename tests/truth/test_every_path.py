"""Runs of real servers that take a mail along every path: how each recipient ended is what the receivers recorded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.program import rows
from tests.truth.compare import compare, load, table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
UNNAMED = {
    "dovecot/sieve": 0,
    "opensmtpd/every-path": 0,
    "opensmtpd/mailboxes-and-replies": 0,
    "postfix/aliases-in-parts": 0,
    "postfix/every-path": 0,
    "postfix/filters-and-requeued": 0,
    "postfix/other-name": 0,
    "postfix/two-instances": 0,
    "postfix/with-amavis": 0,
    "postfix/with-sendmail": 0,
    "sendmail/access-and-quarantine": 0,
    "sendmail/every-path": 3,
    "sendmail/three-servers": 0,
    "sendmail/with-amavis": 0,
}
"""Recipients that the log never names: sendmail hung in the delivery to others each time before it came to them."""

KEPT = {"postfix/every-path": ("fwd@mail.meadow.example", 7)}
"""Copies that a .forward keeps in a mailbox, which this record of the truth did not look into, though the log says
`delivered to mailbox`; that of `aliases-in-parts` did, and has such copies as recipients."""


@pytest.mark.parametrize("case", UNNAMED)
def test_every_recipient_ends_as_it_really_did(case: str) -> None:
    """Each recipient has one row with the outcome of the truth, and no row has a recipient that the truth lacks.

    But for `KEPT`, whose number is known, and whose end is a delivery.
    """
    log = FIXTURES / case / "input.log.gz"
    text = gzip.decompress(log.read_bytes()).decode("utf-8", "replace")
    found = list(compare(load(FIXTURES / case / "truth.json.gz"), rows("log", log), text))
    address, copies = KEPT.get(case, ("", 0))
    kept = [it for it in found if (it.recipient, it.truth, it.answer) == (address, "no recipient", "delivered")]
    found = [it for it in found if it not in kept]

    assert len(kept) == copies
    assert [mismatch for mismatch in found if not mismatch.why] == [], "\n" + table(found)
    assert len(found) == UNNAMED[case], "\n" + table(found)
