"""Mail that a server hands to a provider is one message with what the provider tells of it, whoever the provider is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.measure.systems import STAMP, count, counts, postfix, sendgrid, shown, stamp, told, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("kept_readings")

TO = "ana@example.org"
WHEN = stamp(30)[:19] + "Z"
LATER = STAMP + 30
HASH = "7c4410e2a3f611f09b2e000000000012"
UUID = "4d9e1c70-5a2b-4f83-9c16-000000000003"
MOMENTUM = "3A/7F-01822-6C0B1914"
LINE = f"@{MOMENTUM}@3A/7F-00410-77D2A1C0@3A/7F-00907-15E8B3D2@"
TRACKING = "#Software: Microsoft Exchange Server\n#Log-Type: Message Tracking Log\n#Fields: "
TOLD: dict[str, tuple[str, list[str | dict[str, Any]]]] = {
    "sendgrid": (
        "250 Ok: queued as Kd8sLq2nQ01aVx3mPz7R",
        [
            {
                "event": "bounce",
                "type": "bounce",
                "reason": "550 5.1.1 no",
                "email": TO,
                "timestamp": LATER,
                "sg_event_id": "a2",
                "sg_message_id": "Kd8sLq2nQ01aVx3mPz7R.filterdrecv-7f9c-1-67C4-1F.0",
            }
        ],
    ),
    "ses": (
        "250 Ok 0100019cab02e5f1-3c1d2b7a-0002-4c55-9a10-7f6e5d4c3b2a-000000",
        [
            {
                "eventType": "Bounce",
                "mail": {"messageId": "0100019cab02e5f1-3c1d2b7a-0002-4c55-9a10-7f6e5d4c3b2a-000000"},
                "bounce": {
                    "bounceType": "Permanent",
                    "bouncedRecipients": [{"emailAddress": TO}],
                    "timestamp": WHEN,
                },
            }
        ],
    ),
    "postmark": (
        f"250 2.0.0 Ok: queued as {UUID}",
        [
            {
                "RecordType": "Bounce",
                "Type": "HardBounce",
                "TypeCode": 1,
                "ID": 77,
                "MessageID": UUID,
                "Email": TO,
                "BouncedAt": WHEN,
                "Metadata": {},
            }
        ],
    ),
    "mailjet": (
        f"250 OK queued as {UUID}",
        [
            {
                "event": "bounce",
                "time": LATER,
                "MessageID": 1152921512345678904,
                "Message_GUID": UUID,
                "email": TO,
                "hard_bounce": True,
            }
        ],
    ),
    "sparkpost": (
        "250 2.0.0 OK 000443ee14578172be22",
        [
            {
                "msys": {
                    "message_event": {
                        "type": "bounce",
                        "bounce_class": "10",
                        "event_id": "9",
                        "timestamp": str(LATER),
                        "message_id": "000443ee14578172be22",
                        "rcpt_to": TO,
                    }
                }
            }
        ],
    ),
    "mandrill": (
        f"250 2.0.0 Ok: queued as {HASH}",
        [{"event": "hard_bounce", "_id": HASH, "ts": LATER, "msg": {"_id": HASH, "email": TO}}],
    ),
    "brevo": (
        "250 2.0.0 OK: queued as <202605121100.61407735007@smtp-relay.example>",
        [
            {
                "event": "hard_bounce",
                "email": TO,
                "ts_event": LATER,
                "message-id": "<202605121100.61407735007@smtp-relay.example>",
            }
        ],
    ),
    "smtp2go": (
        "250 OK id=1vwX01-Hd3RkzQpLm-0008",
        [{"event": "bounce", "bounce": "hard", "time": WHEN, "rcpt": TO, "email_id": "1vwX01-Hd3RkzQpLm-0008"}],
    ),
    "mailersend": (
        "250 Message queued as 69a5470b7ae502d18c440009",
        [
            {
                "type": "activity.hard_bounced",
                "data": {
                    "id": "x9",
                    "type": "hard_bounced",
                    "created_at": WHEN,
                    "email": {"message": {"id": "69a5470b7ae502d18c440009"}, "recipient": {"email": TO}},
                },
            }
        ],
    ),
    "elasticemail": (
        "250 OK Kx7mTqAewzpV92LcbN0d10",
        [
            {
                "transaction": "t",
                "messageid": "Kx7mTqAewzpV92LcbN0d10",
                "to": TO,
                "date": WHEN,
                "status": "Error",
                "category": "NoMailbox",
            }
        ],
    ),
    "resend": (
        f"250 Ok {UUID}",
        [
            {
                "type": "email.bounced",
                "created_at": WHEN,
                "data": {"email_id": UUID, "to": [TO], "bounce": {"type": "Permanent"}},
            }
        ],
    ),
    "exchange": (
        "250 2.6.0 <x@out1.example> [InternalId=36104428870216, Hostname=ex1.shop.example] Queued mail for delivery",
        [
            f"{TRACKING}date-time,source,event-id,internal-message-id,network-message-id,recipient-address",
            f"{WHEN},SMTP,FAIL,36104428870216,6f2ad8c1-0e57-4c93-a4b8-000000000011,{TO}",
        ],
    ),
    "kumomta": (
        f"250 OK ids={HASH}",
        [
            {
                "type": "Bounce",
                "id": HASH,
                "recipient": TO,
                "timestamp": LATER,
                "nodeid": "n",
                "response": {"code": 550, "content": "no"},
                "bounce_classification": "InvalidRecipient",
            }
        ],
    ),
    "momentum": (
        f"250 2.0.0 OK {MOMENTUM}",
        [
            f"{STAMP + 2}{LINE}R@ana@example.org@news@shop.example@10.0.0.1@9@esmtp@default@default",
            f"{LATER}{LINE}P@example.org@9@g@b@5@0@9.9@198.51.100.1@550 5.1.1 no",
        ],
    ),
    "mailgun": (
        "250 Great success",
        [
            {
                "event": "failed",
                "severity": "permanent",
                "id": "mg13",
                "timestamp": LATER + 0.5,
                "log-level": "error",
                "recipient": TO,
                "message": {"headers": {"message-id": "m1@shop.example"}},
            }
        ],
    ),
    "powermta": (
        "250 2.6.0 message received",
        [
            "type,timeLogged,orig,rcpt,dsnStatus,dsnDiag,bounceCat,header_Message-Id",
            f"b,{LATER},news@shop.example,{TO},5.1.1,smtp;550 5.1.1 no,bad-mailbox,<m1@shop.example>",
        ],
    ),
}
"""By provider: what its server answers, and what it tells later; most with another Message-ID, or none."""


@pytest.mark.parametrize("provider", TOLD)
def test_a_message_handed_to_a_provider_is_counted_once(tmp_path: Path, provider: str) -> None:
    """Though other mail of the same files is told of by its Message-ID, and this one's is not known there."""
    reply, events = TOLD[provider]
    log = [
        *postfix("4XyZ3k0Qc1z2fD", [TO], reply),
        *postfix("4XyZ3k0Qc1z2fE", ["bob@example.org"], "250 ok", message_id="m2@shop.example", at=5),
    ]
    other = sendgrid("delivered", "bob@example.org", 9, stem="Another2nQ01aVx3mPz7Rxx")
    other["smtp-id"] = "<m2@shop.example>"
    paths = write(tmp_path, log=log, events=events, other=[other])
    rows = told("log", *paths)

    assert shown(rows, "recipient", "outcome", "queue_id", "sender") == [
        (TO, "bounced", "4XyZ3k0Qc1z2fD", "news@shop.example"),
        ("bob@example.org", "delivered", "4XyZ3k0Qc1z2fE", "news@shop.example"),
    ]
    assert next(row["source"] for row in rows if row["recipient"] == TO).startswith(provider)
    summary = counts(*paths)
    assert [summary[name] for name in ("received", "delivered", "bounced")] == [2, 1, 1]
    assert {row["table"] for row in told("trace", "4XyZ3k0Qc1z2fD", *paths)} >= {"joins"}


@pytest.mark.parametrize(("hours", "messages"), [(-7, 1), (-23, 1), (-30, 2), (5, 1)])
def test_a_log_in_a_zone_that_was_not_known(tmp_path: Path, hours: int, messages: int) -> None:
    """The provider's own id in the reply is proof, though the provider tells of hours before; not of another day."""
    log = postfix("4XyZ3k0Qc1z2fD", [TO], "250 Ok: queued as Kd8sLq2nQ01aVx3mPz7Rxx")
    paths = write(tmp_path, log=log, events=[sendgrid("delivered", TO, hours * 3600)])

    assert count("received", *paths) == messages
