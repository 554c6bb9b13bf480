"""A message that several systems tell of is one message, with the furthest that is known of it."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.mails.mails import report
from tests.measure.systems import (
    STAMP,
    count,
    counts,
    joins,
    mailgun,
    postfix,
    sendgrid,
    ses,
    shown,
    stamp,
    told,
    write,
)

from mailaudit.measure.joins import named

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("kept_readings")


QUEUED = "250 Ok: queued as Kd8sLq2nQ01aVx3mPz7Rxx"
ANA, BOB, EVA = "Ana@example.org", "bob@example.org", "eva@example.org"


@pytest.fixture
def smart_host(tmp_path: Path) -> list[Path]:
    """Three recipients by way of SendGrid: one opened it, one is unknown, of one nothing has been heard."""
    events = [
        sendgrid("processed", ANA.lower(), 2),
        sendgrid("delivered", ANA.lower(), 4, response="250 2.0.0 OK"),
        sendgrid("open", ANA.lower(), 300),
        sendgrid("processed", BOB, 2),
        sendgrid("bounce", BOB, 5, type="bounce", status="5.1.1", reason="550 5.1.1 no such user"),
    ]
    return write(tmp_path, events=events, log=postfix("4XyZ3k0Qc1z2fD", [ANA, BOB, EVA], QUEUED))


def test_the_whole_way_over_a_smart_host(smart_host: list[Path]) -> None:
    """One row a recipient, with the provider's end of it, the server's beginning, and who knows it."""
    rows = told("log", *smart_host)

    assert shown(rows, "recipient", "status", "outcome", "attempts", "source", "queue_id", "submitted_at") == [
        (ANA, "opened", "delivered", 1, "sendgrid-event-webhook", "4XyZ3k0Qc1z2fD", "2026-03-02T08:00:00Z"),
        (BOB, "bounced", "bounced", 1, "sendgrid-event-webhook", "4XyZ3k0Qc1z2fD", "2026-03-02T08:00:00Z"),
        (EVA, "delivered", "delivered", 1, "postfix", "4XyZ3k0Qc1z2fD", "2026-03-02T08:00:00Z"),
    ]
    assert {row["queue_ids"] for row in rows} == {"4XyZ3k0Qc1z2fD Kd8sLq2nQ01aVx3mPz7Rxx"}
    summary = counts(*smart_host)
    assert [summary[name] for name in ("received", "delivered", "bounced")] == [1, 2, 1]
    assert joins(smart_host) == [("out1", "sendgrid", "id in the reply", "certain")]
    assert shown(told("stats", "--table", "engagement", *smart_host), "name", "recipients") == [
        ("opened", 1),
        ("opened, or clicked without a known opening", 1),
    ]


def test_no_collapse_keeps_systems_apart(smart_host: list[Path]) -> None:
    """Two messages, five recipients, and nothing joined."""
    summary = counts("--no-collapse", *smart_host)
    assert [summary[name] for name in ("received", "recipients")] == [2, 5]
    assert [row for row in told("trace", ANA, "--no-collapse", *smart_host) if row["table"] == "joins"] == []


def test_the_order_of_files_changes_nothing(smart_host: list[Path]) -> None:
    """Nor does it matter that a file is named twice."""
    for command in ("log", "stats", "suppressions"):
        answers = [sorted(map(json.dumps, told(command, *paths))) for paths in itertools.permutations(smart_host)]

        assert answers[0] == answers[1], command


def test_the_senders_variables_are_carried_over(smart_host: list[Path]) -> None:
    """Campaign, and who had it sent, are the provider's knowledge of the one message."""
    assert len(told("log", "--raised-by", "j.smith", *smart_host)) == 3
    assert shown(told("stats", "--by", "campaign", *smart_host), "campaign", "messages", "recipients") == [
        ("june", 1, 3)
    ]


def test_handing_over_is_no_delivery_for_suppressions(tmp_path: Path) -> None:
    """Three soft bounces in a row stay three, though the server handed each mail over in between."""
    log, events = [], []
    for number in range(3):
        at, stem = number * 3600, f"Kd8sLq2nQ0{number}aVx3mPz7Rxx"
        reply = f"250 Ok: queued as {stem}"
        log += postfix(f"4XyZ3k0Qc{number}z2fD", [BOB], reply, at=at, message_id=f"m{number}@shop.example")
        more = {"type": "bounce", "status": "4.2.2", "reason": "452 4.2.2 mailbox full"}
        events.append(sendgrid("bounce", BOB, at + 5, stem, **{"smtp-id": f"<m{number}@shop.example>"}, **more))
    paths = write(tmp_path, log=log, events=events)
    alone = [row for row in told("suppressions", paths[1]) if row["table"] == "suppressions"]

    assert [(row["address"], row["state"]) for row in alone] == [(BOB, "temporary")]
    assert [row for row in told("suppressions", *paths) if row["table"] == "suppressions"] == alone


def test_the_way_over_ses(tmp_path: Path) -> None:
    """SES gives the message another Message-ID, and answers with it."""
    reply = "250 Ok 0100018e1a2b3c4d-93fdd7ea-f039-43d6-91ed-653e8547867c-000000"
    events = [
        ses("Send", [ANA, BOB], 2),
        ses("Delivery", [ANA, BOB], 3, recipients=[ANA], smtpResponse="250 ok", processingTimeMillis=9),
        ses(
            "Bounce",
            [ANA, BOB],
            5,
            bounceType="Permanent",
            bounceSubType="General",
            bouncedRecipients=[
                {"emailAddress": BOB, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 no"}
            ],
        ),
    ]
    paths = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [ANA, BOB], reply), events=events)

    assert shown(told("log", *paths), "recipient", "outcome", "queue_id") == [
        (ANA, "delivered", "4XyZ3k0Qc1z2fD"),
        (BOB, "bounced", "4XyZ3k0Qc1z2fD"),
    ]
    assert joins(paths, "4XyZ3k0Qc1z2fD") == [("out1", "ses", "id in the reply", "certain")]


def test_by_message_id_alone(tmp_path: Path) -> None:
    """Mailgun's reply names nothing."""
    events = [mailgun("accepted", BOB, 2), mailgun("delivered", BOB, 3, **{"delivery-status": {"code": 250}})]
    paths = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [BOB], "250 Great success"), events=events)

    assert shown(told("log", *paths), "queue_id", "outcome", "finished_at") == [
        ("4XyZ3k0Qc1z2fD", "delivered", "2026-03-02T08:00:03Z")
    ]
    assert joins(paths) == [("out1", "mailgun", "Message-ID", "likely")]


def test_a_message_id_in_the_reply(tmp_path: Path) -> None:
    """Brevo answers with the Message-ID under which its events stand."""
    event = {
        "event": "delivered",
        "email": BOB,
        "id": 1,
        "date": "2026-03-02 08:00:03",
        "ts_event": STAMP + 3,
        "message-id": "<202603020800.77@smtp-relay.example>",
    }
    reply = "250 Message queued as <202603020800.77@smtp-relay.example>"
    paths = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [BOB], reply), events=[event])

    assert len(told("log", *paths)) == 1
    assert joins(paths, "4XyZ3k0Qc1z2fD") == [("out1", "brevo", "Message-ID in the reply", "certain")]


def test_an_internal_id_of_exchange(tmp_path: Path) -> None:
    """Where the Message-ID was rewritten on the way, the InternalId in the reply still names the message."""
    header = (
        "date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,"
        "recipient-address,sender-address"
    )
    row = (
        "{},EX01,{},{},36104428870216,<other@ex.example>,6f2ad8c1-0e57-4c93-a4b8-000000000001,"
        "bob@example.org,news@shop.example"
    )
    tracking = [
        "#Software: Microsoft Exchange Server",
        f"#Fields: {header}",
        row.format("2026-03-02T08:00:01.100Z", "SMTP", "RECEIVE"),
        row.format("2026-03-02T08:00:02.100Z", "STOREDRIVER", "DELIVER"),
    ]
    reply = (
        "250 2.6.0 <gone@x.example> [InternalId=36104428870216, Hostname=EX01.corp.example] Queued mail for delivery"
    )
    paths = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [BOB], reply), tracking=tracking)

    assert shown(told("log", *paths), "queue_id", "outcome", "source") == [
        ("4XyZ3k0Qc1z2fD", "delivered", "exchange-message-tracking")
    ]
    assert joins(paths, "4XyZ3k0Qc1z2fD") == [("out1", "exchange", "id in the reply", "certain")]


def test_from_a_provider_to_a_server_of_ours(tmp_path: Path) -> None:
    """What the provider delivered here goes on in our log, by the queue id that our reply named."""
    events = [
        mailgun("accepted", BOB, 0),
        mailgun(
            "delivered", BOB, 5, **{"delivery-status": {"code": 250, "message": "2.0.0 Ok: queued as 4XyZ3k0Qc1z2fD"}}
        ),
    ]
    log = postfix(
        "4XyZ3k0Qc1z2fD",
        [BOB],
        "delivered to maildir",
        at=5,
        relay="local",
        program="postfix/local",
        client="mg.example[192.0.2.4]",
    )
    paths = write(tmp_path, log=log, events=events)

    assert shown(told("log", *paths), "outcome", "source", "submitted_at") == [
        ("delivered", "postfix", "2026-03-02T08:00:00Z")
    ]
    assert joins(paths) == [("mailgun", "out1", "id in the reply", "certain")]


SECOND = {"host": "mx2", "at": 1, "client": "out1.shop.example[192.0.2.8]"}


@pytest.mark.parametrize(
    ("reply", "message_id", "known_by"),
    [
        ("250 2.0.0 Ok: queued as 4XyB00Qc1z2fD", "m1@shop.example", "queue id"),
        ("250 2.0.0 Ok: queued as 4XyB00Qc1z2fD", None, "id in the reply"),
        ("250 taken", "m1@shop.example", "Message-ID"),
    ],
)
def test_two_hosts_of_ours(tmp_path: Path, reply: str, message_id: str | None, known_by: str) -> None:
    """By the queue id in the reply, or by Message-ID where a gateway in between hides it."""
    first = postfix("4XyZ3k0Qc1z2fD", [BOB], reply)
    second = postfix("4XyB00Qc1z2fD", [BOB], "550 5.1.1 no", message_id=message_id, status="bounced", **SECOND)  # type: ignore[arg-type]
    paths = write(tmp_path, first=first, second=second)

    for order in (paths, paths[::-1]):
        assert shown(told("log", *order), "queue_ids", "outcome", "host") == [
            ("4XyZ3k0Qc1z2fD 4XyB00Qc1z2fD", "bounced", "out1")
        ]
        assert count("received", *order) == 1
        assert [row[:3] for row in joins(order, "4XyZ3k0Qc1z2fD")] == [("out1", "mx2", known_by)]


def test_by_way_of_a_gateway(tmp_path: Path) -> None:
    """What comes from where it was given to is the same mail, however long the gateway keeps it."""
    paths = write(
        tmp_path,
        first=postfix("4XyZ3k0Qc1z2fD", [BOB], "250 taken", relay="gate.example[192.0.2.9]:25"),
        second=postfix("4XyB00Qc1z2fD", [BOB], "250 ok", host="mx2", at=1800, client="gate.example[192.0.2.9]"),
    )

    assert count("received", *paths) == 1
    assert joins(paths) == [("out1", "mx2", "Message-ID", "likely")]


def test_postfix_to_sendmail(tmp_path: Path) -> None:
    """Another program on the next host names its queue id in other words."""
    first = postfix("4XyZ3k0Qc1z2fD", [BOB], "250 2.0.0 6228102a012345 Message accepted for delivery")
    begin = f"{stamp(1)} mx2 sendmail[12345]: 6228102a012345:"
    taken = "from=<news@shop.example>, size=1200, class=0, nrcpts=1, msgid=<m1@shop.example>, proto=ESMTP, daemon=MTA"
    ended = f"to=<{BOB}>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.org. [203.0.113.9]"
    second = [
        f"{begin} {taken}, relay=out1.shop.example [192.0.2.8]",
        f"{begin} {ended}, dsn=5.1.1, stat=User unknown",
    ]
    paths = write(tmp_path, first=first, second=second)

    assert shown(told("log", *paths), "queue_id", "outcome", "source") == [("4XyZ3k0Qc1z2fD", "bounced", "sendmail")]


def test_two_messages_with_one_message_id(tmp_path: Path) -> None:
    """An application that writes to each recipient by itself under one Message-ID sent two messages."""
    log = postfix("4XyA00Qc1z2fD", [ANA.lower()], "250 Great success") + postfix(
        "4XyB00Qc1z2fD", [BOB], "250 Great success", at=3
    )
    events = [
        mailgun("delivered", ANA.lower(), 4),
        mailgun("failed", BOB, 6, severity="permanent", **{"delivery-status": {"code": 550, "message": "no"}}),
    ]
    paths = write(tmp_path, log=log, events=events)

    assert shown(told("log", *paths), "queue_id", "recipient", "outcome") == [
        ("4XyA00Qc1z2fD", ANA.lower(), "delivered"),
        ("4XyB00Qc1z2fD", BOB, "bounced"),
    ]
    assert count("received", *paths) == 2


def test_the_same_message_twice_to_the_same_recipient(tmp_path: Path) -> None:
    """Two acceptances are two messages; what is told of one of them is not told of both."""
    log = postfix("4XyA00Qc1z2fD", [BOB], "250 Great success") + postfix("4XyB00Qc1z2fD", [BOB], "250 ok", at=60)
    paths = write(tmp_path, log=log, events=[mailgun("accepted", BOB, 1.5), mailgun("delivered", BOB, 2)])

    assert shown(told("log", *paths), "queue_id", "source") == [
        ("4XyA00Qc1z2fD", "mailgun-events-api"),
        ("4XyB00Qc1z2fD", "postfix"),
    ]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"client": "pc.shop.example[198.51.100.20]"}, id="the same client gave it to both"),
        pytest.param({"at": 7200}, id="hours later"),
        pytest.param({"at": -600}, id="long before"),
        pytest.param({"recipients": [ANA]}, id="to somebody else"),
        pytest.param({"message_id": "m2@shop.example"}, id="another Message-ID"),
    ],
)
def test_what_is_not_merged(tmp_path: Path, second: dict[str, Any]) -> None:
    """Two hosts' messages with one Message-ID are one only where one can come from the other."""
    given = {**SECOND, "recipients": [BOB], "reply": "250 ok", **second}
    paths = write(
        tmp_path, first=postfix("4XyZ3k0Qc1z2fD", [BOB], "250 taken"), second=postfix("4XyB00Qc1z2fD", **given)
    )

    assert count("received", *paths) == 2
    assert joins(paths, "4XyZ3k0Qc1z2fD") == []


def test_what_has_gone_into_a_mailbox_has_not_gone_on(tmp_path: Path) -> None:
    """A copy that another server of ours got is a copy."""
    first = postfix("4XyZ3k0Qc1z2fD", [BOB], "delivered to maildir", relay="local", program="postfix/local")
    paths = write(tmp_path, first=first, second=postfix("4XyB00Qc1z2fD", [BOB], "250 ok", **SECOND))  # type: ignore[arg-type]

    assert count("received", *paths) == 2


def test_an_id_of_another_recipients_message(tmp_path: Path) -> None:
    """A receiver that names a foreign id in its reply joins nothing: the recipients differ."""
    paths = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [EVA], QUEUED), events=[sendgrid("delivered", BOB, 4)])

    assert count("received", *paths) == 2


def test_a_receiver_cannot_claim_another_message(tmp_path: Path) -> None:
    """A reply names what went to SendGrid; the events' Message-ID is that of the mail that did, not of this one."""
    handed = postfix("4XyZ3k0Qc1z2fD", [BOB], QUEUED)
    claimed = postfix("4XyZ3k0Qc1z2fF", [BOB], QUEUED, at=2, message_id="m2@shop.example")
    bounce = sendgrid("bounce", BOB, 4, type="bounce", status="5.1.1", reason="550 5.1.1 no such user")
    paths = write(tmp_path, log=[*handed, *claimed], events=[bounce])

    assert shown(told("log", *paths), "queue_id", "outcome") == [
        ("4XyZ3k0Qc1z2fD", "bounced"),
        ("4XyZ3k0Qc1z2fF", "delivered"),
    ]


@pytest.mark.parametrize("known", ["message_id", "envelope_id"])
def test_a_late_notice_beats_the_providers_delivery(smart_host: list[Path], tmp_path: Path, known: str) -> None:
    """Whoever tells of the delivery, a bounce that comes later undoes it; by Message-ID or by envelope id."""
    fields = f"Final-Recipient: rfc822; {ANA.lower()}\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 full\n"
    mail = report(fields).decode().replace("Date: Mon, 02 Jun 2025 09:14:09", "Date: Mon, 02 Mar 2026 09:00:00")
    if known == "message_id":
        copy = "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <m1@shop.example>\nSubject: June\n--b1--"
        mail = mail.replace("--b1--", copy)
    else:
        named_so = "Reporting-MTA: dns; mx.example.org\nOriginal-Envelope-Id: m1@shop.example\n"
        mail = mail.replace("Reporting-MTA: dns; out1.shop.example\n", named_so)
    box = tmp_path / "bounce.eml"
    box.write_text(mail)

    assert shown(told("log", *smart_host, box), "recipient", "outcome", "status") == [
        (ANA, "bounced", "opened"),
        (BOB, "bounced", "bounced"),
        (EVA, "delivered", "delivered"),
    ]


def test_a_late_bounce_that_names_the_message_id_only(tmp_path: Path) -> None:
    """SendGrid's own: it has no id of SendGrid's, and yet undoes the delivery of its message, and of no other."""
    late = sendgrid("bounce", BOB, 900, type="bounce", reason="550 5.1.1 gone")
    del late["sg_message_id"]
    other = sendgrid("delivered", BOB, 9, "Zd8sLq2nQ01aVx3mPz7Rxx", **{"smtp-id": "<m2@shop.example>"})
    events = write(tmp_path, events=[sendgrid("delivered", BOB, 4), other, late])

    assert shown(told("log", *events), "message_id", "outcome") == [
        ("m1@shop.example", "bounced"),
        ("m2@shop.example", "delivered"),
    ]
    log = write(tmp_path, log=postfix("4XyZ3k0Qc1z2fD", [BOB], QUEUED))
    outcomes = {row["message_id"]: (row["queue_id"], row["outcome"]) for row in told("log", *events, *log)}
    assert outcomes == {
        "m1@shop.example": ("4XyZ3k0Qc1z2fD", "bounced"),
        "m2@shop.example": (None, "delivered"),
    }


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("250 2.0.0 Ok: queued as 4F9C21A0B3", {"4F9C21A0B3"}),
        ("250 Ok: queued as -a8sLq2nQ01aVx3mPz7R_w", {"-a8sLq2nQ01aVx3mPz7R_w"}),
        ("250 OK id=1cOpRK-0007yZ-1k", {"1cOpRK-0007yZ-1k"}),
        ("250 OK ids=8a5475ccbbc611eda12250ebf67f93bd", {"8a5475ccbbc611eda12250ebf67f93bd"}),
        (
            "250 2.6.0 <m1@x.example> [InternalId=36104428870216, Hostname=EX01.c.example]",
            {"36104428870216", "m1@x.example"},
        ),
        ("250 ok:  Message 123456 accepted", {"123456"}),
        ("250 Great success", set()),
        (None, set()),
    ],
)
def test_ids_in_replies(reply: str | None, found: set[str]) -> None:
    """Whatever looks like an id is one; what is none is looked up in vain."""
    rows = pl.DataFrame({"row": [7], "reply": [reply]}, schema={"row": pl.Int64, "reply": pl.String})
    ids = set(named(rows)["id"]) - {"EX01.c.example"}

    assert ids == found


def test_one_message_id_for_everything(tmp_path: Path) -> None:
    """An application that gives all its mail one Message-ID, or a log made to be slow: answered, nothing merged."""
    log, events = [], []
    for number in range(1500):
        log += postfix(f"4Xy{number:07X}z2fD", [BOB], "250 Great success", at=number / 2)
        events.append(mailgun("delivered", BOB, number / 2 + 1.5))
    paths = write(tmp_path, log=log, events=events)

    assert count("received", *paths) == 1501
