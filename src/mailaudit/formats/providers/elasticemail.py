"""Elastic Email: webhook parameters and the events of the API (v4).

https://help.elasticemail.com/en/articles/2376855-how-to-manage-http-web-notifications-webhooks
https://elasticemail.com/developers/api-documentation/rest-api

`Error` covers everything that was not delivered; the category tells why. Dates of the webhook are UTC, US style.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape

Event = TypedDict(
    "Event",
    {
        "transaction": str,
        "messageid": str,
        "from": str,
        "to": str,
        "date": str,
        "subject": str,
        "status": str,
        "channel": str,
        "category": str,
        "target": str,
    },
    total=False,
)

EVENTS: dict[str, str | None] = {
    "sent": "delivered",
    "opened": "opened",
    "open": "opened",
    "clicked": "clicked",
    "click": "clicked",
    "error": "soft_bounced",
    "bounce": "soft_bounced",
    "abusereport": "complained",
    "complaint": "complained",
    "unsubscribed": "unsubscribed",
    "unsubscribe": "unsubscribed",
    "transactionalunsubscribe": "unsubscribed",
    "submission": "accepted",
    "failedattempt": "deferred",
    "suppress": "preblocked",
}
CATEGORIES = {
    "nomailbox": "hard_bounced",
    "accountproblem": "hard_bounced",
    "blacklisted": "preblocked",
    "manualcancel": "rejected",
}
"""Why it was not delivered, where that is more than a failure for now."""
NOTHING = {"ignore", "unknown", ""}


def ours(theirs: Any, category: Any) -> str | None:  # noqa: ANN401 (texts, if they are as documented)
    """Our word for an event with its category."""
    word = str(theirs or "").lower()
    if word in ("error", "bounce"):
        return CATEGORIES.get(str(category or "").lower(), EVENTS[word])
    return EVENTS.get(word, OTHER)


def told(category: Any) -> str | None:  # noqa: ANN401 (a text, if it is as documented)
    """The category, if it says anything."""
    return None if str(category or "").lower() in NOTHING else category


WEBHOOK = Shape(
    "elasticemail-webhook",
    signature=lambda record: {"transaction", "status", "to", "date", "category"} <= record.keys(),
    assumed="dates are US style and UTC",
    fields={
        "time": "date",
        "raw_event": "status",
        "event": lambda record: ours(record["status"], record["category"]),
        "recipient": "to",
        "sender": "from",
        "subject": "subject",
        "provider_message_id": lambda record: record.get("messageid") or record.get("transaction"),
        "bounce_class": lambda record: told(record["category"]),
        "url": "target",
        "tags": "channel",
    },
)
EVENTS_API = Shape(
    "elasticemail-events-api",
    signature=lambda record: {"EventType", "EventDate", "MsgID"} <= record.keys(),
    rank=2,
    fields={
        "time": "EventDate",
        "raw_event": "EventType",
        "event": lambda record: ours(record["EventType"], record.get("MessageCategory")),
        "recipient": "To",
        "sender": "FromEmail",
        "subject": "Subject",
        "provider_message_id": "MsgID",
        "reply": "Message",
        "bounce_class": lambda record: told(record.get("MessageCategory")),
        "local_ip": "IPAddress",
        "url": "Link",
        "tags": "ChannelName",
    },
)

PROVIDER = Provider(
    "elasticemail",
    "Elastic Email",
    "https://help.elasticemail.com/en/articles/2376855-how-to-manage-http-web-notifications-webhooks",
    (WEBHOOK, EVENTS_API),
    cannot="The webhook has no codes and no reply, only a category.",
)
