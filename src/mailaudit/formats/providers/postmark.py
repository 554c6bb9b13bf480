"""Postmark: webhooks, Bounces API, message details, and lists of messages.

https://postmarkapp.com/developer/webhooks/webhooks-overview
https://postmarkapp.com/developer/api/bounce-api

A record of a webhook has a `RecordType`; bounces tell their kind in `Type`. Times have seven digits of a second and an
offset. The MessageID is a UUID, not the Message-ID of the mail.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import (
    OTHER,
    SNAPSHOT,
    Fields,
    Provider,
    Shape,
    addresses,
    at,
    first,
    listed,
    mapping,
    objects,
    word,
)


class Event(TypedDict, total=False):
    """One webhook, or one bounce of the API."""

    RecordType: str
    MessageID: str
    Recipient: str
    Email: str
    From: str
    Subject: str
    Tag: str
    Metadata: dict[str, str]
    ID: int
    Type: str
    TypeCode: int
    Details: str
    Inactive: bool
    BouncedAt: str
    DeliveredAt: str
    ReceivedAt: str
    ChangedAt: str
    OriginalLink: str


RECORDS: dict[str, tuple[str, str | None]] = {
    # theirs: the key of its time, our word
    "Delivery": ("DeliveredAt", "delivered"),
    "Bounce": ("BouncedAt", "bounced"),
    "SpamComplaint": ("BouncedAt", "complained"),
    "Open": ("ReceivedAt", "opened"),
    "Click": ("ReceivedAt", "clicked"),
    "SubscriptionChange": ("ChangedAt", "unsubscribed"),
    "SMTPApiError": ("SubmittedAt", "enqueue_failed"),
    "Inbound": ("ReceivedAt", None),
}
BOUNCES: dict[str, str | None] = {
    "HardBounce": "hard_bounced",
    "BadEmailAddress": "hard_bounced",
    "Transient": "deferred",
    "SoftBounce": "soft_bounced",
    "DnsError": "soft_bounced",
    "Blocked": "soft_bounced",
    "SpamNotification": "soft_bounced",
    "VirusNotification": "soft_bounced",
    "DMARCPolicy": "soft_bounced",
    "Unknown": "bounced",
    "Unsubscribe": "unsubscribed",
    "Subscribe": "resubscribed",
    "AutoResponder": "auto_reply",
    "ChallengeVerification": "auto_reply",
    "AddressChange": "auto_reply",
    "OpenRelayTest": "auto_reply",
    "SpamComplaint": "complained",
    "ManuallyDeactivated": "preblocked",
    "Unconfirmed": "preblocked",
    "SMTPApiError": "enqueue_failed",
    "TemplateRenderingFailed": "enqueue_failed",
    "InboundError": None,
}


def bounce(record: Event) -> str | None:
    """Our word for a bounce; of a kind that is not known, `Inactive` tells hard from soft."""
    kind = word(record.get("Type"))
    if kind in BOUNCES:
        return BOUNCES[kind]
    return "hard_bounced" if record.get("Inactive") else "soft_bounced"


def event(record: Event) -> str | None:
    """Our word; a change of a subscription that only follows from a bounce or complaint says nothing new."""
    kind = record.get("RecordType")
    if kind is None:
        return None  # mail that came in
    if kind == "Bounce":
        return bounce(record)
    if kind == "SubscriptionChange":
        if not record.get("SuppressSending"):
            return "resubscribed"
        return "unsubscribed" if record.get("SuppressionReason") == "ManualSuppression" else None
    return RECORDS.get(kind, ("", OTHER))[1]


DETAILS = {"Bounce": "Type", "SubscriptionChange": "SuppressionReason"}
"""Keys of what makes a record's type more exact."""


def raw_event(record: Event) -> str:
    """The record's type, with the kind of a bounce or the reason of a change."""
    kind = record.get("RecordType") or ("Bounce" if "TypeCode" in record else "inbound")
    more = record.get(DETAILS.get(kind, ""))
    return f"{kind}:{more}" if more else kind


TIMES = ("ReceivedAt", "DeliveredAt", "BouncedAt", "ChangedAt", "SubmittedAt", "ErroredAt")
"""Keys of the times of records whose type is not known."""


def when(record: Event) -> Any:  # noqa: ANN401 (text, if it is as documented)
    """The event's own time."""
    return first(RECORDS.get(word(record.get("RecordType")), ("", None))[0], *TIMES)(record)


def reply(record: Event) -> str | None:
    """What the server said; with opens and clicks `Details` would be something else."""
    if record.get("RecordType") in ("Open", "Click", "SubscriptionChange"):
        return None
    return record.get("Details") or None


def is_inbound(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether a record is a mail that came in."""
    return "MessageID" in record and (
        "FromFull" in record or "OriginalRecipient" in record or record.get("MessageStream") == "inbound"
    )


def is_bounce_of_api(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether a record is a bounce as the API lists it: a webhook has the message's metadata, too."""
    return "TypeCode" in record and "BouncedAt" in record and ("RecordType" not in record or "Metadata" not in record)


FIELDS: Fields = {
    "raw_event": raw_event,
    "recipient": first("Recipient", "Email"),
    "sender": "From",
    "subject": "Subject",
    "provider_message_id": "MessageID",
    "event_id": "ID",
    "reply": reply,
    "bounce_class": "Type",
    "tags": "Tag",
    "stream": "MessageStream",
    "vars": "Metadata",
}

WEBHOOK = Shape(
    "postmark-webhook",
    signature=lambda record: (
        (
            (record.get("RecordType") in RECORDS or {"RecordType", "MessageID", "MessageStream"} <= record.keys())
            and "nodeid" not in record
            and not is_bounce_of_api(record)
        )
        or ("RecordType" not in record and "MessageEvents" not in record and is_inbound(record))
    ),
    fields={**FIELDS, "time": when, "event": event, "url": "OriginalLink"},
)
BOUNCES_API = Shape(
    "postmark-bounces-api",
    signature=is_bounce_of_api,
    rank=2,
    fields={**FIELDS, "time": "BouncedAt", "event": bounce},
)

MESSAGE_EVENTS = {
    "Delivered": "delivered",
    "Transient": "deferred",
    "Bounced": "bounced",
    "Opened": "opened",
    "LinkClicked": "clicked",
    "SubscriptionChanged": "unsubscribed",
}
SERVER = re.compile(r"^(\S+)(?: \(([0-9A-Fa-f.:]+)\))?$")


def by_event(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each recipient's acceptance, and one for each event."""
    accepted = [
        {
            **record,
            "who": who,
            "kind": record.get("Status"),
            "when": record.get("ReceivedAt"),
            "told": {},
            "accepted": True,
        }
        for who in listed(record.get("Recipients"))
    ]
    return accepted + [
        {
            **record,
            "who": told.get("Recipient"),
            "kind": told.get("Type"),
            "when": told.get("ReceivedAt"),
            "told": mapping(told.get("Details")),
            "accepted": False,
        }
        for told in objects(record["MessageEvents"])
    ]


def detail_event(part: dict[str, Any]) -> str:
    """Our word; a bounce is not told to be hard or soft."""
    if part["kind"] == "SubscriptionChanged" and str(part["told"].get("SuppressSending")).lower() == "false":
        return "resubscribed"
    return "accepted" if part["accepted"] else MESSAGE_EVENTS.get(part["kind"], OTHER)


def server(part: dict[str, Any], group: int) -> str | None:
    """Name or address of the server, which stand together: `host (address)`."""
    found = SERVER.match(word(part["told"].get("DestinationServer")))
    return found[group] if found else None


DETAIL = Shape(
    "postmark-message-details",
    signature=lambda record: isinstance(record.get("MessageEvents"), list),
    parts=by_event,
    rank=3,
    fields={
        "time": "when",
        "raw_event": "kind",
        "event": detail_event,
        "recipient": "who",
        "sender": "From",
        "subject": "Subject",
        "provider_message_id": "MessageID",
        "event_id": at("told", "BounceID"),
        "reply": lambda part: (
            part["told"].get("DeliveryMessage") or (part["told"].get("Summary") if part["kind"] == "Bounced" else None)
        ),
        "relay_host": lambda part: server(part, 1),
        "relay_ip": lambda part: part["told"].get("DestinationIP") or server(part, 2),
        "url": at("told", "Link"),
        "tags": "Tag",
        "stream": "MessageStream",
        "vars": "Metadata",
    },
)

STATES = {"Sent": "processed", "Processed": "processed", "Queued": "accepted"}
"""Of a list of messages: `Sent` is handed on, which is less than delivered."""

MESSAGES = Shape(
    "postmark-messages-api",
    signature=lambda record: (
        {"MessageID", "Status", "ReceivedAt", "Recipients"} <= record.keys() and "MessageEvents" not in record
    ),
    parts=lambda record: [{**record, "who": who} for who in addresses(listed(record["Recipients"]))],
    grain=SNAPSHOT,
    rank=4,
    fields={
        "time": "ReceivedAt",
        "raw_event": "Status",
        "event": lambda part: STATES.get(part["Status"], OTHER),
        "recipient": "who",
        "sender": "From",
        "subject": "Subject",
        "provider_message_id": "MessageID",
        "tags": "Tag",
        "stream": "MessageStream",
        "vars": "Metadata",
    },
)

PROVIDER = Provider(
    "postmark",
    "Postmark",
    "https://postmarkapp.com/developer/webhooks/webhooks-overview",
    (WEBHOOK, BOUNCES_API, DETAIL, MESSAGES),
    cannot="Deliveries, opens and clicks have no sender and no subject; message details do not tell hard from soft.",
)
