"""Registered domains, providers and folded senders."""

from __future__ import annotations

import pytest

from mailaudit.measure.dimensions import folded, isp
from mailaudit.measure.suffixes import registered_domain


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("gmail-smtp-in.l.google.com", "google.com"),
        ("mx1.mail.example.co.uk", "example.co.uk"),
        ("EXAMPLE.ORG.", "example.org"),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", "amazonaws.com"),
        ("a.b.www.ck", "www.ck"),
        ("a.b.something.ck", "b.something.ck"),
        ("mail.example.xn--p1ai", "example.xn--p1ai"),
        ("mail.corp.lan", "corp.lan"),
        ("mail.example.com[private/dovecot-lmtp]", "example.com"),
        ("co.uk", None),
        ("localhost", None),
        ("192.0.2.1", None),
        ("", None),
        ("-- drop table", None),
    ],
)
def test_the_registered_domain_follows_the_public_suffix_list(name: str, domain: str | None) -> None:
    """Wildcards, exceptions and international suffixes count; addresses and single words have no domain."""
    assert registered_domain(name) == domain


@pytest.mark.parametrize(
    ("relay", "domain", "provider"),
    [
        ("gmail-smtp-in.l.google.com", "gmail.com", "Google"),
        ("aspmx.l.google.com", "company.example", "Google"),
        ("company-com.mail.protection.outlook.com", "company.com", "Microsoft"),
        (None, "hotmail.co.uk", "Microsoft"),
        ("smarthost.example.net", "yahoo.it", "Yahoo"),
        ("mx.company.example", "company.example", "other"),
        ("local", "gmail.com", "local"),
        (None, None, "other"),
    ],
)
def test_the_provider_is_that_of_the_relay_else_of_the_domain(
    relay: str | None, domain: str | None, provider: str
) -> None:
    """Who runs the mailbox is seen by who answers; a relay nobody knows may be anybody's."""
    assert isp(relay, domain) == provider


@pytest.mark.parametrize(
    ("sender", "ways", "counts_as"),
    [
        ("anna+shop@a.example", ("plus",), "anna@a.example"),
        ("anna+shop@a.example", ("srs",), "anna+shop@a.example"),
        ("SRS0=HHH=TT=orig.example=bob@forwarder.example", ("srs",), "bob@orig.example"),
        ("SRS1=GGG=first.example==HHH=TT=orig.example=bob@second.example", ("srs",), "bob@orig.example"),
        ("prvs=4276b8a0c1=bob@b.example", ("prvs",), "bob@b.example"),
        ("list-bounces+ann=a.example@lists.example", ("verp",), "list@lists.example"),
        ("bounce-123456-78@mailer.example", ("verp",), "bounce-*-78@mailer.example"),
        ("my-list-bounces+ann-marie=a.example@lists.example", ("verp",), "my-list@lists.example"),
        ("a" * 600 + "+x@a.example", ("plus",), "a" * 600 + "+x@a.example"),
        ("", ("plus", "srs", "prvs", "verp"), ""),
        ("+@a.example", ("plus",), "+@a.example"),
    ],
)
def test_senders_fold(sender: str, ways: tuple[str, ...], counts_as: str) -> None:
    """Only what differs from mail to mail is removed, and only in the ways asked for."""
    assert folded(sender, ways) == counts_as
