"""Resend: webhooks.

https://resend.com/docs/dashboard/webhooks/event-types

The event's time is the outer `created_at`. Where a message has several recipients, an event does not say whose it is,
so each of them gets it. There are no SMTP codes.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, addresses, at, first, joined, listed, mapping


class Event(TypedDict):
    """One event."""

    type: str
    created_at: str
    data: dict[str, Any]


EVENTS: dict[str, str | None] = {
    "email.sent": "accepted",
    "email.delivered": "delivered",
    "email.delivery_delayed": "deferred",
    "email.bounced": "bounced",
    "email.suppressed": "preblocked",
    "email.failed": "enqueue_failed",
    "email.scheduled": "pending",
    "email.opened": "opened",
    "email.clicked": "clicked",
    "email.complained": "complained",
    "email.received": None,
}
BOUNCES = {"permanent": "hard_bounced", "transient": "soft_bounced", "undetermined": "bounced"}
SUPPRESSED = {"suppressed", "onaccountsuppressionlist"}
AROUND = ("contact.", "domain.")
"""Events that are not about mail."""


def event(part: dict[str, Any]) -> str | None:
    """Our word."""
    theirs = part["type"]
    if theirs.startswith(AROUND):
        return None
    if theirs != "email.bounced":
        return EVENTS.get(theirs, OTHER)
    bounce = mapping(part["data"].get("bounce"))
    text = str(bounce.get("message") or "")
    if str(bounce.get("subType")).lower() in SUPPRESSED or "suppressed" in text.lower():
        return "preblocked"
    return BOUNCES.get(str(bounce.get("type")).lower(), "bounced")


def diagnosis(part: dict[str, Any]) -> str | None:
    """What the server said of a bounce, where newer records have it; without an attempt it said nothing."""
    said = listed(mapping(part["data"].get("bounce")).get("diagnosticCode"))
    return str(said[0]) if said and event(part) != "preblocked" else None


def tags(part: dict[str, Any]) -> dict[str, Any]:
    """The sender's tags: an object, formerly a list of names and values."""
    given = part["data"].get("tags")
    if isinstance(given, list):
        return {str(tag.get("name")): tag.get("value") for tag in given if isinstance(tag, dict)}
    return given or {}


def by_recipient(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each address that the message went to."""
    to: list[Any] = [*addresses(listed(record["data"].get("to")))]
    return [{**record, "who": who} for who in to or [None]]


WEBHOOK = Shape(
    "resend-webhook",
    signature=lambda record: (
        isinstance(record.get("type"), str)
        and isinstance(record.get("data"), dict)
        and "created_at" in record
        and (
            (record["type"].startswith("email.") and "email_id" in record["data"])
            or (record["type"].startswith(AROUND) and "webhook_id" not in record and "object" not in record["data"])
        )
    ),
    parts=by_recipient,
    fields={
        "time": "created_at",
        "raw_event": "type",
        "event": event,
        "recipient": "who",
        "sender": at("data", "from"),
        "subject": at("data", "subject"),
        "message_id": at("data", "message_id"),
        "provider_message_id": at("data", "email_id"),
        "key": at("data", "email_id"),
        "reply": first(
            diagnosis,
            at("data", "bounce", "message"),
            at("data", "failed", "reason"),
            at("data", "suppressed", "message"),
        ),
        "bounce_class": lambda part: joined("type", "subType")(mapping(part["data"].get("bounce"))),
        "url": at("data", "click", "link"),
        "campaign": at("data", "broadcast_id"),
        "vars": tags,
    },
)

PROVIDER = Provider(
    "resend",
    "Resend",
    "https://resend.com/docs/dashboard/webhooks/event-types",
    (WEBHOOK,),
    cannot="SMTP codes of bounces only, and only in newer records; of several recipients, not whose event it is.",
)
