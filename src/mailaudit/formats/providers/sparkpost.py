"""SparkPost (Bird): webhook batches and the Events API.

https://developers.sparkpost.com/api/webhooks/
https://developers.sparkpost.com/api/events/

A webhook wraps each event in `msys` and a class; all its numbers are texts. The class of a bounce, a number, tells more
than its code. `[internal]` in a text marks what SparkPost said itself. `num_retries` counts from 0.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.classes import CLASSES
from mailaudit.formats.providers.shape import OTHER, Fields, Provider, Shape, first, word


class Event(TypedDict, total=False):
    """One event."""

    type: str
    event_id: str
    timestamp: str
    message_id: str
    transmission_id: str
    rcpt_to: str
    raw_rcpt_to: str
    friendly_from: str
    msg_from: str
    subject: str
    rcpt_tags: list[str]
    rcpt_meta: dict[str, Any]
    bounce_class: str
    error_code: str
    raw_reason: str
    reason: str
    num_retries: str
    fbtype: str
    target_link_url: str
    is_prefetched: bool


EVENTS: dict[str, str | None] = {
    "injection": "accepted",
    "delivery": "delivered",
    "delay": "deferred",
    "bounce": "bounced",
    "out_of_band": "bounced",
    "spam_complaint": "complained",
    "policy_rejection": "rejected",
    "generation_failure": "enqueue_failed",
    "generation_rejection": "rejected",
    "open": "opened",
    "initial_open": "opened",
    "amp_open": "opened",
    "amp_initial_open": "opened",
    "click": "clicked",
    "amp_click": "clicked",
    "list_unsubscribe": "unsubscribed",
    "link_unsubscribe": "unsubscribed",
    "sms_status": None,
    "relay_injection": None,
    "relay_rejection": None,
    "relay_delivery": None,
    "relay_tempfail": None,
    "relay_permfail": None,
    "relay_message": None,
    "ab_test_completed": None,
    "ab_test_cancelled": None,
    "success": None,
    "error": None,
}
OWN = {"policy_rejection", "generation_failure", "generation_rejection"}
"""Events of which no server can be the cause."""
TRACKED = {
    "open",
    "initial_open",
    "amp_open",
    "amp_initial_open",
    "click",
    "amp_click",
    "list_unsubscribe",
    "link_unsubscribe",
}
"""Events that a reader causes."""


def event(record: Event) -> str | None:
    """Our word."""
    theirs = record["type"]
    ours = EVENTS.get(theirs, OTHER)
    if ours == "bounced":
        return CLASSES.get(str(record.get("bounce_class")), ours)
    if theirs == "generation_rejection":
        return "preblocked" if "suppress" in word(reply(record)).lower() else ours
    return ours


def reply(record: Event) -> str | None:
    """The reason, whole where it is given whole."""
    return record.get("raw_reason") or record.get("reason")


def invented(record: Event) -> bool:
    """True if SparkPost itself made up the code."""
    return record["type"] in OWN or "[internal]" in word(reply(record))


def attempt(record: Event) -> int | None:
    """Which attempt it was, from 1."""
    retries = str(record.get("num_retries"))  # 0 is a number of retries, too
    return int(retries) + 1 if retries.isdecimal() else None


def relay_ip(record: Any) -> str | None:  # noqa: ANN401 (any record)
    """The other server's address; with what a reader does it would be the reader's."""
    return None if record["type"] in TRACKED else record.get("ip_address") or record.get("remote_addr")


FIELDS: Fields = {
    "time": first("timestamp", "tdate"),
    "raw_event": "type",
    "event": event,
    "recipient": first("rcpt_to", "raw_rcpt_to"),
    "sender": first("friendly_from", "msg_from"),
    "subject": "subject",
    "provider_message_id": "message_id",
    "key": first("message_id", "transmission_id"),
    "event_id": "event_id",
    "smtp_code": "error_code",
    "invented": invented,
    "reply": reply,
    "bounce_class": first("bounce_class", "fbtype"),
    "attempt": attempt,
    "relay_ip": relay_ip,
    "local_ip": "sending_ip",
    "size": "msg_size",
    "url": "target_link_url",
    "tags": "rcpt_tags",
    "pool": "ip_pool",
    "campaign": "campaign_id",
    "vars": "rcpt_meta",
    "late": lambda record: record["type"] == "out_of_band",
    "machine": lambda record: str(record.get("is_prefetched")).lower() == "true",
}


def of_msys(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event in a webhook's wrapper; none in a ping."""
    return [inside for inside in record["msys"].values() if isinstance(inside, dict) and inside.get("type")]


WEBHOOK = Shape(
    "sparkpost-webhook", signature=lambda record: isinstance(record.get("msys"), dict), parts=of_msys, fields=FIELDS
)
EVENTS_API = Shape(
    "sparkpost-events-api",
    signature=lambda record: (
        {"type", "event_id", "timestamp"} <= record.keys()
        and ("rcpt_to" in record or "transmission_id" in record)
        and "nodeid" not in record
    ),
    fields=FIELDS,
    rank=2,
)

PROVIDER = Provider(
    "sparkpost",
    "SparkPost (Bird)",
    "https://developers.sparkpost.com/api/events/",
    (WEBHOOK, EVENTS_API),
    cannot="No Message-ID of the mail itself.",
)
