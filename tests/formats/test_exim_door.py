"""What Exim says of those that it turned away."""

from __future__ import annotations

import pytest
from tests.formats.lines import Told

ID = "1vE8BK-00008T-1p"
CLIENT = "H=mx.src.example (helo.example) [192.0.2.1]:4321 I=[203.0.113.1]:25"


def refusals(*bodies: str) -> list[dict[str, object]]:
    """The refusals that lines of Exim tell of."""
    return Told("exim", *bodies, tag="exim").refusals


def test_a_rejected_recipient() -> None:
    """Client, HELO, sender, user, recipient and reason come from the one line."""
    (row,) = refusals(
        f"{CLIENT} X=TLS1.3:AES_256_GCM:256 CV=no F=<a@src.example> A=plain:joe temporarily rejected RCPT "
        "<b@dst.example>: greylisted"
    )

    assert row == {
        "no": 1,
        "tag": "exim",
        "event": "rejected",
        "raw_event": "reject",
        "phase": "RCPT",
        "cause": "greylisting",
        "client_host": "mx.src.example",
        "client_ip": "192.0.2.1",
        "helo": "helo.example",
        "sender": "a@src.example",
        "sasl_user": "joe",
        "recipient": "b@dst.example",
        "reply": "temporarily: greylisted",
    }


def test_an_address_is_no_reply_code() -> None:
    """A reason may begin with the client's address, whose first digits look like a code."""
    (row,) = refusals("H=[203.0.113.7] F=<> rejected RCPT <b@dst.example>: 203.0.113.7 is listed at zen.example")

    assert row["cause"] == "blocklist"
    assert "smtp_code" not in row
    assert "enhanced_status" not in row


@pytest.mark.parametrize(
    ("text", "phase", "cause"),
    [
        ("H=[192.0.2.1] F=<> rejected RCPT <b@dst.example>: Unknown user", "RCPT", "unknown_user"),
        ("H=[192.0.2.1] F=<> rejected RCPT b@dst.example: relay not permitted", "RCPT", "relay"),
        ("H=[192.0.2.1] F=<> rejected RCPT <b@dst.example>: Sender verify failed", "RCPT", "sender"),
        (
            "H=[192.0.2.1] rejected MAIL <a@src.example>: 192.0.2.1 is in a black list at zen.example",
            "MAIL",
            "blocklist",
        ),
        ("H=[192.0.2.1] rejected EHLO or HELO x.example: no", "HELO", "policy"),
        ('H=[192.0.2.1] rejected connection in "connect" ACL: go away', "CONNECT", "policy"),
        (f"{ID} H=[192.0.2.1] F=<> rejected after DATA: this is spam", "END-OF-MESSAGE", "content"),
        (f"{ID} H=[192.0.2.1] F=<> rejected during MIME ACL checks: virus", "END-OF-MESSAGE", "content"),
        ("rejected EHLO from [192.0.2.1]: syntactically invalid argument(s): (no argument given)", "HELO", "syntax"),
        ("rejected MAIL FROM:<a@src.example> H=[192.0.2.1]: message too big: size=9 max=8", "MAIL", "size"),
        (f"{ID} rejected from <a@src.example> H=[192.0.2.1]: message too big: read=9 max=8", "END-OF-MESSAGE", "size"),
        ("too many recipients: message rejected: sender=<a@src.example> H=[192.0.2.1]", "RCPT", "rate"),
        ("unqualified recipient rejected: <b> H=[192.0.2.1]", "RCPT", "syntax"),
        ("Connection from [192.0.2.1] refused: too many connections", "CONNECT", "rate"),
        ("refused connection from [192.0.2.1] (host_reject_connection)", "CONNECT", "policy"),
        ('SMTP call from [192.0.2.1] dropped: too many unrecognized commands (last was "GET")', "CONNECT", "rate"),
        (
            (
                "SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): "
                'rejected "EHLO x" H=[192.0.2.1] next input="QUIT"'
            ),
            "CONNECT",
            "syntax",
        ),
        (
            "login authenticator failed for (x) [192.0.2.1]: 535 Incorrect authentication data (set_id=joe)",
            "AUTH",
            "auth",
        ),
    ],
)
def test_every_phase(text: str, phase: str, cause: str) -> None:
    """Wherever a client is turned away, it is one refusal with the client's address."""
    (row,) = refusals(text)

    assert (row["event"], row["phase"], row["cause"], row["client_ip"]) == ("rejected", phase, cause, "192.0.2.1")


@pytest.mark.parametrize(
    "text",
    [
        'H=[192.0.2.1] F=<"x> rejected RCPT <y@z>: no"@src.example> rejected RCPT <b@dst.example>: relay not permitted',
        (
            "H=(any (old) [198.51.100.1] F=<> rejected RCPT <x@y>: text) [192.0.2.1] F=<a@src.example> rejected RCPT "
            "<b@dst.example>: relay not permitted"
        ),
    ],
)
def test_a_client_that_talks_like_the_log(text: str) -> None:
    """What a client says of itself or of the sender is no other client's refusal."""
    (row,) = refusals(text)

    assert (row["client_ip"], row["recipient"], row["reply"]) == ("192.0.2.1", "b@dst.example", "relay not permitted")


def test_the_hint_before_a_refusal_is_none() -> None:
    """That a sender could not be verified stands on a line of its own; the refusal is another."""
    assert refusals("H=[192.0.2.1] sender verify fail for <a@src.example>: Unrouteable address") == []


def test_told_no_and_taken() -> None:
    """A message that is refused for show is a refusal, and a message."""
    found = Told("exim", f"{ID} (= a@src.example H=[192.0.2.1] P=smtp S=9", tag="exim")

    assert [row["raw_event"] for row in found.refusals] == ["fake-reject"]
    assert [row["sender"] for row in found.messages] == ["a@src.example"]
