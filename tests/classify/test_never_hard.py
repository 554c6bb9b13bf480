"""What is never a dead address: sentences of dead things that are not the recipient, composed from their parts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit import classify
from mailaudit.classify import tables
from mailaudit.classify.ruleset import ours
from mailaudit.classify.verdicts import HIGH

CODES = ("550", "550 5.1.1", "550 5.7.1", "553 5.1.8", "501 5.1.7", "554", "450 4.1.7", "451 4.7.1")

SENDERS = (
    "sender",
    "sender address",
    "sender <ann@example.com>",
    "<ann@example.com>: Sender address rejected:",
    "MAIL FROM address",
    "MAIL FROM <ann@example.com>",
    "return path",
    "return address <ann@example.com>",
    "envelope sender",
    "envelope from address",
    "your domain",
    "your address",
    "your email address ann@example.com",
    "sender domain example.com",
    "domain of sender address ann@example.com",
    "From address",
    "originator address",
    "sender's domain",
    "sender mailbox",
    "sender account",
    "bounce address",
    "reverse-path",
    "address of the sender",
    "sender verify failed:",
    "sender verification failed for <ann@example.com>:",
    "callback to sender <ann@example.com>:",
)
"""The sender, as receivers call it."""

DEAD = (
    "unknown",
    "is unknown",
    "User unknown",
    "no such user",
    "does not exist",
    "doesn't exist",
    "not found",
    "is invalid",
    "undeliverable address",
    "is not a valid address",
    "is disabled",
    "is suspended",
    "is no longer valid",
    "could not be verified",
    "cannot be found",
    "unrouteable address",
    "mailbox unavailable",
    "has been deactivated",
    "is not registered",
    "has no MX or A record",
    "domain not found",
    "host not found",
    "does not resolve",
)
"""What is said of dead addresses."""

THINGS = (
    "HELO name",
    "EHLO hostname",
    "reverse DNS",
    "PTR record",
    "your hostname",
    "client host",
    "IP address",
    "certificate",
    "command",
    "From header",
    "Message-ID header",
    "password",
    "user name or password",
    "credentials",
    "login",
    "authentication",
    "SPF record",
    "DKIM signature",
    "DMARC policy",
    "link",
    "URL",
    "attachment",
    "file name",
    "character set",
    "token",
    "session",
    "client certificate",
    "API key",
    "sending server",
    "signature",
    "MIME type",
    "reply-to address",
    "content type",
    "license key",
    "country",
    "network",
    "user database",
    "mailbox server",
    "mailbox store",
    "authenticated user",
    "SASL user",
    "your account",
    "your server",
    "message",
    "queue file",
)
"""What is no address of a recipient."""

BROKEN = (
    "unknown",
    "does not exist",
    "not found",
    "is invalid",
    "is not valid",
    "is disabled",
    "is blocked",
    "is not recognized",
    "is missing",
    "rejected",
    "incorrect",
    "has expired",
    "could not be verified",
    "is suspended",
)
"""What may be said of such things, and of addresses too."""

REASONS = (
    "mailbox full",
    "over quota",
    "quota exceeded",
    "greylisted, try again later",
    "rate limit exceeded",
    "spam detected",
    "blocked using zen.spamhaus.org",
    "relaying denied",
    "message too large",
    "virus found",
    "SPF check failed",
    "authentication required",
    "too many recipients",
    "too many connections",
    "poor reputation",
    "policy violation",
)
"""Causes that leave the address alive."""

CODES_OF_THE_DEAD = (
    "550 5.1.1",
    "550 5.1.1 <ann@example.com>:",
    "550 5.1.1 Recipient address rejected:",
    "550 <ann@example.com>: Recipient address rejected:",
    "550 5.2.1",
    "550 5.1.2",
    "450 4.1.1",
    "550 5.4.1 Recipient address rejected:",
)
"""Codes and first words that alone would mean a dead address."""


@given(st.sampled_from(CODES), st.sampled_from(SENDERS), st.sampled_from(DEAD))
@settings(max_examples=examples(400), deadline=None)
def test_a_dead_sender_is_no_dead_recipient(code: str, sender: str, dead: str) -> None:
    """Whatever is said of the sender's address, and with whatever code, the recipient is not given up for it."""
    assert classify.verdict(f"{code} {sender} {dead}").type != "hard"


@given(
    st.sampled_from(CODES),
    st.sampled_from(("", "Message rejected: ")),
    st.sampled_from(THINGS),
    st.sampled_from(BROKEN),
)
@settings(max_examples=examples(400), deadline=None)
def test_what_is_no_address_is_no_dead_address(code: str, before: str, thing: str, broken: str) -> None:
    """A name, a key or a file that is unknown, invalid or expired says nothing of the recipient."""
    if code.endswith((".1.1", ".1.8", ".1.7")):
        code = code[:3]

    assert classify.verdict(f"{code} {before}{thing} {broken}").type != "hard"


@pytest.mark.parametrize("code", CODES_OF_THE_DEAD)
@pytest.mark.parametrize("reason", REASONS)
def test_words_go_before_the_codes_of_dead_addresses(code: str, reason: str) -> None:
    """5.1.1 with a full mailbox, a rate or a policy behind it is what the words say."""
    assert classify.verdict(f"{code} {reason}").type != "hard"


PLAIN = [
    rule
    for rule in ours().rules
    if rule.tier <= HIGH
    and rule.words
    and not (rule.status or rule.smtp or rule.phase or rule.host)
    and tables.categories()[rule.category].type not in {"hard", "info"}
]
"""Rules that know a live address by words alone."""

BY_CODE = {
    "microsoft-access-denied": "with 5.4.1 or 5.1.1, the same words say that the directory lacks the address",
    "service-too-old": "the whole event of a service, which has no code",
    "abroad-come-back": "asked for only without a permanent code",
    "address-not-yet-verified": "asked for only without a permanent code",
    "amavis-returned": "the notice of a program, which has no code",
    "notice-expired": "the notice of a program, which has no code",
}


@pytest.mark.parametrize("code", ["550 5.1.1", "550 5.2.1", "550 5.1.2"])
@pytest.mark.parametrize("rule", [rule for rule in PLAIN if rule.id not in BY_CODE], ids=lambda rule: rule.id)
def test_plain_words_of_a_live_address_hold_with_any_code(rule: tables.Rule, code: str) -> None:
    """Each rule's own example, sent with a code of dead addresses instead of its own."""
    said = re.sub(r"^(?:\d{3}[ -])?(?:\d\.\d{1,3}\.\d{1,3} )?", "", rule.example)

    assert classify.verdict(f"{code} {said}").type != "hard"


ADDED = (
    "for the recipient domain example.com",
    "[recipient domain example.com]",
    "to recipient <ann@example.com>",
    "for mailbox <ann@example.com>",
    "for user ann",
    "addressed to this account",
    "the destination domain is example.com",
    "The recipient's mail server said so.",
    "Please check the recipient's address and try again.",
    "Please verify the email address.",
    "Please contact the recipient by other means.",
    "If the address is correct, contact the recipient's administrator.",
    "Learn more about invalid recipients at https://example.com/",
    "See the address lookup page.",
)
"""What receivers put behind a refusal of any kind: advice, and whom it was for."""


@given(st.sampled_from([rule for rule in PLAIN if rule.id not in BY_CODE]), st.sampled_from(ADDED))
@settings(max_examples=examples(600), deadline=None)
def test_who_it_was_for_and_advice_change_nothing(rule: tables.Rule, added: str) -> None:
    """A refusal that also speaks of the recipient stays one."""
    assert classify.verdict(f"{rule.example} {added}").type != "hard"
