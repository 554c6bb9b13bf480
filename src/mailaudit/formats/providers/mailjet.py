"""Mailjet: the Event API, events grouped or one by one.

https://dev.mailjet.com/email/guides/webhooks/

`sent` means delivered. A bounce that is not hard is an end, unless the server only greylisted it. MessageID is a whole
number beyond what a floating-point number holds. There is no sender and no subject.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, mapping, word


class Event(TypedDict, total=False):
    """One event."""

    event: str
    time: int
    MessageID: int
    Message_GUID: str
    email: str
    mj_campaign_id: int
    customcampaign: str
    CustomID: str
    Payload: str
    smtp_reply: str
    url: str
    hard_bounce: bool
    blocked: bool
    error_related_to: str
    error: str
    comment: str
    source: str


EVENTS: dict[str, str | None] = {
    "sent": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "blocked": "preblocked",
    "spam": "complained",
    "unsub": "unsubscribed",
    "": None,
}
TRIED_AGAIN = {"greylisted"}
"""Errors of a bounce after which Mailjet tries again."""


def event(record: Event) -> str | None:
    """Our word; the empty event is a test."""
    ours = EVENTS.get(record["event"] or "", OTHER)
    if ours != "bounced":
        return ours
    if str(record.get("hard_bounce")).lower() in ("true", "1"):
        return "hard_bounced"
    return "deferred" if word(record.get("error")) in TRIED_AGAIN else "soft_bounced"


def bounce_class(record: Event) -> str | None:
    """What the error is related to, and the error."""
    related, error = record.get("error_related_to"), record.get("error")
    if related or error:
        return f"{related or ''}/{error or ''}"
    return record.get("source")


def variables(record: Event) -> dict[str, Any]:
    """CustomID, and what is in Payload if that is an object."""
    own: dict[str, Any] = {"CustomID": record["CustomID"]} if record.get("CustomID") else {}
    return {**own, **mapping(record.get("Payload"))}


WEBHOOK = Shape(
    "mailjet-event-api",
    signature=lambda record: (
        {"event", "time", "email"} <= record.keys() and ("MessageID" in record or "mj_campaign_id" in record)
    ),
    fields={
        "time": "time",
        "raw_event": "event",
        "event": event,
        "recipient": "email",
        "provider_message_id": "MessageID",
        "handed_as": "Message_GUID",
        "reply": lambda record: record.get("smtp_reply") or record.get("comment"),
        "bounce_class": bounce_class,
        "url": "url",
        "tags": "customcampaign",
        "vars": variables,
    },
)

PROVIDER = Provider(
    "mailjet",
    "Mailjet",
    "https://dev.mailjet.com/email/guides/webhooks/",
    (WEBHOOK,),
    cannot="No sender, no subject, no Message-ID; no acceptance.",
)
