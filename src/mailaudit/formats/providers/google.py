"""Google Workspace: email log search (CSV) and Gmail logs in BigQuery.

https://support.google.com/a/answer/2618873
https://support.google.com/a/answer/7230050

A row of a log search is one step of a delivery; its times are in the zone of the administrator who searched. In
BigQuery a record tells in numbers what happened: `mail_event_type`, where it is not 0, else `action_type`.
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Provider, Shape, at, cell, columns, listed


class Event(TypedDict, total=False):
    """One record in BigQuery."""

    event_info: dict[str, Any]
    message_info: dict[str, Any]


BOUNCED = "bounced"
STATUSES: dict[str, str | None] = {
    "received": "accepted",
    "accepted": "accepted",
    "delivered": "delivered",
    "delivered to gmail inbox": "delivered",
    "delivered to gmail": "delivered",
    "delivered to an smtp server": "delivered",
    "delivered to smtp server": "delivered",
    "inserted": "delivered",
    "marked spam": "delivered",
    "marked as spam": "delivered",
    "bypassed spam": "delivered",
    "bounced": BOUNCED,
    "rejected": "rejected",
    "dropped": "held",
    "quarantined": "held",
    "delayed": "deferred",
    "in progress": "deferred",
    "retrying": "deferred",
    "expanded": "expanded",
    "delivered to a google internal server": "relayed",
    "accepted for archiving": None,
    "archived": None,
    "viewed": "opened",
    "zugestellt": "delivered",
    "zurückgesendet": BOUNCED,
    "spamfilter umgangen": "delivered",
    "archiviert": None,
    "für die archivierung akzeptiert": None,
}
SAID = tuple(
    (re.compile(rf"\b(?:{words})\b"), ours)
    for words, ours in (
        ("in progress|delayed|deferred|retry(?:ing)?|retried", "deferred"),
        ("bounced", BOUNCED),
        ("rejected", "rejected"),
        ("quarantined?|dropped", "held"),
        ("delivered|spam", "delivered"),
    )
)
"""Words that decide where a status says more; the first that is there."""
ARRIVES = {"SMTP_IN"}
"""Targets at which a message arrives: what is delivered there is only accepted."""
ON_THE_WAY = {"INTERNAL_SERVER", "LIST_SERVER", "ARCHIVE_LIST_SERVER"}
"""Targets from which a message goes on."""
BY_REPLY = {"2": "delivered", "4": "deferred", "5": BOUNCED}
TARGETS = ARRIVES | ON_THE_WAY | {"SMTP_OUT", "GMAIL_INBOX", "GMAIL_SPAM"}
COLUMNS = (
    "Message ID",
    "Start date",
    "End date",
    "Sender",
    "Message size",
    "Subject",
    "Direction",
    "Attachments",
    "Recipient address",
    "Event target",
    "Event date",
    "Event status",
    "Event target IP address",
    "Has encryption",
    "Event SMTP reply code",
    "Event description",
)
"""The columns in the order in which the console writes them, whatever its language calls them."""
REFUSED = "SMTPIN_ADDED_REJECT_SESSION"

target, status, code = cell("Event target"), cell("Event status"), cell("Event SMTP reply code", "SMTP reply code")


def by_code(number: Any) -> str:  # noqa: ANN401 (a number, or text)
    """Our word for a bounce: Gmail does not tell hard from soft, the reply does."""
    first = str(number or "")[:1]
    return "hard_bounced" if first == "5" else "soft_bounced" if first == "4" else "bounced"


def meant(text: str | None) -> str | None:
    """Our word for a status: for the whole of it, else for what it says among other words."""
    words = re.sub(r"[\W_]+", " ", text or "").strip().lower()
    if words in STATUSES:
        return STATUSES[words]
    return next((ours for pattern, ours in SAID if pattern.search(words)), OTHER)


def step(record: dict[str, Any]) -> str | None:
    """Our word for a step of a delivery."""
    if REFUSED in (cell("Message ID")(record) or ""):
        return "rejected"
    ours = meant(status(record))
    where = (target(record) or "").upper()
    if ours == OTHER and where == "SMTP_OUT":
        ours = BY_REPLY.get(str(code(record) or "")[:1], OTHER)  # a language that is not known: the reply decides
    if ours == BOUNCED:
        return by_code(code(record))
    if ours == "delivered" and where in ARRIVES:
        return "accepted"
    return "relayed" if ours == "delivered" and where in ON_THE_WAY else ours


NOTHING = {None, "", "N/A", "N/D", "No Error"}


def words(text: str | None) -> str | None:
    """The text, if it is one."""
    return None if text in NOTHING else text


named = columns("messageid", "eventtarget", "eventstatus")


def is_step(record: dict[str, Any]) -> bool:
    """Tells whether a row is a step: by the columns' names, or in another language by the target in its place."""
    if named(record):
        return True
    cells = list(record.values())
    return len(cells) >= len(COLUMNS) and cells[COLUMNS.index("Event target")] in TARGETS


def in_english(records: list[dict[str, Any]], memory: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with the names of their columns in English; these are told by their places."""
    del memory
    return [
        record if named(record) else dict(zip(COLUMNS, record.values(), strict=False))  # more columns may follow
        for record in records
    ]


def message_id(record: dict[str, Any]) -> str | None:
    """The Message-ID; none of a session that was refused before there was one."""
    given = words(cell("Message ID")(record))
    return None if given and REFUSED in given else given


LOG_SEARCH = Shape(
    "google-els-csv",
    layout="csv",
    signature=is_step,
    fills=in_english,
    assumed="times without a zone are taken as UTC",
    fields={
        "time": cell("Event date", "End date", "Start date"),
        "raw_event": lambda record: f"{target(record) or ''}/{status(record) or ''}",
        "event": step,
        "recipient": lambda record: words(cell("Recipient address")(record)),
        "sender": lambda record: words(cell("Sender")(record)),
        "subject": lambda record: words(cell("Subject")(record)),
        "message_id": message_id,
        "smtp_code": code,
        "reply": cell("Event description"),
        "relay_ip": cell("Event target IP address"),
        "size": cell("Message size"),
    },
)

MAIL_EVENTS: dict[int, str | None] = {
    3: "complained",
    5: "held",
    6: "released",
    7: "opened",
    15: "clicked",
    30: BOUNCED,
    34: "deferred",
}
ACTIONS: dict[int, str | None] = {
    1: "accepted",
    2: "accepted",
    3: "delivered",
    10: "delivered",
    14: "deferred",
    18: BOUNCED,
    19: "held",
    45: "expanded",
    46: "expanded",
    51: "expanded",
    54: "expanded",
    48: "accepted",
    49: "relayed",
    69: "complained",
    70: None,
    71: None,
}

mail_event, action = at("event_info", "mail_event_type"), at("message_info", "action_type")
reply_code = at("message_info", "connection_info", "smtp_reply_code")


def gmail_event(part: dict[str, Any]) -> str | None:
    """Our word: a user's mark only counts where it says spam."""
    kind = int(mail_event(part) or 0)
    ours = MAIL_EVENTS[kind] if kind in MAIL_EVENTS else ACTIONS.get(int(action(part) or 0), OTHER)
    if ours == "complained" and not at("message_info", "is_spam")(part):
        return None
    return by_code(reply_code(part)) if ours == BOUNCED else ours


def gmail_word(part: dict[str, Any]) -> str:
    """The number that tells what happened, by its name."""
    kind = int(mail_event(part) or 0)
    return f"mail_event_type={kind}" if kind else f"action_type={action(part)}"


def gmail_reply(part: dict[str, Any]) -> str | None:
    """What the server said, or what Gmail says."""
    reason = at("message_info", "connection_info", "smtp_response_reason")(part)
    return words(
        reason if isinstance(reason, str) and not reason.isdecimal() else at("message_info", "description")(part)
    )


def destinations(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A part for each destination; without a list of them, for each in the flat one."""
    info = record["message_info"]
    who = [one.get("address") for one in listed(info.get("destination")) if isinstance(one, dict)]
    if not who:
        who = [one.rpartition(":")[2] for one in str(info.get("flattened_destinations") or "").split(",") if one]
    return [{**record, "who": one} for one in who or [None]]


BIGQUERY = Shape(
    "google-bigquery-gmail",
    signature=lambda record: (
        "timestamp_usec" in (record.get("event_info") or ()) and "action_type" in (record.get("message_info") or ())
    ),
    parts=destinations,
    fields={
        "time": at("event_info", "timestamp_usec"),
        "raw_event": gmail_word,
        "event": gmail_event,
        "recipient": "who",
        "sender": at("message_info", "source", "address"),
        "subject": at("message_info", "subject"),
        "message_id": at("message_info", "rfc2822_message_id"),
        "smtp_code": reply_code,
        "reply": gmail_reply,
        "relay_host": at("message_info", "connection_info", "smtp_out_remote_host"),
        "relay_ip": at("message_info", "connection_info", "smtp_out_connect_ip"),
        "client_ip": at("message_info", "connection_info", "client_ip"),
        "size": at("message_info", "payload_size"),
        "url": at("message_info", "link_url"),
    },
)

PROVIDER = Provider(
    "google",
    "Google Workspace (Gmail)",
    "https://support.google.com/a/answer/7230050",
    (LOG_SEARCH, BIGQUERY),
    cannot="Hard and soft bounces only as far as the reply code tells; a delivery is told once per step.",
)
