"""Twilio SendGrid: Event Webhook posts, and the Email Activity Feed as CSV or from its API.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
https://www.twilio.com/docs/sendgrid/api-reference/email-activity

A post is an array of events, each flat: reserved keys, and whatever custom arguments the sender gave. There is no
sender and no subject. A bounce that arrives after the delivery (asynchronous) has neither `sg_message_id` nor
`smtp-id`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, SNAPSHOT, Provider, Shape, word
from mailaudit.read.decode import decoded

Event = TypedDict(
    "Event",
    {
        "email": str,
        "timestamp": int,
        "event": str,
        "sg_event_id": str,
        "sg_message_id": str,
        "smtp-id": str,
        "category": "str | list[str]",
        "response": str,
        "reason": str,
        "status": str,
        "type": str,
        "bounce_classification": str,
        "attempt": "str | int",
        "ip": str,
        "url": str,
        "sg_machine_open": bool,
    },
    total=False,
)
"""One event; all other keys are custom arguments."""

EVENTS: dict[str, str | None] = {
    "processed": "processed",
    "deferred": "deferred",
    "delivered": "delivered",
    "bounce": "bounced",
    "bounced": "bounced",
    "blocked": "soft_bounced",
    "dropped": "rejected",
    "drop": "rejected",
    "open": "opened",
    "opened": "opened",
    "click": "clicked",
    "clicked": "clicked",
    "spamreport": "complained",
    "spam_report": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "group_resubscribe": "resubscribed",
    "account_status_change": None,
}
BOUNCES = {"bounce": "hard_bounced", "hard": "hard_bounced", "blocked": "soft_bounced", "soft": "soft_bounced"}
"""By `type`, or `bounce_type` of the activity API."""
PREBLOCKED = ("bounced address", "unsubscribed address", "spam reporting address")
"""Reasons of a drop for which SendGrid's suppression lists stand."""
ENGAGEMENT = frozenset(("open", "click", "opened", "clicked", "unsubscribe", "group_unsubscribe", "group_resubscribe"))
"""What a reader does."""

RESERVED = frozenset(
    [
        "email",
        "timestamp",
        "event",
        "sg_event_id",
        "sg_message_id",
        "smtp-id",
        "category",
        "response",
        "reason",
        "status",
        "type",
        "bounce_classification",
        "attempt",
        "ip",
        "tls",
        "pool",
        "cert_err",
        "useragent",
        "url",
        "url_offset",
        "sg_machine_open",
        "sg_content_type",
        "asm_group_id",
        "singlesend_id",
        "singlesend_name",
        "marketing_campaign_id",
        "marketing_campaign_name",
        "marketing_campaign_version",
        "marketing_campaign_split_id",
        "template_id",
        "template_hash",
        "template_version_id",
        "send_at",
        "newsletter",
        "sg_template_id",
        "sg_template_name",
        "sg_user_id",
        "mc_auto_id",
        "mc_auto_name",
        "mc_auto_step_id",
        "mc_pod_id",
        "mc_stats",
        "phase_id",
        "post_type",
        "nlvx_campaign_id",
        "nlvx_campaign_split_id",
        "nlvx_user_id",
        "unique_args",
        "custom_args",
        "account_event",
        "message_id",
        "sg_ab_test",
        "sg_headers",
    ]
)

_FILTER = re.compile(r"\.(?:filter|recv)[\w-]*[.\d].*$", re.DOTALL)


def event(record: Event) -> str | None:
    """Our word."""
    ours = EVENTS.get(record["event"], OTHER)
    if ours == "bounced":
        return BOUNCES.get(word(record.get("type") or record.get("bounce_type")), ours)
    if ours == "rejected":
        return "preblocked" if word(record.get("reason")).lower().startswith(PREBLOCKED) else ours
    return ours


def key(record: Event) -> str | None:
    """What all events of a message share: the part of its id before the names of the servers that handled it.

    A late bounce has only the Message-ID: SendGrid's own begins with that part, one that the sender gave is its own.
    """
    if whole := word(record.get("sg_message_id")):
        return _FILTER.sub("", whole)
    if given := word(record.get("smtp-id")):
        local, _, domain = given.strip("<>").partition("@")
        return local if "ismtpd" in domain else given.strip("<>")
    return None


@lru_cache(maxsize=4096)
def _custom(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in keys if name not in RESERVED)


def custom(record: Event) -> dict[str, Any] | None:
    """The custom arguments: every key that is not reserved, or the object that holds them."""
    names = _custom(tuple(record))
    if names:
        return {name: record[name] for name in names}  # type: ignore[literal-required]
    given = record.get("unique_args") or record.get("custom_args")
    return given if isinstance(given, dict) else None


def local_ip(record: Event) -> str | None:
    """The sending address; with what a reader does `ip` is the reader's."""
    return None if record["event"] in ENGAGEMENT else record.get("ip")


def bounce_class(record: Event) -> str | None:
    """The two words for a bounce."""
    kind, more = record.get("type"), record.get("bounce_classification")
    return f"{kind}/{more}" if kind and more else kind or more


def pool(record: Event) -> object:
    """The name of the pool of sending addresses."""
    given = record.get("pool")
    return given.get("name") if isinstance(given, dict) else given


def late(record: Event) -> bool:
    """True for a bounce that came after the delivery."""
    return record["event"] == "bounce" and not record.get("sg_message_id")


WEBHOOK = Shape(
    "sendgrid-event-webhook",
    signature=lambda record: (
        "event" in record
        and "timestamp" in record
        and ("email" in record or record["event"] == "account_status_change")
        and (
            "sg_event_id" in record or "sg_message_id" in record or ("smtp-id" in record and "message-id" not in record)
        )
    ),
    fields={
        "time": "timestamp",
        "raw_event": "event",
        "event": event,
        "recipient": "email",
        "message_id": "smtp-id",
        "provider_message_id": "sg_message_id",
        "key": key,
        "event_id": "sg_event_id",
        "enhanced_status": "status",
        "reply": lambda record: record.get("response") or record.get("reason"),
        "bounce_class": bounce_class,
        "attempt": "attempt",
        "local_ip": local_ip,
        "url": "url",
        "tags": "category",
        "campaign": lambda record: record.get("marketing_campaign_name") or record.get("singlesend_name"),
        "pool": pool,
        "vars": custom,
        "late": late,
        "machine": "sg_machine_open",
    },
)


def _list(text: object) -> object:
    """A cell that holds JSON."""
    return decoded(text) if isinstance(text, str) and text[:1] in ("[", "{") else text


ACTIVITY_CSV = Shape(
    "sendgrid-activity-csv",
    layout="csv",
    signature=lambda record: {"processed", "message_id", "event", "email"} <= record.keys(),
    rank=2,
    assumed="times are taken as UTC",
    fields={
        "time": "processed",
        "raw_event": "event",
        "event": event,
        "recipient": "email",
        "sender": "from",
        "subject": "subject",
        "provider_message_id": "message_id",
        "key": lambda record: _FILTER.sub("", word(record.get("message_id"))) or None,
        "reply": "reason",
        "bounce_class": "type",
        "attempt": "attempt",
        "local_ip": "outbound_ip",
        "relay_host": "mx",
        "url": "url",
        "tags": lambda record: _list(record.get("categories")),
        "campaign": "marketing_campaign_name",
        "vars": lambda record: _list(record.get("unique_args")),
    },
)


def activity_parts(record: dict[str, Any]) -> list[dict[str, Any]]:
    """One record for each event of a message."""
    return [{**record, **one, "event": one.get("event_name"), "events": None} for one in record["events"]]


ACTIVITY_API = Shape(
    "sendgrid-activity-api",
    signature=lambda record: "msg_id" in record and "to_email" in record and isinstance(record.get("events"), list),
    parts=activity_parts,
    rank=2,
    fields={
        "time": "processed",
        "raw_event": "event",
        "event": event,
        "recipient": "to_email",
        "sender": "from_email",
        "subject": "subject",
        "provider_message_id": "msg_id",
        "key": lambda record: _FILTER.sub("", word(record.get("msg_id"))) or None,
        "reply": "reason",
        "bounce_class": "bounce_type",
        "attempt": "attempt_num",
        "local_ip": "outbound_ip",
        "relay_host": "mx_server",
        "url": "url",
        "tags": "categories",
        "vars": lambda record: _list(record.get("unique_args")),
    },
)

STATES: dict[str, str | None] = {"processed": "processed", "delivered": "delivered", "not_delivered": "bounced"}

ACTIVITY_LIST = Shape(
    "sendgrid-activity-list",
    signature=lambda record: (
        {"msg_id", "to_email", "status", "last_event_time"} <= record.keys() and "events" not in record
    ),
    grain=SNAPSHOT,
    rank=3,
    fields={
        "time": "last_event_time",
        "raw_event": "status",
        "event": lambda record: STATES.get(record["status"], OTHER),
        "recipient": "to_email",
        "sender": "from_email",
        "subject": "subject",
        "provider_message_id": "msg_id",
        "key": lambda record: _FILTER.sub("", word(record.get("msg_id"))) or None,
    },
)

PROVIDER = Provider(
    "sendgrid",
    "Twilio SendGrid",
    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event",
    (WEBHOOK, ACTIVITY_CSV, ACTIVITY_API, ACTIVITY_LIST),
    answers_key=True,
    cannot="Webhook events have no sender and no subject; a bounce after the delivery has no message id.",
)
