"""Microsoft 365: message trace (JSON, CSV), its details, the enhanced summary and the extended report.

https://learn.microsoft.com/en-us/exchange/monitoring/trace-an-email-message/message-trace-modern-eac
https://learn.microsoft.com/en-us/powershell/module/exchange/get-messagetrace

A trace is a snapshot: one row for a message and recipient, the time that of reception, UTC without saying so. Files are
often UTF-16. `Failed` comes without a reason.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypedDict

from mailaudit.formats.providers import tracking
from mailaudit.formats.providers.shape import OTHER, SNAPSHOT, Fields, Provider, Shape, cell, columns, first, has


class Event(TypedDict, total=False):
    """One row of a trace."""

    MessageId: str
    Received: str
    SenderAddress: str
    RecipientAddress: str
    Subject: str
    Status: str
    ToIP: str
    FromIP: str
    Size: int
    MessageTraceId: str


STATES: dict[str, str | None] = {
    "delivered": "delivered",
    "failed": "bounced",
    "pending": "deferred",
    "expanded": "expanded",
    "quarantined": "held",
    "filteredasspam": "rejected",
    "gettingstatus": "pending",
    "none": "pending",
    "resolved": None,
}
STEPS = {
    "receive": "accepted",
    "submit": "accepted",
    "send": "delivered",
    "sendexternal": "delivered",
    "deliver": "delivered",
    "delivered": "delivered",
    "fail": "bounced",
    "failed": "bounced",
    "defer": "deferred",
    "deferred": "deferred",
    "expand": "expanded",
    "expanded": "expanded",
    "drop": "rejected",
    "dropped": "rejected",
    "quarantine": "held",
    "quarantined": "held",
}
"""What the last word of a recipient's status, or a step of a trace's details, means."""


def state(word: Any) -> str | None:  # noqa: ANN401 (a text, if it is as documented)
    """Our word for a status."""
    return STATES.get(str(word or "").replace(" ", "").lower(), OTHER)


FIELDS: Fields = {
    "time": first("Received", "receivedDateTime"),
    "raw_event": first("Status", "status"),
    "event": lambda record: state(record.get("Status") or record.get("status")),
    "recipient": first("RecipientAddress", "recipientAddress"),
    "sender": first("SenderAddress", "senderAddress"),
    "subject": first("Subject", "subject"),
    "message_id": first("MessageId", "messageId"),
    "provider_message_id": first("MessageTraceId", "id"),
    "key": lambda record: str(record.get("MessageTraceId") or record.get("id") or "").replace("-", "").lower() or None,
    "size": first("Size", "size"),
    "client_ip": first("FromIP", "fromIP"),
    "relay_ip": first("ToIP", "toIP"),
}
TRACE = Shape(
    "m365-message-trace",
    signature=has("MessageTraceId", "RecipientAddress", "Status"),
    fields=FIELDS,
    grain=SNAPSHOT,
    rank=3,
)
GRAPH = Shape(
    "m365-message-trace-graph",
    signature=has("recipientAddress", "receivedDateTime", "status"),
    fields=FIELDS,
    grain=SNAPSHOT,
    rank=3,
)
TRACE_CSV = Shape(
    "m365-message-trace-csv",
    layout="csv",
    signature=columns("MessageTraceId", "RecipientAddress", "Status"),
    assumed="dates like 3/2/2026 have the month first, and are UTC",
    fields=FIELDS,
    grain=SNAPSHOT,
    rank=4,
)
SUMMARY_CSV = Shape(
    "m365-summary-csv",
    layout="csv",
    signature=columns(
        "date|received|dateutc|dateutctime|datereceived|receivedutc",
        "sender|senderaddress|from",
        "recipient|recipientaddress|recipients|to",
        "subject",
        "status|deliverystatus",
        "!messagetraceid|severity|opens|deliverymessage|eventtarget|code|event|email",
    ),
    assumed="dates like 3/2/2026 have the month first, and are UTC",
    fields={
        "time": cell("date", "received", "date (utc)", "date (utc time)", "date received", "received (utc)"),
        "raw_event": cell("status", "delivery status"),
        "event": lambda record: state(cell("status", "delivery status")(record)),
        "recipient": cell("recipient", "recipient address", "recipients", "to"),
        "sender": cell("sender", "sender address", "from"),
        "subject": cell("subject"),
        "message_id": cell("message id"),
        "provider_message_id": cell("network message id", "message trace id"),
        "size": cell("size"),
        "client_ip": cell("from ip", "sender ip"),
    },
    grain=SNAPSHOT,
    rank=5,
)


def by_recipient(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each recipient of a packed status: `address##Receive, Send;address##…`."""
    parts = []
    for one in (record["recipient_status"] or "").split(";"):
        address, _, steps = one.partition("##")
        if address.strip():
            parts.append({**record, "who": address, "steps": steps.strip()})
    return parts


def last_step(part: dict[str, Any]) -> str:
    """Our word for the last step of a recipient."""
    return STEPS.get(part["steps"].rpartition(",")[2].strip().lower(), OTHER)


ENHANCED = Shape(
    "m365-enhanced-summary",
    layout="csv",
    signature=has("origin_timestamp_utc", "recipient_status"),
    parts=by_recipient,
    fields={
        "time": "origin_timestamp_utc",
        "raw_event": "steps",
        "event": last_step,
        "recipient": "who",
        "sender": "sender_address",
        "subject": "message_subject",
        "message_id": "message_id",
        "provider_message_id": "network_message_id",
        "key": lambda part: (part.get("network_message_id") or "").replace("-", "").lower() or None,
        "client_ip": "original_client_ip",
        "size": "total_bytes",
    },
    grain=SNAPSHOT,
    rank=3,
)

NAMES = {**tracking.named("_"), "time": "date_time_utc"}
EXTENDED = Shape(
    "m365-extended-report",
    layout="csv",
    signature=has("date_time_utc", "recipient_status", "event_id"),
    fills=partial(tracking.with_origins, names=NAMES),
    parts=lambda record: tracking.parts(record, NAMES),
    fields=tracking.FIELDS,
)

DETAIL_FIELDS: Fields = {
    "time": "Date",
    "raw_event": "Event",
    "event": lambda record: STEPS.get(str(record.get("Event") or "").replace(" ", "").lower(), OTHER),
    "recipient": first("RecipientAddress", "Recipient"),
    "sender": "SenderAddress",
    "message_id": "MessageId",
    "provider_message_id": "MessageTraceId",
    "key": FIELDS["key"],
    "reply": "Detail",
}
DETAIL = Shape(
    "m365-message-trace-detail",
    signature=lambda record: {"Date", "Event", "Action", "Detail"} <= record.keys() and "Status" not in record,
    fields=DETAIL_FIELDS,
    rank=2,
)
DETAIL_CSV = Shape(
    "m365-message-trace-detail-csv",
    layout="csv",
    signature=lambda record: {"Date", "Event", "Action", "Detail", "Data"} <= record.keys(),
    fields=DETAIL_FIELDS,
    rank=2,
)

PROVIDER = Provider(
    "microsoft365",
    "Microsoft 365 (message trace)",
    "https://learn.microsoft.com/en-us/exchange/monitoring/trace-an-email-message/message-trace-modern-eac",
    (TRACE, GRAPH, TRACE_CSV, SUMMARY_CSV, ENHANCED, EXTENDED, DETAIL, DETAIL_CSV),
    cannot="Traces are snapshots without a reason, a code, or attempts; only the extended report has these.",
)
