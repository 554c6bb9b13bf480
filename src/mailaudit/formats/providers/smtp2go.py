"""SMTP2GO: webhooks, as JSON or as a form.

https://developers.smtp2go.com/docs/webhooks-overview

Times have no zone and are UTC. While SMTP2GO tries again a message stays `processed`: there are no deferrals.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, first, listed, word

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
READ = {"opened", "clicked", "complained", "unsubscribed", "resubscribed"}
"""What a reader does."""
BOUNCES = {"hard": "hard_bounced", "soft": "soft_bounced"}


def event(record: dict[str, Any]) -> str | None:
    """Our word."""
    ours = EVENTS.get(record["event"], OTHER)
    return BOUNCES.get(word(record.get("bounce")), ours) if ours == "bounced" else ours


def by_recipient(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each recipient: what is processed names all of them at once, in a list or in one text."""
    if record.get("rcpt"):
        return [record]
    who = [one for item in listed(record.get("recipients")) for one in re.split(r"[,;\s]+", str(item)) if one]
    return [{**record, "rcpt": one} for one in who or [None]]


def reply(record: dict[str, Any]) -> str | None:
    """What the server said; with what a reader does `message` would be something else."""
    return None if event(record) in READ else record.get("message") or record.get("reason")


WEBHOOK = Shape(
    "smtp2go-webhook",
    signature=lambda record: {"event", "email_id"} <= record.keys() and ("rcpt" in record or "recipients" in record),
    parts=by_recipient,
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
        "event_id": "id",
        "reply": reply,
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
