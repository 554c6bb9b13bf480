"""Lines as they stand in logs and forum posts of other people: old versions, patches, lines that someone shortened.

Names and addresses are changed, forms are not.
"""

from __future__ import annotations

import pytest
from tests.formats.lines import Told

ID = "4F1A2B3C01"
SM = "v4V4QL1K030027"
REFUSED = (
    "192.0.2.1]: 552 Message size exceeds fixed limit; from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<x>"
)

DELIVERIES = {
    "without relay, delay and dsn": (
        f"{ID}: to=<b@dst.example>, status=deferred (delivery temporarily suspended: connect to x[192.0.2.1]:25: no)",
        ("b@dst.example", "deferred", None, False),
    ),
    "without delay": (
        f"{ID}: to=<b@dst.example>, relay=127.0.0.1[127.0.0.1]:10024, dsn=2.0.0, status=sent (250 queued as 9F1A2B3C)",
        ("b@dst.example", "relayed", "127.0.0.1", True),
    ),
    "without the comma after conn_use": (
        (
            f"{ID}: to=<b@dst.example>, relay=mx.dst.example[192.0.2.1]:25, conn_use=2 delay=1021, delays=1/0/0/0, "
            "dsn=2.0.0, status=sent (250 Ok)"
        ),
        ("b@dst.example", "delivered", "mx.dst.example", True),
    ),
    "soft_bounce, with a final code": (
        (
            f"{ID}: to=<b@dst.example>, relay=mx.dst.example[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=4.0.0, "
            "status=SOFTBOUNCE (host mx.dst.example[192.0.2.1] said: 553 sorry (#5.7.1) (in reply to RCPT TO command))"
        ),
        ("b@dst.example", "deferred", "mx.dst.example", True),
    ),
    "of Postfix 2.0": (
        f"{ID}: to=<b@dst.example>, relay=virtual, delay=0, status=sent (maildir)",
        ("b@dst.example", "delivered", "virtual", True),
    ),
}


@pytest.mark.parametrize("case", DELIVERIES)
def test_a_delivery(case: str) -> None:
    """Recipient, event, relay and whether it was tried."""
    body, expected = DELIVERIES[case]
    found = Told("postfix", body, tag="postfix/smtp")
    (row,) = found.deliveries

    assert found.unparsed == []
    assert (row["recipient"], row["event"], row.get("relay_host"), row["attempted"]) == expected


@pytest.mark.parametrize(
    "body",
    [
        f"{ID}: to=<b, status=sent (c@dst.example>, status=bounced (no)",
        f"{ID}: to=b@dst.example, status=sent (250 ok)",
        f"{ID}: to=<b@dst.example>, status=sent",
    ],
)
def test_what_was_shortened_too_much_claims_nothing(body: str) -> None:
    """Without relay and delay, the address must be whole, and the status must be Postfix's own."""
    found = Told("postfix", body, tag="postfix/smtp")

    assert (found.deliveries, found.unparsed) == ([], [1])


@pytest.mark.parametrize(
    ("daemon", "body", "kind"),
    [
        ("smtpd", f"reject: RCPT from c.example[{REFUSED}", "access"),
        ("smtpd", f"reject_warning: RCPT from c.example[{REFUSED}", "access"),
        ("smtpd", "NOQUEUE: warn: RCPT from c.example[192.0.2.1]: ; from=<a@src.example> to=<b@dst.example>", "access"),
        (
            "smtpd",
            "proxy-reject: END-OF-MESSAGE: ; from=<a@src.example> to=<b@dst.example> proto=SMTP helo=<x>",
            "proxy",
        ),
        ("smtpd", "proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (2C225C6817C7EEE1481); from=<a@src.example>", "proxy"),
        ("smtpd", "warning: c.example[192.0.2.1]: SASL DIGEST-MD5 authentication failed", "auth_failed"),
        ("postscreen", "NOQUEUE: reject: CONNECT from [192.0.2.1]:5678: all screening ports busy", "access"),
        ("smtp", f"{ID}: SASL [CACHED] authentication failed; server x[192.0.2.1] said: 535 no", "session_failed"),
        ("smtp", f"{ID}: replace: header From: <a@src.example>: From: <b@src.example>", "header_check"),
        ("smtp", f"{ID}: warning: header Subject: hello from x; to=<a@b>", "header_check"),
        ("cleanup", f"{ID}: replace: header Sender: <a@src.example>: Sender: <b@src.example>", "header_check"),
        ("cleanup", f"{ID}: warning: header Subject: hi from c.example[192.0.2.1]; from=<a@src.example>", "check"),
        ("smtpd", "verify error:num=18:self signed certificate", "certificate"),
        ("smtp", "Peer verification: CommonName in certificate does not match: a.example != b.example", "certificate"),
    ],
)
def test_a_line_of_postfix(daemon: str, body: str, kind: str) -> None:
    """Each is of its kind."""
    found = Told("postfix", body, tag=f"postfix/{daemon}")

    assert found.counts == {kind: 1}


def test_a_refusal_that_cleanup_has_nothing_to_do_with_is_not_understood() -> None:
    """A word of a refusal is no name of a function: such a line must not be taken for debugging."""
    found = Told("postfix", "reject_warning: RCPT from c.example[192.0.2.1]: 554 no", tag="postfix/cleanup")

    assert found.unparsed == [1]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"{SM}: [192.0.2.1]: expn info [rejected]", "probe"),
        (f"{SM}: c.example [192.0.2.1]: vrfy root [rejected]", "probe"),
        (f"{SM}: dowork, pid=12", "queue_run"),
        ("NOQUEUE: finis, pid=12", "queue_run"),
        ("runqueue /var/spool/mqueue, pid=12, forkflag=1", "queue_run"),
        (f"{SM}: too young (5 minutes)", "queue_run"),
        (f"{SM}: changed", "queue_run"),
        (f"{SM}: milter=spamass, reject=550 5.7.1 no", "milter_note"),
        ("/etc/mail/aliases: 63 aliases, longest 10 bytes, 625 bytes total", "aliases"),
    ],
)
def test_a_line_of_sendmail(body: str, kind: str) -> None:
    """Each is of its kind."""
    assert Told("sendmail", body, tag="sm-mta").counts == {kind: 1}


def test_a_command_is_told_as_the_client_wrote_it() -> None:
    """But the phase is one word, however it was written."""
    found = Told("sendmail", f"{SM}: [192.0.2.1]: expn info [rejected]", tag="sm-mta")

    assert [(row["phase"], row["recipient"], row["client_ip"]) for row in found.refusals] == [
        ("EXPN", "info", "192.0.2.1")
    ]


def test_a_recipient_with_a_name_before_the_address() -> None:
    """The command line had it so."""
    found = Told(
        "sendmail",
        f"{SM}: to=Ann Other <b@dst.example>, delay=00:01:00, mailer=relay, relay=[127.0.0.1] [127.0.0.1], stat=Sent",
        tag="sendmail",
    )

    assert [row["recipient"] for row in found.deliveries] == ["b@dst.example"]
