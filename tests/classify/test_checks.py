"""Which check failed, as the reply says it, and what repairs it."""

from __future__ import annotations

import pytest

from mailaudit import classify
from mailaudit.classify.checks import checks
from mailaudit.classify.meanings import limits
from mailaudit.classify.tables import categories

GOOGLE = "550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. Authentication results: "


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ("550 5.7.23 The message was rejected because of Sender Policy Framework violation", ["SPF"]),
        ("550 5.7.23 no", ["SPF"]),
        ("550 5.7.20 No passing DKIM signature found", ["DKIM"]),
        ("550 5.7.1 Email rejected per DMARC policy for example.com", ["DMARC"]),
        ("550 5.7.515 Access denied, sending domain does not meet the required authentication level", ["DMARC"]),
        (GOOGLE + "DKIM = did not pass SPF [a.example] with ip: [192.0.2.1] = did not pass", ["SPF", "DKIM"]),
        (GOOGLE + "DKIM = did not pass SPF [a.example] with ip: [192.0.2.1] = pass", ["DKIM"]),
        ("550 5.7.26 DKIM did not pass, SPF passed, DMARC policy is reject", ["DKIM", "DMARC"]),
        ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", ["Reverse DNS"]),
        ("504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", ["HELO"]),
    ],
)
def test_the_action_names_what_failed(reply: str, named: list[str]) -> None:
    """Each check that the reply says failed, with its repair; one that passed is not among them."""
    action = classify.verdict(reply).action
    first, _, _ = action.partition(" failed: ")

    assert first.replace(" and ", ", ").split(", ") == named
    assert all((check.repair in action) == (check.name in named) for check in checks())


@pytest.mark.parametrize(
    "reply", ["550 5.7.1 Message rejected: sender failed authentication checks", "550 5.1.1 User unknown, SPF passed"]
)
def test_where_nothing_is_named(reply: str) -> None:
    """The category's own advice stands."""
    found = classify.verdict(reply)

    assert found.action == categories()[found.category].action


def test_bulk_senders_are_told_the_receivers_limits() -> None:
    """Google, Yahoo, Microsoft and Apple have published what they ask; it is told with causes it is about."""
    refused = "550-5.7.26 Unauthenticated email from example.com is not accepted due to DMARC policy. - gsmtp"
    unknown = "550-5.1.1 The email account that you tried to reach does not exist. - gsmtp"
    host = "alt1.gmail-smtp-in.l.google.com"

    assert ["0.1 %" in text for text in limits(classify.verdict(refused), refused)] == [True]
    assert ["0.3 %" in text for text in limits(classify.verdict("550 DMARC"), "550 DMARC", host)] == [True]
    assert list(limits(classify.verdict(unknown), unknown, host)) == []
