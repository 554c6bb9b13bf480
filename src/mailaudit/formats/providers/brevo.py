"""Brevo (Sendinblue): webhooks, the statistics API, the weekly export of events, and the log page's CSV.

https://developers.brevo.com/docs/transactional-webhooks
https://developers.brevo.com/reference/getemaileventreport-1
https://developers.brevo.com/docs/bulk-fetch-all-your-transactional-activity

`date` is the wall time of Paris; `ts_event` and `ts_epoch` are UTC, the latter in ms or s. `id` is that of the webhook.
The API writes the same events in other words (`hardBounces`). `soft_bounce` also stands for a domain without a server.
"""

from __future__ import annotations

from typing import Any, TypedDict

from mailaudit.formats.providers.shape import OTHER, Fields, Provider, Shape, cell, columns, first, mapping
from mailaudit.read.decode import decoded

Event = TypedDict(
    "Event",
    {
        "event": str,
        "email": str,
        "message-id": str,
        "date": str,
        "ts": int,
        "ts_event": int,
        "ts_epoch": int,
        "subject": str,
        "tag": str,
        "tags": list[str],
        "X-Mailin-custom": str,
        "sending_ip": str,
        "reason": str,
        "link": str,
    },
    total=False,
)

EVENTS: dict[str, str | None] = {
    "request": "accepted",
    "requests": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "deferred": "deferred",
    "soft_bounce": "soft_bounced",
    "softbounces": "soft_bounced",
    "softbounce": "soft_bounced",
    "hard_bounce": "hard_bounced",
    "hardbounces": "hard_bounced",
    "hardbounce": "hard_bounced",
    "bounces": "bounced",
    "blocked": "preblocked",
    "invalid_email": "rejected",
    "invalid": "rejected",
    "error": "enqueue_failed",
    "opened": "opened",
    "unique_opened": "opened",
    "uniqueopened": "opened",
    "first_opening": "opened",
    "proxy_open": "opened",
    "unique_proxy_open": "opened",
    "loadedbyproxy": "opened",
    "click": "clicked",
    "clicked": "clicked",
    "clicks": "clicked",
    "unique_clicked": "clicked",
    "spam": "complained",
    "complaint": "complained",
    "complaints": "complained",
    "unsubscribed": "unsubscribed",
    "unsubscribe": "unsubscribed",
    "list_addition": None,
    "contact_updated": None,
    "contact_deleted": None,
    "inbound_email_processed": None,
}
MACHINES = {"proxy_open", "unique_proxy_open", "loadedbyproxy"}
NO_REASON = {"sent"}
"""Reasons that are no diagnostic."""
NO_LINK = {"NA"}
"""What the log page writes where no link was followed."""


def event(record: dict[str, Any]) -> str | None:
    """Our word."""
    return EVENTS.get(record["event"].lower(), OTHER)


def tags(record: dict[str, Any]) -> Any:  # noqa: ANN401 (a list or a word)
    """The tags: a list, or one text that may hold a list."""
    given = record.get("tags") or record.get("tag")
    return decoded(given) if isinstance(given, str) and given[:1] == "[" else given


def reply(record: dict[str, Any]) -> str | None:
    """The reason, if it says anything."""
    reason = record.get("reason")
    return None if reason in NO_REASON else reason


FIELDS: Fields = {
    "raw_event": "event",
    "event": event,
    "recipient": "email",
    "sender": first("sender_email", "from"),
    "subject": "subject",
    "reply": reply,
    "url": "link",
    "tags": tags,
    "vars": lambda record: mapping(record.get("X-Mailin-custom")),
    "machine": lambda record: record["event"].lower() in MACHINES,
}


def moment(record: dict[str, Any]) -> Any:  # noqa: ANN401 (a number or a text)
    """The most exact of its times: `ts_epoch` is `ts_event` with milliseconds, where it has them."""
    exact = _whole(record.get("ts_epoch") or record.get("s_epoch"))
    second = _whole(record.get("ts_event"))
    if exact and (not second or exact // 1000 == second or exact == second):
        return exact
    return second or exact or record.get("ts") or record.get("date")


def _whole(value: object) -> int | None:
    """The number, which cells have as text."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:20])
    return value if isinstance(value, int) else None


WEBHOOK = Shape(
    "brevo-webhook",
    signature=lambda record: (
        {"event", "email", "message-id"} <= record.keys()
        and not record.keys().isdisjoint(("ts_event", "ts_epoch", "s_epoch", "date", "ts"))
        and "sg_event_id" not in record
    ),
    zone="Europe/Paris",
    fields={
        **FIELDS,
        "time": moment,
        "message_id": "message-id",
        "local_ip": "sending_ip",
    },
)


EVENTS_API = Shape(
    "brevo-events-api",
    signature=lambda record: {"event", "email", "messageId", "date"} <= record.keys(),
    zone="Europe/Paris",
    rank=2,
    fields={**FIELDS, "time": "date", "message_id": "messageId", "local_ip": "ip"},
)

_word = cell("st_text", "event", "status")


def cell_word(record: dict[str, Any]) -> str:
    """The word for the event as webhooks spell it."""
    return (_word(record) or "").lower().replace(" ", "_")


def link(record: dict[str, Any]) -> str | None:
    """The link that was followed."""
    given = cell("link")(record)
    return None if given in NO_LINK else given


CELLS: Fields = {
    "raw_event": _word,
    "event": lambda record: EVENTS.get(cell_word(record), OTHER),
    "recipient": cell("email", "recipient"),
    "sender": cell("frm", "from", "sender"),
    "subject": cell("sub", "subject"),
    "message_id": cell("mid", "message-id"),
    "url": link,
    "machine": lambda record: cell_word(record) in MACHINES,
}

EVENTS_CSV = Shape(
    "brevo-events-csv",
    layout="csv",
    signature=columns("event", "email", "messageid", "tsevent|tsepoch", "!sgeventid"),
    zone="Europe/Paris",
    rank=2,
    fields={
        **CELLS,
        "time": moment,
        "reply": reply,
        "tags": tags,
        "vars": lambda record: mapping(record.get("X-Mailin-custom")),
        "local_ip": cell("sending_ip"),
    },
)

LOGS_CSV = Shape(
    "brevo-logs-csv",
    layout="csv",
    signature=columns(
        "sttext|event|status",
        "ts|date",
        "email|recipient",
        "mid|messageid",
        "frm|sub|from",
        "!eventtarget|processed|tsevent|tsepoch",
    ),
    zone="Europe/Paris",
    dates="day first",
    assumed="times are taken as those of Paris, the day before the month",
    rank=3,
    fields={
        **CELLS,
        "time": cell("ts", "date"),
        "reply": cell("reason"),
        "tags": cell("tag", "tags"),
    },
)

PROVIDER = Provider(
    "brevo",
    "Brevo (Sendinblue)",
    "https://developers.brevo.com/docs/transactional-webhooks",
    (WEBHOOK, EVENTS_API, EVENTS_CSV, LOGS_CSV),
    cannot="No SMTP codes beside the text of the reason, no id of an event; webhooks have no sender.",
)
