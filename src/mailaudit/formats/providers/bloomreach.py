"""Bloomreach Engagement: campaign events, exported as CSV or JSON.

https://documentation.bloomreach.com/engagement/docs/campaign-events

Not a provider's log but the application's: `suppressed` is its own decision, `preblocked` the provider's. A soft bounce
with `cumulative` counts towards a suppression; `valid_until` says how long one lasts. There is no id of a message: what
one action of a campaign sent to one address is taken for one.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Fields, Provider, Shape, mapping


class Event(TypedDict, total=False):
    """The properties of one event."""

    timestamp: float
    customer_id: str
    campaign_id: str
    campaign_name: str
    action_id: str
    action_type: str
    status: str
    type: str
    message: str
    recipient: str
    subject: str
    url: str
    cumulative: bool
    valid_until: float


EVENTS: dict[str, str | None] = {
    "enqueued": "accepted",
    "enqueue_failed": "enqueue_failed",
    "suppressed": "suppressed",
    "delivered": "delivered",
    "soft_bounced": "soft_bounced",
    "hard_bounced": "hard_bounced",
    "bounced": "bounced",
    "preblocked": "preblocked",
    "opened": "opened",
    "clicked": "clicked",
    "unsubscribed": "unsubscribed",
    "complained": "complained",
}
TRUE = {"true", "1"}
MARKS = {"campaign_id", "action_type", "action_id"}


def event(record: dict[str, Any]) -> str | None:
    """Our word; events of other channels, and of addresses, say nothing of a mail."""
    if record.get("action_type") not in (None, "", "email"):
        return None
    status = record.get("status")
    return EVENTS.get(status, OTHER) if status else None


def of_properties(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event's properties, with its time and customer; of another kind of event only its type."""
    inside = mapping(record["properties"])
    ids = mapping(record.get("customer_ids"))
    customer = ids.get("registered") or next(iter(ids.values()), None)
    if record.get("type") not in ("campaign", None) and "status" not in inside:
        return [{"status": None, "raw": record.get("type"), "timestamp": record.get("timestamp")}]
    return [{"timestamp": record.get("timestamp"), "customer_id": customer, **inside}]


def key(record: dict[str, Any]) -> str | None:
    """What all events of a message share."""
    parts = [record.get(name) for name in ("campaign_id", "action_id", "recipient")]
    return "\0".join(str(part).lower() for part in parts) if all(parts) else None


FIELDS: Fields = {
    "time": "timestamp",
    "raw_event": lambda record: record.get("status") or record.get("raw"),
    "event": event,
    "recipient": "recipient",
    "subject": "subject",
    "key": key,
    "smtp_code": "code",
    "reply": "message",
    "bounce_class": "type",
    "url": "url",
    "tags": "campaign_name",
    "vars": lambda record: {
        name: str(record[name]) for name in ("campaign_id", "customer_id") if record.get(name) not in (None, "")
    },
    "cumulative": lambda record: str(record.get("cumulative")).lower() in TRUE,
    "valid_until": "valid_until",
}


def is_event(record: Any) -> bool:  # noqa: ANN401 (any record)
    """Tells whether these are the properties of a campaign event."""
    return record.get("status") in EVENTS and not MARKS.isdisjoint(record)


CSV = Shape(
    "bloomreach-campaign-csv",
    layout="csv",
    signature=lambda record: {"status", "timestamp"} <= record.keys() and not MARKS.isdisjoint(record),
    fields=FIELDS,
)
JSON = Shape(
    "bloomreach-campaign-json",
    signature=lambda record: (
        isinstance(record.get("properties"), dict)
        and "timestamp" in record
        and (is_event(record["properties"]) or record.get("type") in ("campaign", "invalid_contact"))
    ),
    parts=of_properties,
    fields=FIELDS,
)
FLAT = Shape(
    "bloomreach-campaign-flat",
    signature=lambda record: "timestamp" in record and "properties" not in record and is_event(record),
    fields=FIELDS,
)

PROVIDER = Provider(
    "bloomreach",
    "Bloomreach Engagement",
    "https://documentation.bloomreach.com/engagement/docs/campaign-events",
    (CSV, JSON, FLAT),
    cannot="No id of a message, no sender, no attempts. Mails of one action to one address: told apart by `enqueued`, "
    "else by their ends, more than a day apart.",
)
