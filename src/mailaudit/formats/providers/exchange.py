"""Exchange: message tracking logs (MSGTRK*.LOG), and what PowerShell exports of them.

https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/message-tracking
https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/search-message-tracking-logs

Cells under a `#Fields:` line, in UTC. A record is one step of a message on one server; recipients and their statuses
are parallel lists. In SEND rows the server named is the next one; the one that wrote the log is found in the others.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any, TypedDict

from mailaudit.formats.providers import tracking
from mailaudit.formats.providers.shape import Provider, Shape, columns, has, word

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
IN_POWERSHELL = {
    **{ours: "".join(map(str.capitalize, theirs.split("-"))) for ours, theirs in tracking.named("-").items()},
    "time": "Timestamp",
    "recipients": "Recipients",
    "sender": "Sender",
    "custom": "EventData",
    "host": "#host",
}
"""What `Get-MessageTrackingLog` calls the same cells."""


def completed(
    records: list[dict[str, Any]], memory: dict[str, Any], names: dict[str, str] = NAMES
) -> list[dict[str, Any]]:
    """Adds the server that wrote the log: the one that most rows name which do not name the next one; and origins."""

    def server(record: dict[str, Any]) -> str:
        return word(record.get(names["server"]))

    def is_sent(record: dict[str, Any]) -> bool:
        return word(record.get(names["event"])).upper() in tracking.SENT

    seen: Counter[str] = memory.setdefault("exchange", Counter())
    own = [server(record) for record in records if server(record) and not is_sent(record)]
    seen.update(own)
    usual = max(sorted(Counter(own) or seen), key=(Counter(own) or seen).__getitem__, default=None)
    records = tracking.with_origins(records, memory, names)
    return [{**record, "#host": usual if is_sent(record) else server(record) or usual} for record in records]


LOG = Shape(
    "exchange-message-tracking",
    layout="csv",
    signature=has("date-time", "event-id", "recipient-address"),
    fills=completed,
    parts=lambda record: tracking.parts(record, NAMES),
    fields=tracking.FIELDS,
)

POWERSHELL = Shape(
    "exchange-tracking-powershell",
    signature=columns("Timestamp", "EventId", "Recipients", "Sender|Source|MessageSubject"),
    fills=partial(completed, names=IN_POWERSHELL),
    parts=lambda record: tracking.parts(record, IN_POWERSHELL),
    fields=tracking.FIELDS,
    rank=2,
)
POWERSHELL_CSV = replace(
    POWERSHELL,
    name="exchange-tracking-powershell-csv",
    layout="csv",
    assumed="dates like 3/2/2026 have the month first, and are UTC: PowerShell writes them as its machine is set",
)

PROVIDER = Provider(
    "exchange",
    "Microsoft Exchange (message tracking)",
    "https://learn.microsoft.com/en-us/exchange/mail-flow/transport-logs/message-tracking",
    (LOG, POWERSHELL, POWERSHELL_CSV),
    cannot="No attempts but those that failed; the subject may be left blank by policy.",
)
