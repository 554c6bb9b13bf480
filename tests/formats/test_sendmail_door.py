"""What sendmail refused, held or discarded at the door, and the handshakes there."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

from mailaudit.model.acts import TOLD

ID = "v4V4QL1K030027"


def told(*bodies: str, tag: str | None = "sm-mta") -> Told:
    """What lines of sendmail say."""
    return Told("sendmail", *bodies, tag=tag)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "ruleset=check_rcpt, arg1=<b@dst.example>, relay=mx.src.example [192.0.2.1], reject=550 "
                "5.7.1 <b@dst.example>... Relaying denied"
            ),
            {
                "raw_event": "ruleset",
                "phase": "RCPT",
                "cause": "relay",
                "recipient": "b@dst.example",
                "client_host": "mx.src.example",
                "client_ip": "192.0.2.1",
                "smtp_code": 550,
                "enhanced_status": "5.7.1",
            },
        ),
        (
            (
                "ruleset=check_mail, arg1=<a@src.example>, relay=[192.0.2.1], reject=451 4.1.8 Domain of "
                "sender address a@src.example does not resolve"
            ),
            {
                "raw_event": "ruleset",
                "phase": "MAIL",
                "cause": "sender",
                "sender": "a@src.example",
                "client_ip": "192.0.2.1",
                "smtp_code": 451,
                "enhanced_status": "4.1.8",
            },
        ),
        (
            (
                "ruleset=check_relay, arg1=[192.0.2.1], arg2=192.0.2.1, relay=[192.0.2.1], reject=553 "
                "5.3.0 192.0.2.1 listed at zen.dnsbl.example"
            ),
            {
                "raw_event": "ruleset",
                "phase": "CONNECT",
                "cause": "blocklist",
                "client_ip": "192.0.2.1",
                "smtp_code": 553,
                "enhanced_status": "5.3.0",
            },
        ),
        (
            'ruleset=check_rcpt, arg1=<"x, reject=550"@dst.example>, relay=[192.0.2.1], reject=550 5.1.1 No',
            {
                "raw_event": "ruleset",
                "phase": "RCPT",
                "recipient": '"x, reject=550"@dst.example',
                "client_ip": "192.0.2.1",
                "smtp_code": 550,
            },
        ),
        (
            "Milter: to=<b@dst.example>, reject=451 4.7.1 Greylisting in action, please come back in 5 minutes",
            {
                "raw_event": "milter",
                "phase": "RCPT",
                "cause": "greylisting",
                "recipient": "b@dst.example",
                "smtp_code": 451,
            },
        ),
        (
            "Milter: from=<a@src.example>, reject=550 5.7.1 No",
            {"phase": "MAIL", "sender": "a@src.example", "smtp_code": 550},
        ),
        ("Milter: helo=mx.src.example, reject=550 5.7.1 No", {"phase": "HELO", "helo": "mx.src.example"}),
        (
            "Milter: data, reject=554 5.7.1 Infected with Eicar",
            {"phase": "END-OF-MESSAGE", "cause": "content", "smtp_code": 554},
        ),
        (
            "<b@dst.example>... User unknown",
            {"raw_event": "user_unknown", "phase": "RCPT", "cause": "unknown_user", "recipient": "b@dst.example"},
        ),
        (
            "<b@dst.example>... Mailbox disabled for this recipient",
            {"raw_event": "reject", "phase": "RCPT", "recipient": "b@dst.example"},
        ),
        (
            (
                "AUTH failure (LOGIN): authentication failure (-13) SASL(-13): checkpass failed, "
                "user=joe, relay=mx.src.example [192.0.2.1]"
            ),
            {"raw_event": "auth", "phase": "AUTH", "cause": "auth", "sasl_user": "joe", "client_ip": "192.0.2.1"},
        ),
        (
            "rejecting commands from mx.src.example [192.0.2.1] due to pre-greeting traffic after 0 seconds",
            {
                "raw_event": "reject",
                "phase": "CONNECT",
                "cause": "syntax",
                "client_host": "mx.src.example",
                "client_ip": "192.0.2.1",
            },
        ),
        (
            "rejecting server EHLO from mx.src.example [192.0.2.1] due to traffic before response",
            {"raw_event": "reject", "phase": "EHLO", "cause": "syntax", "client_ip": "192.0.2.1"},
        ),
        (
            (
                "collect: relay=mx.src.example, from=<a@src.example>, info=Bare linefeed (LF) not "
                "allowed, where=header, status=tempfail"
            ),
            {
                "raw_event": "reject",
                "phase": "DATA",
                "cause": "syntax",
                "sender": "a@src.example",
                "client_host": "mx.src.example",
                "reply": "Bare linefeed (LF) not allowed",
            },
        ),
        (
            "mx.src.example [192.0.2.1]: VRFY root [rejected]",
            {"phase": "VRFY", "recipient": "root", "client_ip": "192.0.2.1"},
        ),
    ],
)
def test_refusals(text: str, expected: dict[str, Any]) -> None:
    """Who was refused, at which command, why and with which code: all as the line says it, nothing else."""
    found = told(f"{ID}: {text}")
    (row,) = found.refusals

    assert found.unparsed == []
    assert row["event"] == "rejected"
    assert row["queue_id"] == ID
    assert {name: row.get(name) for name in expected} == expected
    assert found.deliveries == []


def test_no_code_is_invented_for_user_unknown() -> None:
    """The line does not name the code that the client was told."""
    (row,) = told(f"{ID}: <b@dst.example>... User unknown").refusals

    assert not {"smtp_code", "enhanced_status"} & row.keys()


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("ruleset=check_rcpt, arg1=<b@dst.example>, relay=[192.0.2.1], discard", "discarded"),
        ("ruleset=check_mail, arg1=<a@src.example>, relay=[192.0.2.1], quarantine=Suspect", "held"),
        ("Milter: data, discard", "discarded"),
        ("milter=clamav, quarantine=Eicar found", "held"),
    ],
)
def test_a_verdict_may_accept_a_message_only_to_hold_or_lose_it(text: str, event: str) -> None:
    """The client was told yes, so this is no refusal but the fate of the message."""
    found = told(f"{ID}: {text}")

    assert [(row["event"], row.get("recipient")) for row in found.deliveries] == [(event, None)]
    assert found.refusals == []


def test_a_quarantined_recipient_is_held() -> None:
    """`stat=quarantined` in the queue: nothing was tried, nothing is lost."""
    (row,) = told(
        f"{ID}: to=<b@dst.example>, delay=00:00:01, mailer=esmtp, pri=30000, quarantine=Eicar found, "
        "dsn=4.7.1, stat=quarantined"
    ).deliveries

    assert (row["event"], row["attempted"]) == ("held", False)


def test_a_check_of_a_server_that_we_speak_to_is_no_refusal() -> None:
    """tls_server looks at the other side of our own connection; the `to=` line tells what came of it."""
    found = told(
        f"{ID}: ruleset=tls_server, arg1=SOFTWARE, relay=mx.dst.example, reject=403 4.7.0 TLS handshake failed."
    )

    assert found.unparsed == []
    assert found.refusals == []


def test_a_login_tells_the_user() -> None:
    """AUTH=server with a queue id says who sent the message."""
    (row,) = told(
        f"{ID}: AUTH=server, relay=mx.src.example [192.0.2.1], authid=joe@src.example, mech=PLAIN, bits=0"
    ).messages

    assert (row["act"], row["sasl_user"]) == (TOLD, "joe@src.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "STARTTLS=client, relay=mx.dst.example., version=TLSv1.3, verify=FAIL, cipher=AES256, bits=256/256",
            {"direction": "out", "peer": "mx.dst.example", "level": "FAIL", "version": "TLSv1.3", "cipher": "AES256"},
        ),
        (
            (
                "STARTTLS=server, relay=mx.src.example [192.0.2.1], version=TLSv1.2, verify=NO, "
                "cipher=AES256, bits=256/256"
            ),
            {
                "direction": "in",
                "peer": "mx.src.example",
                "peer_ip": "192.0.2.1",
                "level": "NO",
                "version": "TLSv1.2",
                "cipher": "AES256",
            },
        ),
    ],
)
def test_handshakes(text: str, expected: dict[str, str]) -> None:
    """Both directions, with the peer's name and, where it is on the line, its address."""
    (row,) = told(text).tls

    assert {
        name: row[name] for name in row.keys() & {"direction", "peer", "peer_ip", "level", "version", "cipher"}
    } == expected
