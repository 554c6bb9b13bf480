"""Mandrill (Mailchimp Transactional): webhook posts and the activity export.

https://mailchimp.com/developer/transactional/docs/webhooks/

A post is a form whose only field `mandrill_events` holds an array. `msg` says how the message stands and repeats its
opens and clicks, which are not new. Only accounts that asked for it get `delivered`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, SNAPSHOT, Provider, Shape, at, cell, columns, first, listed


class Event(TypedDict, total=False):
    """One event."""

    event: str
    _id: str
    ts: int
    msg: dict[str, Any]
    url: str
    ip: str


EVENTS: dict[str, str | None] = {
    "send": "processed",
    "delivered": "delivered",
    "deferral": "deferred",
    "hard_bounce": "hard_bounced",
    "soft_bounce": "soft_bounced",
    "reject": "rejected",
    "open": "opened",
    "click": "clicked",
    "spam": "complained",
    "unsub": "unsubscribed",
    "inbound": None,
}
LISTED = {"hard-bounce", "soft-bounce", "spam", "unsub", "custom", "hard_bounce", "soft_bounce", ""}
"""Reasons of a rejection for which Mandrill's lists stand."""
SPOKEN = {
    "delivered": ("sent", "delivered"),
    "deferral": ("deferred",),
    "hard_bounce": ("bounced",),
    "soft_bounce": ("bounced", "soft-bounced"),
}
"""Events that a server's reply caused, and the types of the SMTP events that tell of it."""


def reason(record: dict[str, Any]) -> str:
    """Why it was rejected."""
    reject = record["msg"].get("reject")
    return str((reject.get("reason") if isinstance(reject, dict) else reject) or "")


def event(record: dict[str, Any]) -> str | None:
    """Our word; a change of a list says nothing of a message."""
    if "msg" not in record:
        return None
    theirs = record["event"]
    if theirs == "reject" and reason(record) in LISTED:
        return "preblocked"
    return EVENTS.get(theirs, OTHER)


def spoken(record: dict[str, Any]) -> dict[str, Any]:
    """The SMTP event that this event tells of."""
    if record.get("event") not in SPOKEN or not isinstance(record.get("msg"), dict):
        return {}
    all_of_them = [one for one in listed(record["msg"].get("smtp_events")) if isinstance(one, dict)]
    same = [one for one in all_of_them if one.get("type") in SPOKEN[record["event"]]]
    now = [one for one in same if one.get("ts") == record.get("ts")]
    return (now or same or [{}])[-1]


def reply(record: dict[str, Any]) -> str | None:
    """What the server said."""
    diag = at("msg", "diag")(record) if record.get("event") in SPOKEN else None
    return diag or spoken(record).get("diag") or ("msg" in record and reason(record)) or None


WEBHOOK = Shape(
    "mandrill-webhook",
    signature=lambda record: (
        ("event" in record and isinstance(record.get("msg"), dict) and "ts" in record)
        or (record.get("type") in ("blacklist", "whitelist", "allowlist", "denylist") and "action" in record)
    ),
    fields={
        "time": first("ts", at("msg", "ts")),
        "raw_event": first("event", "type"),
        "event": event,
        "recipient": at("msg", "email"),
        "sender": at("msg", "sender"),
        "subject": at("msg", "subject"),
        "provider_message_id": first("_id", at("msg", "_id")),
        "reply": reply,
        "bounce_class": lambda record: (
            at("msg", "bounce_description")(record) or ("msg" in record and reason(record)) or None
        ),
        "relay_ip": lambda record: spoken(record).get("destination_ip"),
        "local_ip": lambda record: spoken(record).get("source_ip"),
        "size": lambda record: spoken(record).get("size"),
        "url": "url",
        "tags": at("msg", "tags"),
        "vars": at("msg", "metadata"),
    },
)

WITHOUT_DELIVERIES = replace(
    WEBHOOK,
    name="mandrill-webhook-sent",
    asked=True,
    assumed="`send` is read as delivered, unless another event says more",
    fields={**WEBHOOK.fields, "event": lambda record: "delivered" if record.get("event") == "send" else event(record)},
)
"""For accounts without `delivered` events, where `send` is all that is told of success."""

STATES: dict[str, str | None] = {
    "sent": "delivered",
    "delivered": "delivered",
    "bounced": "hard_bounced",
    "hard-bounced": "hard_bounced",
    "soft-bounced": "soft_bounced",
    "deferred": "deferred",
    "rejected": "preblocked",
    "spam": "complained",
    "unsub": "unsubscribed",
    "unsubscribed": "unsubscribed",
    "queued": "accepted",
    "scheduled": "pending",
}
CELLS = {
    "date",
    "email address",
    "sender",
    "subject",
    "status",
    "tags",
    "opens",
    "clicks",
    "bounce detail",
    "subaccount",
}


def metadata(record: dict[str, Any]) -> dict[str, Any]:
    """The account's metadata fields: all columns that are not Mandrill's."""
    return {
        name: value
        for name, value in record.items()
        if name.lower() not in CELLS and value is not None and name[0] != "#"
    }


ACTIVITY = Shape(
    "mandrill-activity-csv",
    layout="csv",
    signature=columns("date", "emailaddress", "status", "opens", "clicks"),
    grain=SNAPSHOT,
    rank=2,
    assumed="times are those of sending, taken as UTC; `sent` is read as delivered, as a failure would replace it",
    fields={
        "time": cell("Date"),
        "raw_event": cell("Status"),
        "event": lambda record: STATES.get((cell("Status")(record) or "").lower(), OTHER),
        "recipient": cell("Email Address"),
        "sender": cell("Sender"),
        "subject": cell("Subject"),
        "bounce_class": cell("Bounce Detail"),
        "tags": lambda record: [tag.strip() for tag in (cell("Tags")(record) or "").split(",") if tag.strip()],
        "vars": metadata,
    },
)

PROVIDER = Provider(
    "mandrill",
    "Mandrill (Mailchimp Transactional)",
    "https://mailchimp.com/developer/transactional/docs/webhooks/",
    (WEBHOOK, WITHOUT_DELIVERIES, ACTIVITY),
    cannot="Deliveries only for accounts that enabled them. No id of an event. The activity export is a snapshot.",
)
