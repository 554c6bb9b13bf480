"""Sendmail's lines about messages and notices, and those that say nothing about mail."""

from __future__ import annotations

import pytest
from tests.formats.lines import Told

from mailaudit.formats import formats
from mailaudit.model.acts import END, TOLD, WHOLE

ID = "v4V4QL1K030027"


def told(*bodies: str, tag: str | None = "sm-mta") -> Told:
    """What lines of sendmail say."""
    return Told("sendmail", *bodies, tag=tag)


# -- whose lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag", ["sendmail", "sm-mta", "sm-msp-queue", "sm-acceptingconnections", "MTA", "MSP", "sendmail-out", None]
)
def test_sendmails_programs_are_claimed(tag: str | None) -> None:
    """All of sendmail's names are one instance, since its programs share no queue id."""
    program = formats()["sendmail"].claims(tag)

    assert program is not None
    assert (program.instance, program.service) == ("sendmail", None)


@pytest.mark.parametrize("tag", ["postfix/sendmail", "postfix/smtpd", "sshd", "smtpd", "exim", "dovecot"])
def test_other_programs_are_not_claimed(tag: str) -> None:
    """Postfix has a command named sendmail, which is not ours."""
    assert formats()["sendmail"].claims(tag) is None


# -- the life of a message ---------------------------------------------------------------------------------------------


def test_a_from_line_accepts_a_message() -> None:
    """Sender, size, recipients, Message-ID and client come from the one line."""
    (row,) = told(
        f"{ID}: from=<a@src.example>, size=992, class=0, nrcpts=2, msgid=<s1.7@src.example>, bodytype=8BITMIME, "
        "proto=ESMTP, daemon=MTA, tls_verify=NO, auth=PLAIN, relay=mx.src.example [192.0.2.1]"
    ).messages

    assert row == {
        "no": 1,
        "tag": "sm-mta",
        "queue_id": ID,
        "act": WHOLE,
        "sender": "a@src.example",
        "size": 992,
        "nrcpt": 2,
        "message_id": "s1.7@src.example",
        "client_host": "mx.src.example",
        "client_ip": "192.0.2.1",
        "origin": "smtp",
    }


@pytest.mark.parametrize(
    ("relay", "host", "ip", "origin"),
    [
        ("mx.src.example [192.0.2.1]", "mx.src.example", "192.0.2.1", "smtp"),
        ("[192.0.2.1]", None, "192.0.2.1", "smtp"),
        ("unknown [192.0.2.1]", None, "192.0.2.1", "smtp"),
        ("mx.src.example [192.0.2.1] (may be forged)", "mx.src.example", "192.0.2.1", "smtp"),
        ("IDENT:joe@mx.src.example [192.0.2.1]", "mx.src.example", "192.0.2.1", "smtp"),
        ("[IPv6:2001:db8::1]", None, "2001:db8::1", "smtp"),
        ("mx.src.example [IPv6:2001:db8:0:0:0:0:0:1]", "mx.src.example", "2001:db8::1", "smtp"),
        ("root@localhost", None, None, "local"),
        ("#7#@localhost", None, None, "local"),
        ("localhost [127.0.0.1]", "localhost", "127.0.0.1", "smtp"),
        ("[RESPONSE]", None, None, None),
    ],
)
def test_the_client_is_read_from_relay(relay: str, host: str | None, ip: str | None, origin: str | None) -> None:
    """Names are names, addresses are plain, and `user@localhost` is the sendmail command."""
    (row,) = told(f"{ID}: from=<a@src.example>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay={relay}").messages

    assert (row.get("client_host"), row.get("client_ip"), row.get("origin")) == (host, ip, origin)


@pytest.mark.parametrize(
    "numbers", ["size=0, class=0, nrcpts=0", "size=0, class=0, nrcpts=1", "size=99, class=0, nrcpts=0"]
)
def test_a_transaction_without_a_message_accepts_nothing(numbers: str) -> None:
    """No size or no recipient: the line tells who the sender of a refusal was, and no more."""
    (row,) = told(f"{ID}: from=<a@src.example>, {numbers}, proto=ESMTP, daemon=MTA, relay=[192.0.2.1]").messages

    assert (row["act"], row["sender"], row["client_ip"]) == (TOLD, "a@src.example", "192.0.2.1")


@pytest.mark.parametrize(
    ("text", "sender", "message_id"),
    [
        ("from=<>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]", "", "1@x"),
        ("from=root, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=root@localhost", "root", "1@x"),
        ("from=<NONE>, size=992, class=0, nrcpts=1, relay=root@localhost", None, None),
        ("from=a@src.example", "a@src.example", None),
        ("from=<a@src.example>", "a@src.example", None),
        ("from=<a@x>, size=9, class=-60, pri=300, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]", "a@x", "1@x"),
        (
            'from=<"odd, size=0"@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]',
            '"odd, size=0"@x',
            "1@x",
        ),
        ('from=<un"balanced@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, relay=[192.0.2.1]', 'un"balanced@x', "1@x"),
        (
            "from=<a@x>, size=992, class=0, nrcpts=1, msgid=<cut-after-a-hundred-ch, proto=ESMTP, relay=[192.0.2.1]",
            "a@x",
            "cut-after-a-hundred-ch",
        ),
        ("from=<a@x>, size=992, class=0, nrcpts=1, msgid=<1@x>, newkey=7, relay=[192.0.2.1]", "a@x", "1@x"),
        (
            (
                "from=<a@x>, size=992, class=0, nrcpts=1, msgid=<a, relay=[198.51.100.9], b@x>, "
                "proto=SMTP, relay=[192.0.2.1]"
            ),
            "a@x",
            "a, relay=[198.51.100.9], b@x",
        ),
    ],
)
def test_senders_of_every_shape(text: str, sender: str | None, message_id: str | None) -> None:
    """Brackets may lack, quotes may hold anything, and what is unknown stays unknown."""
    (row,) = told(f"{ID}: {text}").messages

    assert (row["act"], row.get("sender"), row.get("message_id")) == (WHOLE, sender, message_id)
    assert row.get("client_ip") in {None, "192.0.2.1"}


def test_done_ends_a_message_and_gives_up_what_is_still_deferred() -> None:
    """With NOTIFY=NEVER an expiry leaves no other trace than `done`."""
    found = told(f"{ID}: done; delay=3+00:18:14, ntries=120")

    assert [row["act"] for row in found.messages] == [END]
    assert [(row["event"], row["raw_event"], row["attempted"]) for row in found.deliveries] == [
        ("expired", "done", False)
    ]


# -- notices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("DSN: User unknown", [("notified", "failure")]),
        ("DSN: Return receipt", [("notified", "success")]),
        ("return to sender: User unknown", [("notified", "failure")]),
        ("postmaster notify: User unknown", [("notified", "failure")]),
        ("sender notify: Warning: could not send message for past 30 minutes", [("notified", "delay")]),
        ("sender notify: Cannot send message for 3 days", [("notified", "failure"), ("expired", None)]),
        ("sender notify: Cannot send message for 4 hours*", [("notified", "failure"), ("expired", None)]),
        ("DSN: Cannot send message within 5 days", [("notified", "failure"), ("expired", None)]),
    ],
)
def test_notices(text: str, events: list[tuple[str, str | None]]) -> None:
    """A notice is a message from nobody; `Cannot send` says besides that the queue gave up."""
    found = told(f"{ID}: v4VEHFk5017041: {text}")

    assert [(row["event"], row.get("notice")) for row in found.deliveries] == events
    assert all(row["queue_id"] == ID and "recipient" not in row and not row["attempted"] for row in found.deliveries)
    assert [row.get("next_id") for row in found.deliveries] == ["v4VEHFk5017041", None][: len(events)]
    assert [(row["queue_id"], row["sender"], row["act"]) for row in found.messages] == [("v4VEHFk5017041", "", WHOLE)]


@pytest.mark.parametrize(
    "line",
    [
        f"{ID}: v4VEHFk5017041: clone: owner=owner-list",
        f"{ID}: clone v4VEHFk5017041, owner=owner-list",
        f"v4VEHFk5017041: clone {ID}, owner=owner-list",
    ],
)
def test_a_clone_carries_on_for_an_owner(line: str) -> None:
    """Recipients behind an owner- alias move to a message of their own; old versions said so in two ways."""
    found = told(line)

    assert [(row["event"], row["next_id"]) for row in found.deliveries] == [("expanded", "v4VEHFk5017041")]
    assert [(row["queue_id"], row["sender"]) for row in found.messages] == [("v4VEHFk5017041", "owner-list")]


# -- lines that say nothing of mail ------------------------------------------------------------------------------------

QUIET = (
    "lost input channel from mx.src.example [192.0.2.1] to MTA after rcpt",
    "mx.src.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
    "[192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA-v6",
    "timeout waiting for input from mx.dst.example. during client greeting",
    "Authentication-Warning: mx.src.example: www-data set sender to a@src.example using -f",
    "runqueue: Flushing queue from 601KhTQv003428 (pri 30000, LA 0, 1 of 1)",
    "SYSERR(root): timeout writing message to mx.dst.example.",
    "gethostbyaddr(192.0.2.1) failed: 1",
    "mx.src.example [192.0.2.1]: possible SMTP attack: command=AUTH, count=5",
    "mx.src.example [192.0.2.1]: VRFY root",
    (
        "STARTTLS: read error=syscall error (-1), errno=104, "
        "get_error=error:00000000:lib(0):func(0):reason(0), retry=99, ssl_err=5"
    ),
    (
        "STARTTLS=server, error: accept failed=-1, reason=no shared cipher, SSL_error=1, errno=0, "
        "retry=-1, relay=mx.src.example [192.0.2.1]"
    ),
    "AUTH: available mech=LOGIN PLAIN, allowed mech=LOGIN PLAIN",
    "Milter: no active filter",
    "Milter (clamav): error connecting to filter: Connection refused by /run/clamav/milter.sock",
    "Milter add: header: X-Spam-Status: No, to=<b@dst.example>, stat=Sent",
    "Milter accept: message",
    "alias database /etc/mail/aliases rebuilt by root",
    "/etc/mail/aliases: 40 aliases, longest 10 bytes, 400 bytes total",
    "rejecting connections on daemon MTA: load average: 12",
    "starting daemon (8.17.1.9): SMTP+queueing@00:10:00",
    "restarting /usr/sbin/sendmail-mta due to signal",
    "<-- RCPT TO:<b@dst.example>",
    "user 33 changed syslog label",
)


@pytest.mark.parametrize("text", QUIET)
def test_a_quiet_line_is_known_and_says_nothing(text: str) -> None:
    """Known by name and counted, with no fact about mail, whether it has a queue id or not."""
    found = told(f"{ID}: {text}", f"NOQUEUE: {text}", text)

    assert sum(found.counts.values()) == 3
    assert found.unparsed == []
    assert (found.messages, found.deliveries, found.refusals, found.tls) == ([], [], [], [])


@pytest.mark.parametrize(
    "text",
    ["premature EOM: Connection reset by mx.src.example", "unexpected close on connection from mx.src.example"],
)
def test_a_message_that_is_cut_off_is_told_of(text: str) -> None:
    """It is no mail, though its `from=` line looks like any other's: said where there is a queue id to say it of."""
    found = told(f"{ID}: collect: {text}", f"NOQUEUE: collect: {text}", f"collect: {text}")

    assert found.unparsed == []
    assert [(row["queue_id"], row["event"], row["raw_event"]) for row in found.deliveries] == [(ID, "other", "cut off")]


def test_lines_that_are_none_of_sendmails_stay_unparsed() -> None:
    """There is no catch-all."""
    found = told(
        "something new", f"{ID}: something new", f"{ID}: to nobody in particular", "to=<b@dst.example>, stat=Sent"
    )

    assert found.unparsed == [1, 2, 3, 4]


# -- a log without program names ---------------------------------------------------------------------------------------


def test_a_log_of_a_relay_service_without_tags() -> None:
    """No program, no angle brackets, hardly any key: queue id, address, dsn= and stat=."""
    lines = (
        "v4P7Hc6P011481: from=sender@yourcompany.example",
        (
            "v4P7Hc6P011481: to=recipient@yourcustomer.example, dsn=4.1.1, stat=Deferred: 452 4.1.1 "
            "recipient@yourcustomer.example 4.2.2 mailbox full"
        ),
        "v4P7Hc6P011481: v4PBPko0020848: sender notify: Cannot send message for 4 hours*",
        "v4VEHCk6017038: to=recipient@yourcustomer.example, dsn=5.1.1, stat=User unknown",
        "v4V4QL1K030027: to=recipient@yourcustomer.example, dsn=2.0.0, stat=Sent (Message accepted for delivery)",
    )
    found = told(*lines, tag=None)

    assert found.unparsed == []
    assert [row["sender"] for row in found.messages if row["queue_id"] == "v4P7Hc6P011481"] == [
        "sender@yourcompany.example"
    ]
    assert [
        (row["no"], row["event"], row.get("smtp_code"), row.get("enhanced_status")) for row in found.deliveries
    ] == [
        (2, "deferred", 452, "4.1.1"),
        (3, "notified", None, None),
        (3, "expired", None, None),
        (4, "bounced", None, "5.1.1"),
        (5, "delivered", None, "2.0.0"),
    ]
