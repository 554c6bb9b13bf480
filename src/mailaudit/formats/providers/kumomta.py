"""KumoMTA: its log records.

https://docs.kumomta.com/reference/log_record/

JSON Lines in zstd segments. The code 551 of expiries and administrative bounces is KumoMTA's own. A recipient may be
several; with feedback the real one stands in the report. `response.content` has no code in front.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, at, first, listed, mapping, word


class Event(TypedDict, total=False):
    """One record."""

    type: str
    id: str
    sender: str
    recipient: str | list[str]
    queue: str
    size: int
    response: dict[str, Any]
    peer_address: dict[str, str] | None
    timestamp: int
    event_time: str
    num_attempts: int
    bounce_classification: str
    source_address: dict[str, str] | None
    feedback_report: dict[str, Any] | None
    meta: dict[str, Any]
    headers: dict[str, str]
    nodeid: str


EVENTS: dict[str, str | None] = {
    "Reception": "accepted",
    "Delivery": "delivered",
    "TransientFailure": "deferred",
    "Bounce": "bounced",
    "OOB": "bounced",
    "Expiration": "expired",
    "AdminBounce": "rejected",
    "Feedback": "complained",
    "Rejection": "rejected",
    "Delayed": None,
    "AdminRebind": None,
    "DeferredInjectionRebind": None,
    "XferOut": None,
    "XferIn": None,
}
HARD = {"invalidrecipient", "baddomain", "inactivemailbox"}
UNSORTED = {"uncategorized", ""}
OWN = {"Expiration", "AdminBounce"}
"""Records whose code no server gave."""
INCOMING = {"Reception", "Rejection"}
"""Records of which the peer is the client."""


def event(part: dict[str, Any]) -> str | None:
    """Our word: a bounce by its class, without one by its status."""
    ours = EVENTS.get(part["type"], OTHER)
    if ours != "bounced":
        return ours
    kind = word(part.get("bounce_classification")).lower()
    if kind in HARD:
        return "hard_bounced"
    if kind in UNSORTED:
        return "hard_bounced" if (enhanced(part) or "").startswith("5.1.") else "bounced"
    return "soft_bounced"


def invented(part: dict[str, Any]) -> bool:
    """True where no server spoke: KumoMTA's own acts, and a connection that it could not make."""
    return part["type"] in OWN or str(at("response", "content")(part)).startswith("KumoMTA internal:")


def enhanced(part: dict[str, Any]) -> str | None:
    """The enhanced status, whose three numbers stand apart."""
    code = at("response", "enhanced_code")(part)
    numbers = [word(mapping(code).get(name)) for name in ("class", "subject", "detail")]
    return ".".join(numbers) if all(numbers) else None


def by_recipient(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each recipient; with feedback, those whom the report names."""
    told = at("feedback_report", "original_rcpto_to")(record) if record["type"] == "Feedback" else None
    return [{**record, "who": who} for who in listed(told) or listed(record.get("recipient")) or [None]]


def bounce_class(part: dict[str, Any]) -> str | None:
    """The class of a failure, or the type of a complaint."""
    if part["type"] == "Feedback":
        return at("feedback_report", "feedback_type")(part)  # type: ignore[no-any-return]
    kind = word(part.get("bounce_classification"))
    return None if kind.lower() in UNSORTED or part["type"] in ("Reception", "Delivery") else kind


def peer(part: dict[str, Any], name: str, *, client: bool) -> str | None:
    """Name or address of the other side, if that is the client, or if it is the server."""
    if (part["type"] in INCOMING) is not client:
        return None
    value = at("peer_address", name)(part)
    return value.rstrip(".") if isinstance(value, str) else None


def local_ip(part: dict[str, Any]) -> str | None:
    """The address that it was sent from, without its port."""
    value = at("source_address", "address")(part)
    return value.rpartition(":")[0].strip("[]") if isinstance(value, str) and ":" in value else value


LOG = Shape(
    "kumomta-log",
    signature=lambda record: (
        isinstance(record.get("type"), str)
        and "response" in record
        # records of early versions name no node
        and ("nodeid" in record or {"queue", "num_attempts", "bounce_classification"} <= record.keys())
    ),
    parts=by_recipient,
    fields={
        "time": first("event_time", "timestamp"),
        "raw_event": "type",
        "event": event,
        "recipient": "who",
        "sender": lambda part: (
            (at("feedback_report", "original_mail_from")(part) if part["type"] == "Feedback" else None)
            or part.get("sender")
        ),
        "subject": first(at("headers", "Subject"), at("headers", "subject")),
        "message_id": first(at("headers", "Message-ID"), at("headers", "Message-Id"), at("headers", "message-id")),
        "queue_id": "id",
        "pool": "egress_pool",
        "key": "id",
        "smtp_code": lambda part: None if part["type"] == "Reception" else at("response", "code")(part),
        "invented": invented,
        "enhanced_status": lambda part: None if part["type"] == "Reception" else enhanced(part),
        "reply": lambda part: None if part["type"] == "Reception" else at("response", "content")(part),
        "bounce_class": bounce_class,
        "attempt": lambda part: part.get("num_attempts") or None,
        "relay_host": lambda part: peer(part, "name", client=False),
        "relay_ip": lambda part: peer(part, "addr", client=False),
        "client_host": lambda part: peer(part, "name", client=True),
        "client_ip": lambda part: peer(part, "addr", client=True),
        "local_ip": local_ip,
        "size": lambda part: part.get("size") or None,
        "vars": "meta",
        "late": lambda part: part["type"] == "OOB",
    },
)

PROVIDER = Provider(
    "kumomta",
    "KumoMTA",
    "https://docs.kumomta.com/reference/log_record/",
    (LOG,),
    cannot="Records shaped by a template of one's own are not these. No id of an event.",
)
