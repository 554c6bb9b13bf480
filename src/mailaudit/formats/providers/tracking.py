"""What Exchange's tracking log and Microsoft 365's extended report have in common: the same events and cells."""

from __future__ import annotations

import re
from typing import Any

from mailaudit.formats.providers.shape import OTHER, Fields, word

EVENTS: dict[str, str | None] = {
    "RECEIVE": "accepted",
    "SEND": "delivered",
    "SENDEXTERNAL": "delivered",
    "DELIVER": "delivered",
    "DUPLICATEDELIVER": "delivered",
    "DEFER": "deferred",
    "THROTTLE": "deferred",
    "SUBMITDEFER": "deferred",
    "FAIL": "hard_bounced",
    "DROP": "rejected",
    "POISONMESSAGE": "rejected",
    "BADMAIL": "rejected",
    "MODERATORREJECT": "rejected",
    "INITMESSAGECREATED": "held",
    "MODERATIONEXPIRE": "expired",
    "SUPPRESSED": "preblocked",
}
SILENT = re.compile(
    r"HA\w*|AGENTINFO|NOTIFY\w*|LOAD|TRANSFER|PROCESS\w*|RESUBMIT\w*|DSN|EXPAND|RESOLVE|REDIRECT|SUBMIT|SUBMITFAIL|"
    r"MODERATORAPPROVE|MODERATORSALLNDR|JOURNALREPORT|DUPLICATEEXPAND|DUPLICATEREDIRECT|POISONMESSAGECHECK|"
    r"MEETINGMESSAGEPROCESSED|RETENTION\w*|QUARANTINERELEASE|THREATINTEL\w*|SPFINFO|DELETE\w*|RECALL\w*|CREATED?"
)
"""Events inside the server, and reports on others: no step of a message."""
INSIDE = "intra-organization"
INTERNAL = re.compile(r"IsSmtpResponseFromExternalServer\W+(?:Value\W+)?False")
"""What the server adds of its own where the next one is inside, too: a text, or what PowerShell makes of it."""
NO_TEXT = "System.String[]"
"""What PowerShell writes into a cell instead of a list."""
EXPIRED = re.compile(r"4\.4\.7|QUEUE\.Expired", re.IGNORECASE)
MOVED = {"EXPAND", "REDIRECT", "RESOLVE"}
"""Events that put recipients in the place of another."""
MOST = 200_000
"""Recipients remembered at a time."""
SENT = {"SEND", "SENDEXTERNAL"}
"""Events in which the server named is the next one."""


def event(part: dict[str, Any]) -> str | None:
    """Our word for a part of a record: `event`, `source`, `connector`, `custom` and `reply` in plain names."""
    theirs = word(part["event"]).upper()
    if theirs == "RECEIVE" and word(part["source"]).upper() == "STOREDRIVER":
        return None  # the same message one step earlier
    ours = EVENTS.get(theirs, None if SILENT.fullmatch(theirs) else OTHER)
    if theirs == "SEND" and is_inside(part):
        return "relayed"
    return "expired" if theirs == "FAIL" and EXPIRED.search(word(part["reply"])) else ours


def is_inside(part: dict[str, Any]) -> bool:
    """Tells whether the next server is one of the same organisation."""
    return INSIDE in word(part["connector"]).lower() or INTERNAL.search(str(part["custom"])) is not None


def with_origins(records: list[dict[str, Any]], memory: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Adds to each row the address for which its recipients stand: the group that was expanded, the one redirected."""
    known: dict[tuple[str, str], str] = memory.setdefault("origins", {})

    def places(record: dict[str, Any]) -> list[tuple[str, str]]:
        message = word(record.get(names["network_id"])) or word(record.get(names["message_id"]))
        return [(message, one.strip().lower()) for one in divided(record.get(names["recipients"])) if one.strip()]

    for record in records:
        given = divided(record.get(names["related"]))
        if word(record.get(names["event"])).upper() in MOVED and any(given):
            who = places(record)
            known.update(zip(who, given if len(given) == len(who) else given[:1] * len(who), strict=True))
    while len(known) > MOST:
        del known[next(iter(known))]
    if not known:
        return records
    return [{**record, "#origins": [known.get(place) for place in places(record)]} for record in records]


def divided(value: object) -> list[str]:
    """The members of a list, which is a text with semicolons in most exports."""
    found = [word(one) for one in value] if isinstance(value, list) else word(value).strip("'").split(";")
    return [one for one in found if one != NO_TEXT]


def parts(record: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """A part for each recipient, with the record's cells under plain names.

    A status may hold a semicolon itself, so the list of them is only divided where it has as many as there are
    recipients.
    """
    cells = {ours: record.get(theirs) for ours, theirs in names.items()}
    who = [address for address in divided(cells["recipients"]) if address.strip()]
    statuses = divided(cells["statuses"])
    if len(statuses) != len(who):
        statuses = [";".join(statuses)] * len(who)
    origins = record.get("#origins")
    origins = origins if origins and len(origins) == len(who) else [None] * max(len(who), 1)
    sent = word(cells["event"]).upper() in SENT
    ended = EVENTS.get(word(cells["event"]).upper()) not in (None, "accepted")
    server, address = cells["server"], cells["server_ip"]
    return [
        {
            **cells,
            "recipient": one,
            "origin": origin,
            "reply": (text.strip() or None) if ended else None,
            "next": server if sent else None,
            "next_ip": address if sent else None,
        }
        for one, text, origin in zip(who or (None,), statuses or ("",), origins, strict=True)
    ]


FIELDS: Fields = {
    "time": "time",
    "raw_event": "event",
    "event": event,
    "recipient": "recipient",
    "original_recipient": "origin",
    "sender": "sender",
    "subject": "subject",
    "message_id": "message_id",
    "provider_message_id": "network_id",
    "key": lambda part: word(part["network_id"]).replace("-", "").lower() or None,
    "handed_as": "internal_id",
    "event_id": "log_id",
    "reply": "reply",
    "relay_host": "next",
    "relay_ip": "next_ip",
    "client_host": "client",
    "client_ip": "client_ip",
    "size": "size",
    "host": "host",
}


def named(separator: str) -> dict[str, str]:
    """The cells by plain names; their own names have words joined by the separator."""
    return {
        ours: theirs.replace("-", separator)
        for ours, theirs in {
            "event": "event-id",
            "source": "source",
            "connector": "connector-id",
            "custom": "custom-data",
            "recipients": "recipient-address",
            "statuses": "recipient-status",
            "related": "related-recipient-address",
            "sender": "sender-address",
            "subject": "message-subject",
            "message_id": "message-id",
            "network_id": "network-message-id",
            "internal_id": "internal-message-id",
            "log_id": "log-id",
            "server": "server-hostname",
            "server_ip": "server-ip",
            "client": "client-hostname",
            "client_ip": "client-ip",
            "size": "total-bytes",
            "host": "#host",
        }.items()
    }
