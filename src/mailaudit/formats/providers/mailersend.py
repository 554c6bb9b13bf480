"""MailerSend: webhooks.

https://developers.mailersend.com/api/v1/webhooks.html

`data.created_at` is the time of the event, the outer one that of the post. `data.email.message` is the message, `email`
the mail to one of its recipients.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, at, first


class Event(TypedDict):
    """One event."""

    type: str
    created_at: str
    webhook_id: str
    data: dict[str, Any]


EVENTS: dict[str, str | None] = {
    "sent": "processed",
    "delivered": "delivered",
    "deferred": "deferred",
    "soft_bounced": "soft_bounced",
    "hard_bounced": "hard_bounced",
    "opened": "opened",
    "opened_unique": "opened",
    "clicked": "clicked",
    "clicked_unique": "clicked",
    "unsubscribed": "unsubscribed",
    "spam_complaint": "complained",
    "survey_opened": None,
    "survey_submitted": None,
}


def name(record: dict[str, Any]) -> str:
    """The event's name without `activity.`."""
    return str(record["type"]).removeprefix("activity.")


def event(record: dict[str, Any]) -> str | None:
    """Our word; tests, texts and what came in say nothing of a message."""
    return EVENTS.get(name(record), OTHER) if record["type"].startswith("activity.") else None


WEBHOOK = Shape(
    "mailersend-webhook",
    signature=lambda record: (
        isinstance(record.get("type"), str)
        and "email_id" not in (record.get("data") or ())
        and (
            (record["type"].startswith("activity.") and "email" in (record.get("data") or ()))
            or (
                record["type"].startswith(
                    ("inbound.", "webhook.", "sms.", "maintenance.", "sender_identity.", "bulk_email.")
                )
            )
        )
    ),
    fields={
        "time": first(at("data", "created_at"), "created_at"),
        "raw_event": name,
        "event": event,
        "recipient": at("data", "email", "recipient", "email"),
        "sender": at("data", "email", "from"),
        "subject": at("data", "email", "subject"),
        "provider_message_id": at("data", "email", "message", "id"),
        "event_id": at("data", "id"),
        "reply": first(at("data", "morph", "readable_reason"), at("data", "morph", "reason")),
        "url": at("data", "morph", "url"),
        "tags": at("data", "email", "tags"),
    },
)

PROVIDER = Provider(
    "mailersend",
    "MailerSend",
    "https://developers.mailersend.com/api/v1/webhooks.html",
    (WEBHOOK,),
    cannot="Codes only where the text of the reason has them; no Message-ID.",
)
