"""What Postfix refused, limited, held or let pass at the door."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.lines import Told

ID = "4F1A2B3C01"


def told(text: str, daemon: str = "smtpd") -> Told:
    """What a line of the server says."""
    return Told("postfix", text, tag=f"postfix/{daemon}")


REFUSALS = (
    (
        "smtpd",
        (
            "NOQUEUE: reject: RCPT from mx.src.example[192.0.2.1]: 554 5.7.1 <b@dst.example>: Relay access denied; "
            "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx.src.example>"
        ),
        {
            "event": "rejected",
            "raw_event": "reject",
            "phase": "RCPT",
            "cause": "relay",
            "client_host": "mx.src.example",
            "client_ip": "192.0.2.1",
            "sender": "a@src.example",
            "recipient": "b@dst.example",
            "helo": "mx.src.example",
            "smtp_code": 554,
            "enhanced_status": "5.7.1",
            "reply": "554 5.7.1 <b@dst.example>: Relay access denied",
        },
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: CONNECT from unknown[192.0.2.1]: 554 5.7.1 <unknown[192.0.2.1]>: Client "
            "host rejected: Access denied; proto=SMTP"
        ),
        {
            "phase": "CONNECT",
            "cause": "client",
            "client_host": None,
            "client_ip": "192.0.2.1",
            "reply": "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
        },
    ),
    (
        "smtpd",
        "NOQUEUE: reject: CONNECT from unknown[unknown]: 421 4.3.2 Service currently unavailable; proto=SMTP",
        {"client_host": None, "client_ip": None, "smtp_code": 421},
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: EHLO from unknown[192.0.2.1]: 504 5.5.2 <x>: Helo command rejected: need "
            "fully-qualified hostname; proto=ESMTP helo=<x>"
        ),
        {
            "phase": "EHLO",
            "cause": "helo",
            "helo": "x",
            "reply": "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
        },
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: VRFY from unknown[2001:db8::1]: 550 5.1.1 <b@dst.example>: Recipient "
            "address rejected: User unknown; "
            "to=<b@dst.example> proto=SMTP helo=<me>"
        ),
        {
            "phase": "VRFY",
            "cause": "unknown_user",
            "client_ip": "2001:db8::1",
            "recipient": "b@dst.example",
            "sender": None,
        },
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: ETRN from unknown[192.0.2.1]: 554 5.7.1 <d.example>: Etrn command "
            "rejected: Access denied; proto=ESMTP helo=<me>"
        ),
        {"phase": "ETRN", "helo": "me"},
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: RCPT from mx.src.example[192.0.2.1]: 554 5.7.1 Service unavailable; Client "
            "host [192.0.2.1] blocked using "
            "zen.dnsbl.example; https://dnsbl.example/query/192.0.2.1; from=<a@src.example> "
            "to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {
            "cause": "blocklist",
            "sender": "a@src.example",
            "reply": "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.dnsbl.example; https://dnsbl.example/query/192.0.2.1",
        },
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: RCPT from mx.src.example[192.0.2.1]:4000: 450 4.7.1 <b@dst.example>: "
            "Recipient address rejected: Greylisted; "
            "from=<> to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {"cause": "greylisting", "client_ip": "192.0.2.1", "sender": "", "smtp_code": 450},
    ),
    (
        "submission/smtpd",
        (
            "NOQUEUE: reject: RCPT from mx.src.example[192.0.2.1]: 553 5.7.1 <a@src.example>: Sender "
            "address rejected: not owned by user joe; "
            "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx> sasl_method=PLAIN "
            "sasl_username=joe@src.example sasl_sender=x"
        ),
        {"cause": "sender", "sasl_user": "joe@src.example", "helo": "mx"},
    ),
    (
        "smtpd",
        (
            'NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.1.1 <"; from=<x@y> to=<z@y> proto=SMTP '
            'helo=<"@dst.example>: Recipient address '
            'rejected: User unknown; from=<a@src.example> to=<"; from=<x@y> to=<z@y> proto=SMTP '
            'helo=<"@dst.example> proto=ESMTP helo=<mx>'
        ),
        # A quoted address says what a HELO name could have said, too: better nothing than what a stranger chose.
        {"sender": None, "recipient": None, "helo": None, "client_ip": "192.0.2.1", "smtp_code": 550},
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <b@dst.example>: Relay access denied; "
            "from=<a@src.example> to=<b@dst.example> proto=SMTP "
            "helo=<x>; from=<ceo@dst.example> to=<c@dst.example> proto=SMTP helo=<y>"
        ),
        {"sender": None, "recipient": None, "helo": None, "cause": "relay", "client_ip": "192.0.2.1"},
    ),
    (
        "smtpd",
        (
            f"{ID}: reject: DATA from mx.src.example[192.0.2.1]: 550 5.5.3 <DATA>: Data command rejected: "
            f"Multi-recipient bounce; "
            "from=<> proto=ESMTP helo=<mx>"
        ),
        {"phase": "DATA", "queue_id": ID, "sender": "", "recipient": None},
    ),
    (
        "smtpd",
        (
            f"{ID}: reject: bare <LF> received from mx.src.example[192.0.2.1]: 550 5.5.2 mx Error: bare <LF> received; "
            "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {"phase": "DATA", "sender": "a@src.example", "smtp_code": 550, "client_ip": "192.0.2.1"},
    ),
    (
        "smtpd",
        (
            "NOQUEUE: milter-reject: CONNECT from unknown[192.0.2.1]: 451 4.7.1 Service unavailable - "
            "try again later; proto=SMTP"
        ),
        {"raw_event": "milter-reject", "event": "rejected", "phase": "CONNECT", "smtp_code": 451},
    ),
    (
        "cleanup",
        (
            f"{ID}: milter-reject: END-OF-MESSAGE from mx.src.example[192.0.2.1]: 5.7.1 Blocked by "
            f"SpamAssassin; from=<a@src.example> "
            "to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {
            "raw_event": "milter-reject",
            "phase": "END-OF-MESSAGE",
            "cause": "content",
            "smtp_code": None,
            "enhanced_status": "5.7.1",
        },
    ),
    (
        "cleanup",
        (
            f"{ID}: reject: header Subject: from x[9.9.9.9]; from=<f@f> from mx.src.example[192.0.2.1]; "
            f"from=<a@src.example> "
            "to=<b@dst.example> proto=ESMTP helo=<mx>: 5.7.1 No thanks"
        ),
        {"raw_event": "reject", "sender": "a@src.example", "client_ip": "192.0.2.1", "reply": "5.7.1 No thanks"},
    ),
    (
        "postscreen",
        (
            "NOQUEUE: reject: RCPT from [192.0.2.1]:4984: 550 5.7.1 Service unavailable; client "
            "[192.0.2.1] blocked using zen.dnsbl.example; "
            "from=<a@src.example>, to=<b@dst.example>, proto=ESMTP, helo=<src.example>"
        ),
        {
            "phase": "RCPT",
            "cause": "blocklist",
            "client_host": None,
            "client_ip": "192.0.2.1",
            "sender": "a@src.example",
            "recipient": "b@dst.example",
            "helo": "src.example",
        },
    ),
    (
        "postscreen",
        (
            "NOQUEUE: reject: RCPT from [192.0.2.1]:4984: 450 4.3.2 Service currently unavailable; "
            "from=<a@x>, to=<b@dst.example>, proto=SMTP, helo=<>"
        ),
        {"cause": "greylisting", "smtp_code": 450, "sender": "a@x"},
    ),
    (
        "postscreen",
        "NOQUEUE: reject: CONNECT from [192.0.2.1]:1337: all server ports busy",
        {"phase": "CONNECT", "client_ip": "192.0.2.1", "reply": "all server ports busy", "smtp_code": None},
    ),
    (
        "smtpd",
        (
            "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=31619-02 - spam; from=<> "
            "to=<b@dst.example> proto=SMTP helo=<mx>"
        ),
        {
            "raw_event": "proxy-reject",
            "event": "rejected",
            "phase": "END-OF-MESSAGE",
            "cause": "content",
            "smtp_code": 554,
            "sender": "",
            "recipient": "b@dst.example",
            "client_ip": None,
        },
    ),
    (
        "smtpd",
        "NOQUEUE: proxy-reject: END-OF-MESSAGE: ; from=<a@x> to=<b@dst.example> proto=ESMTP helo=<[192.168.0.16]>",
        {"raw_event": "proxy-reject", "reply": "", "helo": "[192.168.0.16]"},
    ),
    (
        "smtpd",
        "warning: Connection rate limit exceeded: 31 from mx.src.example[192.0.2.1] for service smtp",
        {
            "raw_event": "limit",
            "event": "rejected",
            "phase": "CONNECT",
            "cause": "rate",
            "client_ip": "192.0.2.1",
            "smtp_code": None,
        },
    ),
    (
        "smtpd",
        "warning: Message delivery request rate limit exceeded: 61 from mx.src.example[192.0.2.1] for service smtp",
        {"raw_event": "limit", "phase": "MAIL", "cause": "rate"},
    ),
    (
        "smtpd",
        "warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=joe@src.example",
        {
            "raw_event": "auth",
            "event": "rejected",
            "phase": "AUTH",
            "cause": "auth",
            "sasl_user": "joe@src.example",
            "client_host": None,
        },
    ),
    (
        "smtpd",
        (
            "NOQUEUE: reject_warning: RCPT from mx.src.example[192.0.2.1]: 554 5.7.1 "
            "<b@dst.example>: Relay access denied; "
            "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {"raw_event": "reject_warning", "event": "other"},
    ),
    (
        "smtpd",
        (
            "NOQUEUE: filter: RCPT from mx.src.example[192.0.2.1]: <b@dst.example>: Recipient address "
            "triggers FILTER smtp:[127.0.0.1]:10026; "
            "from=<a@src.example> to=<b@dst.example> proto=ESMTP helo=<mx>"
        ),
        {"raw_event": "filter", "event": "other"},
    ),
    (
        "cleanup",
        f"{ID}: warning: header Subject: x from local; from=<root@src.example> to=<b@dst.example>",
        {"raw_event": "warning", "event": "other", "sender": "root@src.example"},
    ),
    (
        "cleanup",
        (
            f"{ID}: milter-header-redirect: header X-Spam-Status: Yes, score=39.3 from "
            f"mx.src.example[192.0.2.1]; from=<a@src.example> "
            "to=<b@dst.example> proto=ESMTP helo=<mx>: tom@dst.example"
        ),
        {"raw_event": "milter-header-redirect", "event": "other", "client_ip": "192.0.2.1"},
    ),
)


@pytest.mark.parametrize(("daemon", "text", "expected"), REFUSALS)
def test_refusals_and_warnings(daemon: str, text: str, expected: dict[str, Any]) -> None:
    """Who, at which command, why and with which answer: as the line says it, whatever strangers put into it."""
    found = told(text, daemon)
    (row,) = found.refusals

    assert found.unparsed == []
    assert {name: row.get(name) for name in expected} == expected
    assert found.deliveries == []


@pytest.mark.parametrize(
    ("daemon", "text", "event"),
    [
        (
            "smtpd",
            (
                "hold: RCPT from mx.x[192.0.2.1]: <b@y>: Recipient address triggers HOLD action; "
                "from=<a@x> to=<b@y> proto=ESMTP helo=<mx>"
            ),
            "held",
        ),
        (
            "smtpd",
            (
                "discard: RCPT from mx.x[192.0.2.1]: <b@y>: Recipient address triggers DISCARD action; "
                "from=<a@x> to=<b@y> proto=ESMTP helo=<mx>"
            ),
            "discarded",
        ),
        (
            "cleanup",
            (
                "milter-hold: END-OF-MESSAGE from mx.x[192.0.2.1]: milter triggers HOLD action; "
                "from=<a@x> to=<b@y> proto=ESMTP helo=<mx>"
            ),
            "held",
        ),
        (
            "cleanup",
            (
                "milter-hold: END-OF-MESSAGE from mx.x[192.0.2.1]: milter quarantine: Eicar; from=<a@x> "
                "to=<b@y> proto=ESMTP helo=<mx>"
            ),
            "held",
        ),
        (
            "cleanup",
            (
                "milter-discard: END-OF-MESSAGE from mx.x[192.0.2.1]: milter triggers DISCARD action; "
                "from=<a@x> to=<b@y> proto=ESMTP helo=<mx>"
            ),
            "discarded",
        ),
        (
            "cleanup",
            "discard: header Subject: x from mx.x[192.0.2.1]; from=<a@x> to=<b@y> proto=ESMTP helo=<mx>",
            "discarded",
        ),
    ],
)
def test_the_fate_of_a_message_that_was_let_in(daemon: str, text: str, event: str) -> None:
    """The client was told yes: held or discarded, but not refused."""
    found = told(f"{ID}: {text}", daemon)

    assert [(row["event"], row["recipient"]) for row in found.deliveries] == [(event, "b@y")]
    assert [row["sender"] for row in found.messages] == ["a@x"]
    assert found.refusals == []


@pytest.mark.parametrize(
    "text",
    [
        (
            "NOQUEUE: permit: RCPT from mx.x[192.0.2.1]: action=OK for Client host=mx.x; from=<a@x> "
            "to=<b@y> proto=ESMTP helo=<mx>"
        ),
        (
            "NOQUEUE: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 7949396087; from=<a@x> "
            "to=<b@y> proto=ESMTP helo=<mx>"
        ),
        (
            "proxy-accept: END-OF-MESSAGE: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10013): 250 2.0.0 Ok: "
            "queued as DF66E940333; from=<a@x> to=<b@y> proto=ESMTP helo=<mx>"
        ),
    ],
)
def test_what_was_let_in_is_no_refusal(text: str) -> None:
    """These are logged to tell that all went well."""
    found = told(text)

    assert found.unparsed == []
    assert found.refusals == []
