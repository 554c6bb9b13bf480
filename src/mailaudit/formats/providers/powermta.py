"""PowerMTA: accounting files.

https://www.postmastery.com/powermta-accounting-file-format/

Cells with a header, which may come again. Which columns there are is configured; the first is the type of the record.
`orig` is mostly an address made for one message. A record has no id. Haraka's accounting plug-in writes the same names.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, first


class Event(TypedDict, total=False):
    """One record."""

    type: str
    timeLogged: str
    timeQueued: str
    orig: str
    rcpt: str
    dsnAction: str
    dsnStatus: str
    dsnDiag: str
    dsnMta: str
    bounceCat: str
    dlvSourceIp: str
    jobId: str
    envId: str


EVENTS: dict[str, str | None] = {
    "d": "delivered",
    "b": "bounced",
    "rb": "bounced",
    "t": "deferred",
    "df": "deferred",
    "tq": None,
    "r": "accepted",
    "rs": "bounced",
    "rp": None,
    "f": "complained",
}
"""tq: of a queue, not of a recipient; rp: not documented; df: Haraka's word."""
CATEGORIES = {
    "bad-mailbox": "hard_bounced",
    "inactive-mailbox": "hard_bounced",
    "bad-domain": "hard_bounced",
    "message-expired": "expired",
}
"""All other categories are soft, unless the status says more."""
UNDECIDED = {"", "other"}
REMOTE = {"delayed": "deferred", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered"}
LATE = {"rb", "rs"}
_HOST = re.compile(r"^(?:dns;\s*)?([^\s(]+)(?:\s*\(([0-9A-Fa-f.:]+)\))?")


def event(record: Event) -> str | None:
    """Our word."""
    theirs = record["type"]
    ours = EVENTS.get(theirs, OTHER)
    action = (record.get("dsnAction") or "").lower()
    if theirs == "rs" and action in REMOTE:
        return REMOTE[action]
    return bounce(record) if ours == "bounced" else ours


def bounce(record: Event) -> str:
    """Our word for a bounce: its category, unless the status says that the address is bad."""
    category, status = (record.get("bounceCat") or "").lower(), record.get("dsnStatus") or ""
    if category in CATEGORIES:
        return CATEGORIES[category]
    if status.startswith("5.1.") and category != "invalid-sender":
        return "hard_bounced"
    undecided = category in UNDECIDED and not status.startswith("4")
    return "bounced" if undecided and (status or not category) else "soft_bounced"


def host(record: Event, group: int) -> str | None:
    """Name or address of the other server, which stand together: `host (address)`."""
    found = _HOST.match(record.get("dsnMta") or "")
    return found[group] if found else None


def key(record: Any) -> str | None:  # noqa: ANN401 (any record)
    """What all records of a message share: its Message-ID or envelope id, else who wrote to whom, and when."""
    if given := record.get("header_Message-Id") or record.get("header_Message-ID") or record.get("envId"):
        return str(given).strip("<>")
    parts = [record.get("orig"), record.get("rcpt"), record.get("timeQueued") or record.get("timeLogged")]
    return "\0".join(str(part) for part in parts) if any(parts[:2]) else None


ACCOUNTING = Shape(
    "powermta-acct",
    layout="csv",
    signature=lambda record: "type" in record and "timeLogged" in record and ("rcpt" in record or "orig" in record),
    fields={
        "time": "timeLogged",
        "raw_event": "type",
        "event": event,
        "recipient": first("rcpt", "orcpt"),
        "sender": first("orig", "header_From"),
        "subject": "header_Subject",
        "message_id": first("header_Message-Id", "header_Message-ID", "header_message-id"),
        "key": key,
        "envelope_id": "envId",
        "enhanced_status": "dsnStatus",
        "reply": "dsnDiag",
        "bounce_class": first("bounceCat", "feedbackType"),
        "relay_host": lambda record: host(record, 1),
        "relay_ip": lambda record: host(record, 2),
        "local_ip": "dlvSourceIp",
        "size": "dlvSize",
        "tags": "jobId",
        "pool": first("vmtaPool", "vmta"),
        "late": lambda record: record["type"] in LATE,
    },
)

PROVIDER = Provider(
    "powermta",
    "PowerMTA",
    "https://www.postmastery.com/powermta-accounting-file-format/",
    (ACCOUNTING,),
    cannot="Deferrals only where `t` records are switched on; no subject unless configured.",
)
