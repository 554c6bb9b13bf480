"""Momentum (on premises): mainlog and bouncelog.

https://support.sparkpost.com/momentum/4/log-formats

Fields with `@` between them; the fifth is the type. What a server said comes last and may hold `@` itself, so each type
is cut only as often as it has fields. Deliveries and failures name the recipient's domain only: their addresses stand
in the reception (R) of the same message.
"""

from __future__ import annotations

from typing import Any

from mailaudit.formats.providers.classes import CLASSES
from mailaudit.formats.providers.shape import OTHER, Provider, Shape
from mailaudit.read.cells import AT

TYPES: dict[str, tuple[str, ...]] = {
    "R": ("rl", "rd", "fl", "fd", "client", "size", "protocol", "group", "binding"),
    "D": ("rd", "size", "group", "binding", "retries", "delay", "ip"),
    "T": ("rd", "size", "group", "binding", "stage", "retries", "delay", "ip", "text"),
    "P": ("rd", "size", "group", "binding", "stage", "retries", "delay", "ip", "text"),
    "B": ("rl", "rd", "fl", "fd", "group", "binding", "stage", "class", "size", "ip", "text"),
}
"""The fields behind the type."""
EVENTS: dict[str, str | None] = {
    "R": "accepted",
    "D": "delivered",
    "T": "deferred",
    "P": "bounced",
    "B": "bounced",
    "X": None,
    "M": None,
}
NAMES = {"M": "heartbeat", "X": "transfer to another node"}
MOST = 200_000
"""Receptions remembered at a time."""


def cut(line: str) -> dict[str, Any]:
    """The fields of a line."""
    stamp, message, batch, connection, rest = [*line.split("@", 4), "", "", "", ""][:5]
    kind, _, fields = rest.partition("@")
    names = TYPES.get(kind, ())
    values = fields.split("@", max(len(names) - 1, 0)) if names else []
    return {
        "time": stamp,
        "message": message or None,
        "batch": batch,
        "connection": connection,
        "type": kind,
        **dict(zip(names, values, strict=False)),
    }


def address(record: dict[str, Any], local: str, domain: str) -> str | None:
    """An address whose parts stand apart."""
    parts = record.get(local), record.get(domain)
    return f"{parts[0]}@{parts[1]}" if all(parts) else None


def completed(records: list[dict[str, Any]], memory: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of each line, with the addresses that the message's reception gave."""
    known: dict[str, tuple[str | None, str | None]] = memory.setdefault("momentum", {})
    lines = [cut(record[AT]) for record in records]
    for line in lines:
        if line["type"] == "R" and line["message"]:
            known[line["message"]] = (address(line, "rl", "rd"), address(line, "fl", "fd"))
    for line in lines:
        recipient, sender = known.get(line["message"] or "", (None, None))
        line["recipient"] = address(line, "rl", "rd") or recipient or (f"@{line['rd']}" if line.get("rd") else None)
        line["sender"] = address(line, "fl", "fd") or sender
    while len(known) > MOST:
        del known[next(iter(known))]
    return lines


def event(line: dict[str, Any]) -> str | None:
    """Our word: a failure by its class, else by the status that the server gave."""
    ours = EVENTS.get(line["type"], OTHER)
    if ours != "bounced":
        return ours
    if line.get("class") in CLASSES:
        return CLASSES[line["class"]]
    words = (line.get("text") or "").split()
    status = words[1] if len(words) > 1 else ""
    if status.startswith(("5.1.", "5.2.1")):
        return "hard_bounced"
    return "expired" if status in ("4.4.7", "5.4.7") else "bounced"


LOG = Shape(
    "momentum-mainlog",
    layout="csv",
    signature=lambda record: AT in record,
    fills=completed,
    fields={
        "time": "time",
        "raw_event": lambda line: NAMES.get(line["type"]) or line["type"],
        "event": event,
        "recipient": "recipient",
        "sender": "sender",
        "queue_id": "message",
        "key": "message",
        "reply": "text",
        "bounce_class": "class",
        "attempt": lambda line: int(line["retries"]) + 1 if (line.get("retries") or "").isdecimal() else None,
        "relay_ip": "ip",
        "client_ip": "client",
        "size": "size",
        "delay": "delay",
    },
)

PROVIDER = Provider(
    "momentum",
    "Momentum (on premises)",
    "https://support.sparkpost.com/momentum/4/log-formats",
    (LOG,),
    cannot="No subject, no Message-ID; addresses only where the reception stands in the same logs.",
)
