"""Nouns and what is said of them, put together in every way: no rule knows these sentences one by one."""

from __future__ import annotations

from itertools import product

import pytest

from mailaudit import classify

RECIPIENTS = (
    "user",
    "mailbox",
    "recipient",
    "rcpt",
    "local part",
    "address",
    "account",
    "mail drop",
    "addressee",
    "alias",
    "e-mail address",
    "mail user",
    "userid",
    "subscriber",
    "customer",
    "inbox",
    "email account",
    "destination address",
    "local user",
    "recipient address",
)
"""The recipient, as servers call it."""

BAD = ("No such", "bad", "invalid", "unknown", "illegal", "non-existent", "unrecognized", "wrong", "obsolete", "fake")
ABSENT = (
    "not found",
    "unknown",
    "does not exist",
    "is invalid",
    "is unknown here",
    "no longer exists",
    "could not be verified",
    "has been deleted",
    "not registered",
    "is not on this server",
    "ceased to exist",
)
OFF = (
    "is disabled",
    "inactive",
    "not activated",
    "has been suspended",
    "is locked",
    "deactivated",
    "closed for inactivity",
    "is dormant",
    "on hold",
    "not in service",
)
DISABLED = ("disabled", "inactive", "suspended", "deactivated", "locked", "dormant", "frozen")
FULL = (
    "is full",
    "over quota",
    "quota exceeded",
    "out of space",
    "has reached its quota",
    "is overfull",
    "storage full",
)

SENDERS = (
    "Sender",
    "Sender address",
    "Sender domain",
    "MAIL FROM",
    "From address",
    "Return path",
    "Envelope sender",
    "Sender <news@example.com>",
    "Originator",
)
UNVERIFIED = ("does not exist", "unknown", "not found", "has no MX record", "does not resolve", "verification failed")
REFUSED = ("rejected", "refused", "denied", "blocked", "not accepted", "banned", "is blacklisted", "is not permitted")

SERVERS = (
    "Your IP",
    "IP 192.0.2.1",
    "Client host [192.0.2.1]",
    "192.0.2.1",
    "Your mail server",
    "Sending IP",
    "Host mail.example.com [192.0.2.1]",
    "Your IP address 192.0.2.1",
)
LISTED = (
    "blocked",
    "is blacklisted",
    "is black-listed",
    "is on a blacklist",
    "is on our block list",
    "found on RBL",
    "has been blocked for spam",
    "has sent spam",
    "is in our spam database",
    "is on my ban list",
    "is dynamic",
)

DEAD = {"recipient_unknown", "recipient_syntax", "mailbox_disabled"}
LISTS = {"ip_blocked", "reputation", "domain_blocked", "sender_blocked", "host_identity"}

SENTENCES = [
    ("550", BAD, RECIPIENTS, DEAD),
    ("550 5.7.1", RECIPIENTS, ABSENT, DEAD),
    ("553", [f"{noun} ann@example.com" for noun in RECIPIENTS], ABSENT, DEAD),
    ("550", RECIPIENTS, OFF, {"mailbox_disabled", "recipient_unknown"}),
    ("550", DISABLED, RECIPIENTS, {"mailbox_disabled", "recipient_unknown"}),
    ("552", RECIPIENTS, FULL, {"mailbox_full"}),
    ("550", SENDERS, UNVERIFIED, {"sender_invalid", "auth_failed", "smtp_auth_required"}),
    ("554 5.7.1", SENDERS, REFUSED, {"sender_blocked", "sender_invalid", "domain_blocked", "ip_blocked"}),
    ("550", SERVERS, LISTED, LISTS),
    ("554 5.7.1", SERVERS, LISTED, LISTS),
    ("421", SERVERS, LISTED, LISTS),
]


@pytest.mark.parametrize(
    ("code", "first", "second", "meant"), SENTENCES, ids=[f"{row[0]} {row[1][0]} {row[2][0]}" for row in SENTENCES]
)
def test_a_noun_and_what_is_said_of_it_are_understood_together(
    code: str, first: tuple[str, ...], second: tuple[str, ...], meant: set[str]
) -> None:
    """Whatever a server calls the recipient, the sender or the client, and in whatever words it is dead or refused."""
    replies = [f"{code} {left} {right}" for left, right in product(first, second)]

    assert {reply: found for reply in replies if (found := classify.verdict(reply).category) not in meant} == {}


SAID = [
    ("host_identity", "550", "no PTR record|reverse DNS lookup failed|Invalid HELO|no DNS entry for your IP"),
    ("relay_denied", "553 5.7.1", "no relaying|this is not our domain|domain not in rcpthosts|foreign domain refused"),
    ("rate_limited", "451", "rate limit exceeded|sending too fast|reduce your rate|burst limit|volume too high"),
    ("connection_limit", "421", "too many sessions|no more connections allowed|connection limit exceeded"),
    ("greylisted", "451 4.7.1", "sqlgrey|delayed for 300 seconds|first time sender, try again|gray-listed"),
    ("message_too_large", "552", "message too big|oversized message|message is larger than allowed"),
    ("content_rejected", "550", "bad content|zip attachments rejected|contains a script|banned file"),
    ("system_error", "421 4.3.2", "system not accepting messages|internal error|local problem|server busy"),
    ("connection_failed", "421 4.4.1", "bad connection|premature disconnect|mail server is not reachable|read timeout"),
    ("dns_failure", "451 4.4.3", "resolver error|could not look up MX|Host not found, try again|SERVFAIL"),
    ("domain_unknown", "550", "misspelled domain|no DNS for domain|destination domain invalid|unresolvable domain"),
    ("domain_no_mail", "550", "does not accept mail|no mail service at this domain|null MX"),
    (
        "tls_failure",
        "454 4.7.0",
        "no TLS|no shared cipher|self-signed certificate|unencrypted sessions not accepted",
    ),
    ("protocol_error", "503", "EHLO required|Bad sequence of commands|sender already specified"),
    ("smtp_auth_required", "550", "not authenticated|Please log in first|must authenticate"),
    ("recipient_refused", "550", "personal blacklist|members only list|user refuses mail from you"),
    ("routing_loop", "550", "hops exceeded|circular forwarding|redirect loop"),
    ("expired", "550 5.4.7", "undelivered for too long|delivery attempts exceeded|message too old"),
]


@pytest.mark.parametrize(("meant", "code", "said"), SAID, ids=[row[0] for row in SAID])
def test_few_words_say_enough(meant: str, code: str, said: str) -> None:
    """A reply of two or three words behind its code is understood."""
    assert {words: classify.verdict(f"{code} {words}").category for words in said.split("|")} == dict.fromkeys(
        said.split("|"), meant
    )
