"""Exchange: message tracking logs (MSGTRK*.LOG).

https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/message-tracking

Cells under a `#Fields:` line, in UTC. A record is one step of a message on one server; recipients and their statuses
are parallel lists. In SEND rows the server named is the next one; the one that wrote the log is found in the others.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, TypedDict

from mailaudit.formats.providers import tracking
from mailaudit.formats.providers.shape import Provider, Shape, has, word

Event = TypedDict(
    "Event",
    {
        "date-time": str,
        "source": str,
        "event-id": str,
        "message-id": str,
        "network-message-id": str,
        "recipient-address": str,
        "recipient-status": str,
        "sender-address": str,
        "message-subject": str,
        "server-hostname": str,
        "server-ip": str,
        "log-id": str,
    },
    total=False,
)

NAMES = {**tracking.named("-"), "time": "date-time"}


def server(record: dict[str, Any]) -> str:
    """The server that a row names."""
    return word(record.get("server-hostname"))


def with_host(records: list[dict[str, Any]], memory: dict[str, Any]) -> list[dict[str, Any]]:
    """Adds the server that wrote the log: the one that most rows name which do not name the next one."""
    seen: Counter[str] = memory.setdefault("exchange", Counter())
    own = [
        server(record)
        for record in records
        if server(record) and word(record.get("event-id")).upper() not in tracking.SENT
    ]
    seen.update(own)
    usual = max(sorted(Counter(own) or seen), key=(Counter(own) or seen).__getitem__, default=None)
    return [
        {
            **record,
            "#host": usual if word(record.get("event-id")).upper() in tracking.SENT else server(record) or usual,
        }
        for record in records
    ]


LOG = Shape(
    "exchange-message-tracking",
    layout="csv",
    signature=has("date-time", "event-id", "recipient-address"),
    fills=with_host,
    parts=lambda record: tracking.parts(record, NAMES),
    fields=tracking.FIELDS,
)

PROVIDER = Provider(
    "exchange",
    "Microsoft Exchange (message tracking)",
    "https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/message-tracking",
    (LOG,),
    cannot="No attempts but those that failed; the subject may be left blank by policy.",
)
