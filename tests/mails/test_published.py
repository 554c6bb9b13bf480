"""Events of Amazon SES that Amazon SNS mails: JSON as the body of a mail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mailaudit.formats.mails.recognise import read_mail

MAIL = {
    "timestamp": "2025-06-02T09:14:01.000Z",
    "source": "news@shop.example",
    "messageId": "0101018a-1",
    "destination": ["ann@recv.example"],
    "commonHeaders": {"messageId": "<m1@shop.example>", "subject": "Your June statement"},
}
FOOTER = "\n\n--\nIf you wish to stop receiving notifications from this topic, visit\nhttps://sns.example/unsubscribe?Endpoint=ops@shop.example\n"


def mailed(text: str) -> bytes:
    """Returns the mail in which a topic sends a text."""
    head = "From: bounces <no-reply@sns.example>\nTo: ops@shop.example\nSubject: AWS Notification Message\nMIME-Version: 1.0\n"
    return f"{head}Date: Mon, 02 Jun 2025 09:14:09 +0000\nContent-Type: text/plain; charset=UTF-8\n\n{text}{FOOTER}".encode()


def event(kind: str, told: dict[str, Any]) -> str:
    """Returns an event as SES writes it."""
    return json.dumps({"notificationType": kind, kind.lower(): told, "mail": MAIL})


BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "timestamp": "2025-06-02T09:14:05.000Z",
    "bouncedRecipients": [
        {
            "emailAddress": "ann@recv.example",
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
    ],
}


@pytest.mark.parametrize("pack", [str, lambda text: f"{text[:60]}!\n {text[60:]}"], ids=["whole", "parted by Sendmail"])
def test_a_bounce(pack: Any) -> None:  # noqa: ANN401 (two functions of text)
    """What the event says of its recipient is what a report would say, also where the line was too long for SMTP."""
    reading = read_mail(mailed(pack(event("Bounce", BOUNCE))))
    (recipient,) = reading.recipients

    assert (reading.kind, reading.system, reading.message_id) == ("bounce", "ses", "m1@shop.example")
    assert (recipient.address, recipient.event, recipient.smtp_code) == ("ann@recv.example", "bounced", 550)
    assert (recipient.status, recipient.reply) == ("5.1.1", "550 5.1.1 user unknown")
    assert recipient.time_us == 1_748_855_645_000_000


def test_within_a_notification() -> None:
    """A topic that sends its own envelope, too."""
    inside = {"Type": "Notification", "TopicArn": "a", "MessageId": "1", "Message": event("Bounce", BOUNCE)}

    assert [each.address for each in read_mail(mailed(json.dumps(inside))).recipients] == ["ann@recv.example"]


@pytest.mark.parametrize(
    ("kind", "told", "what", "events"),
    [
        ("Complaint", {"complainedRecipients": [{"emailAddress": "ann@recv.example"}]}, "complaint", ["complained"]),
        ("Delivery", {"recipients": ["ann@recv.example"], "smtpResponse": "250 ok"}, "receipt", ["delivered"]),
        ("Bounce", {"bounceType": "Transient", "bouncedRecipients": []}, "no_bounce", []),
        ("Bounce", {"bouncedRecipients": [{"emailAddress": 7}, {"emailAddress": "ann"}]}, "no_bounce", []),
        ("Received", {"recipients": ["ann@recv.example"]}, "no_bounce", []),
    ],
)
def test_other_events(kind: str, told: dict[str, Any], what: str, events: list[str]) -> None:
    """Complaints and deliveries are told apart; events that name nobody report nothing."""
    reading = read_mail(mailed(event(kind, told)))

    assert (reading.kind, [each.event for each in reading.recipients]) == (what, events)


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"mail": 1}', '{"a": ' * 5000, '{"notificationType": "Bounce", "mail": {}}']
)
def test_other_json(text: str) -> None:
    """Whatever else begins like JSON is no event."""
    assert read_mail(mailed(text)).kind == "no_bounce"
