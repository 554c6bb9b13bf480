"""SMTP2GO: webhooks, as JSON or as a form.

https://developers.smtp2go.com/docs/webhooks-overview

Times have no zone and are UTC. While SMTP2GO tries again a message stays `processed`: there are no deferrals.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, first

Event = TypedDict(
    "Event",
    {
        "event": str,
        "time": str,
        "sendtime": str,
        "sender": str,
        "from": str,
        "rcpt": str,
        "auth": str,
        "email_id": str,
        "subject": str,
        "bounce": str,
        "host": str,
        "message": str,
        "context": str,
    },
    total=False,
)

EVENTS: dict[str, str | None] = {
    "processed": "accepted",
    "delivered": "delivered",
    "open": "opened",
    "opened": "opened",
    "click": "clicked",
    "clicked": "clicked",
    "bounce": "bounced",
    "hard_bounced": "hard_bounced",
    "soft_bounced": "soft_bounced",
    "spam": "complained",
    "unsubscribe": "unsubscribed",
    "unsubscribed": "unsubscribed",
    "resubscribe": "resubscribed",
    "resubscribed": "resubscribed",
    "reject": "preblocked",
    "rejected": "preblocked",
}
BOUNCES = {"hard": "hard_bounced", "soft": "soft_bounced"}


def event(record: dict[str, Any]) -> str | None:
    """Our word."""
    ours = EVENTS.get(record["event"], OTHER)
    return BOUNCES.get(record.get("bounce") or "", ours) if ours == "bounced" else ours


WEBHOOK = Shape(
    "smtp2go-webhook",
    signature=lambda record: {"event", "rcpt", "email_id"} <= record.keys(),
    fields={
        "time": first("time", "sendtime"),
        "raw_event": "event",
        "event": event,
        "recipient": "rcpt",
        "sender": first("sender", "from"),
        "subject": first("subject", "Subject"),
        "message_id": first("message-id", "Message-Id"),
        "provider_message_id": "email_id",
        "key": "email_id",
        "reply": first("message", "reason"),
        "bounce_class": "bounce",
        "relay_host": "host",
        "sasl_user": "auth",
        "url": first("url", "link"),
    },
)

PROVIDER = Provider(
    "smtp2go",
    "SMTP2GO",
    "https://developers.smtp2go.com/docs/webhooks-overview",
    (WEBHOOK,),
    cannot="No deferrals: a message that is tried again stays processed.",
)
