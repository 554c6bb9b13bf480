"""Mailgun: Events API and Logs API, webhooks (v3 and legacy), and the control panel's CSV.

https://documentation.mailgun.com/docs/mailgun/user-manual/events/
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/

Keys have hyphens. `failed` stands for an attempt as well as for the end; `severity` tells which. The codes 498, 499,
602 and 605 to 607 are Mailgun's own; what the server itself had said stands in `last-message` then. A legacy webhook
is flat text; its time is that of the post.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import (
    OTHER,
    Fields,
    Provider,
    Shape,
    addresses,
    at,
    cell,
    columns,
    first,
    joined,
    listed,
    mapping,
    word,
)
from mailaudit.read.decode import decoded

Event = TypedDict(
    "Event",
    {
        "event": str,
        "timestamp": float,
        "@timestamp": str,
        "id": str,
        "log-level": str,
        "severity": str,
        "reason": str,
        "delivery-status": "dict[str, Any] | None",
        "envelope": dict[str, Any],
        "message": dict[str, Any],
        "recipient": str,
        "flags": dict[str, bool],
        "tags": list[str],
        "user-variables": "dict[str, Any] | str",
        "reject": dict[str, str],
        "client-info": dict[str, str],
        "url": str,
    },
    total=False,
)

EVENTS: dict[str, str | None] = {
    "accepted": "accepted",
    "delivered": "delivered",
    "failed": "hard_bounced",
    "rejected": "rejected",
    "opened": "opened",
    "clicked": "clicked",
    "unsubscribed": "unsubscribed",
    "complained": "complained",
    "stored": None,
    "list_member_uploaded": None,
    "list_member_upload_error": None,
    "list_uploaded": None,
    # the legacy webhooks' own words
    "bounced": "hard_bounced",
    "dropped": "rejected",
}
SUPPRESSED_CODES = {"605", "606", "607"}
EXPIRED_CODE = "602"
OWN_CODES = {"498", "499", EXPIRED_CODE, *SUPPRESSED_CODES}
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def ours(event: str, severity: str, reason: str, code: str, *, late: bool = False) -> str | None:
    """Our word for an event of the APIs, the v3 webhooks or the CSV."""
    if event != "failed":
        return EVENTS.get(event, OTHER)
    if severity == "temporary":
        return "deferred"
    if late:
        return "hard_bounced"
    if reason.startswith("suppress") or code in SUPPRESSED_CODES:
        return "preblocked"
    return "expired" if reason == "old" or code == EXPIRED_CODE else "hard_bounced"


code = at("delivery-status", "code")
late = at("flags", "is-delayed-bounce")


def invented(record: Event) -> bool:
    """True where the code is Mailgun's own: no server spoke."""
    return word(code(record)) in OWN_CODES


def event(record: Event) -> str | None:
    """Our word."""
    return ours(
        record["event"],
        word(record.get("severity")),
        word(record.get("reason")),
        word(code(record)),
        late=bool(late(record)),
    )


def last_reply(record: Event) -> str | None:
    """What the server said at the last attempt, where the message is Mailgun's own: `Too old`."""
    status = mapping(record.get("delivery-status"))
    said = word(status.get("last-message"))
    return f"{word(status.get('last-code'))} {said}" if said and invented(record) else None


def campaign(record: Event) -> str | None:
    """The first campaign's name, else its id."""
    given = [one for one in listed(record.get("campaigns")) if isinstance(one, dict)]
    return first("name", "id")(given[0]) if given else None


def by_recipient(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A rejected message has no recipient of its own, only those of its header."""
    if record.get("recipient"):
        return [record]
    to = addresses(at("message", "headers", "to")(record))
    return [{**record, "recipient": address} for address in to] or [record]


def of_webhook(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The event in a webhook's envelope."""
    inside = mapping(record["event-data"])
    return by_recipient(inside) if inside.get("event") else []


FIELDS: Fields = {
    "time": lambda record: record.get("timestamp") or record.get("@timestamp"),
    "raw_event": "event",
    "event": event,
    "recipient": "recipient",
    "sender": first(at("envelope", "sender"), at("message", "headers", "from")),
    "subject": at("message", "headers", "subject"),
    "message_id": at("message", "headers", "message-id"),
    "event_id": "id",
    "smtp_code": code,
    "invented": invented,
    "enhanced_status": at("delivery-status", "enhanced-code"),
    "reply": first(
        at("delivery-status", "message"),
        at("delivery-status", "description"),
        at("reject", "reason"),
        at("reject", "description"),
    ),
    "last_reply": last_reply,
    "bounce_class": joined("severity", "reason"),
    "attempt": at("delivery-status", "attempt-no"),
    "relay_host": at("delivery-status", "mx-host"),
    "local_ip": at("envelope", "sending-ip"),
    "client_ip": "originating-ip",
    "size": at("message", "size"),
    "url": "url",
    "tags": "tags",
    "campaign": campaign,
    "vars": lambda record: mapping(record.get("user-variables")),
    "late": late,
    "machine": at("client-info", "bot"),
}


def _is_event(record: Any) -> bool:  # noqa: ANN401 (any record)
    own = "log-level" in record or "delivery-status" in record or "headers" in (record.get("message") or ())
    return own and isinstance(record.get("event"), str) and "id" in record and "sg_event_id" not in record


EVENTS_API = Shape(
    "mailgun-events-api",
    signature=lambda record: "timestamp" in record and "@timestamp" not in record and _is_event(record),
    parts=by_recipient,
    fields=FIELDS,
)
LOGS_API = Shape(
    "mailgun-logs-api",
    signature=lambda record: "@timestamp" in record and _is_event(record),
    parts=by_recipient,
    fields=FIELDS,
    rank=2,
)
WEBHOOK = Shape(
    "mailgun-webhook-v3",
    signature=lambda record: "event-data" in record and "signature" in record,
    parts=of_webhook,
    fields=FIELDS,
)


def legacy_event(record: dict[str, Any]) -> str | None:
    """Our word for a legacy webhook's event."""
    theirs = record["event"]
    if theirs == "dropped":
        reason, number = word(record.get("reason")), word(record.get("code"))
        if number in SUPPRESSED_CODES:
            return "preblocked"
        return "expired" if reason == "old" or number == EXPIRED_CODE else EVENTS[theirs]
    return EVENTS.get(theirs, OTHER)


def headers(record: dict[str, Any]) -> dict[str, str]:
    """The headers by lower-case name; they are JSON in a text."""
    text = record.get("message-headers")
    pairs = decoded(text) if isinstance(text, str) else text
    if not isinstance(pairs, list):
        return {}
    return {str(pair[0]).lower(): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2}  # noqa: PLR2004


LEGACY_KEYS = frozenset(
    """event recipient domain timestamp token signature message-headers message-id x-mailgun-sid code reason description
    error notification url ip country region city user-agent device-type client-type client-name client-os campaign-id
    campaign-name tag mailing-list attachment-count body-plain my_var_1 my-var-2 mailgun-message-id h event-timestamp
    attachment-1 attachment-x""".split()  # noqa: SIM905 (names in rows)
) - {"my_var_1", "my-var-2"}


def legacy_vars(record: dict[str, Any]) -> dict[str, Any]:
    """The user's variables: all keys that are not Mailgun's."""
    given = record.get("user-variables")
    own = {key: value for key, value in record.items() if key.lower() not in LEGACY_KEYS and value is not None}
    return mapping(given) if given else own


LEGACY = Shape(
    "mailgun-webhook-legacy",
    signature=lambda record: (
        {"event", "token", "timestamp", "signature"} <= record.keys()
        and (
            "message-headers" in record
            or (isinstance(record["signature"], str) and _HEX.fullmatch(record["signature"]) is not None)
        )
    ),
    rank=3,
    fields={
        "time": "timestamp",
        "raw_event": "event",
        "event": legacy_event,
        "recipient": "recipient",
        "sender": lambda record: headers(record).get("from"),
        "subject": lambda record: headers(record).get("subject"),
        "message_id": lambda record: (
            record.get("Message-Id") or record.get("message-id") or headers(record).get("message-id")
        ),
        "event_id": "token",
        "smtp_code": "code",
        "invented": lambda record: str(record.get("code")) in OWN_CODES,
        "reply": first("error", "description", "notification"),
        "bounce_class": "reason",
        "url": "url",
        "tags": lambda record: None if record.get("tag") == "*" else record.get("tag"),
        "vars": legacy_vars,
    },
)

severity, reason, number = (
    cell("severity"),
    cell("reason"),
    cell("code", "status code", "delivery code", "delivery-status.code"),
)
told = cell("event", "event type", "status")

LOGS_CSV = Shape(
    "mailgun-logs-csv",
    layout="csv",
    signature=columns(
        "event|eventtype|status",
        "recipient|to",
        "date|timestamp|time",
        "severity|deliverystatus|deliverystatuscode|deliverystatusmessage|loglevel|deliverymessage|reason",
        "!typ|eventtarget|messagetraceid|sgeventid",
    ),
    assumed="a time stands for its minute and is taken as UTC",
    grain=60,
    rank=4,
    fields={
        "time": cell("date", "timestamp", "time"),
        "raw_event": told,
        "event": lambda record: ours(
            word(told(record)).lower(),
            word(severity(record)).lower(),
            word(reason(record)).lower(),
            word(number(record)),
        ),
        "recipient": cell("recipient", "to"),
        "sender": cell("sender", "envelope.sender", "from", "message.headers.from"),
        "subject": cell("subject", "message.headers.subject"),
        "message_id": cell("message id", "message.headers.message-id"),
        "event_id": cell("event id", "id"),
        "smtp_code": number,
        "invented": lambda record: number(record) in OWN_CODES,
        "last_reply": cell("last message", "delivery-status.last-message"),
        "reply": cell("message", "delivery message", "delivery-status.message", "description", "delivery status"),
        "bounce_class": joined(severity, reason),
        "url": cell("url"),
        "tags": lambda record: [
            tag.strip() for tag in re.split(r"[;,|]", cell("tags", "tag")(record) or "") if tag.strip()
        ],
    },
)

PROVIDER = Provider(
    "mailgun",
    "Mailgun",
    "https://documentation.mailgun.com/docs/mailgun/user-manual/events/",
    (EVENTS_API, LOGS_API, WEBHOOK, LEGACY, LOGS_CSV),
    cannot="Opens and clicks have no sender and no subject. Legacy webhooks tell when they were posted.",
)
