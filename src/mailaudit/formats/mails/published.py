"""Events of Amazon SES that a topic of Amazon SNS mails to its subscribers: the body is the event, as JSON.

{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"ann@example.com","status":"5.1.1", …}]}, …}
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mailaudit.formats.mails.codes import reply_code, status_in
from mailaudit.formats.mails.reading import Kind, Reading, Recipient
from mailaudit.formats.mails.report import EVENTS
from mailaudit.formats.mails.telling import one_line
from mailaudit.formats.providers import ses
from mailaudit.read.decode import decoded

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

_ACTIONS: dict[str | None, str] = {
    "hard_bounced": "failed",
    "soft_bounced": "failed",
    "bounced": "failed",
    "preblocked": "failed",
    "rejected": "failed",
    "deferred": "delayed",
    "delivered": "delivered",
}
"""What a provider's event says as the Action of a report would."""
_KINDS: dict[str, Kind] = {"failed": "bounce", "delayed": "delay_warning", "delivered": "receipt"}
_PARTED = re.compile(r"!\n ")
"""How Sendmail parts a line that is longer than SMTP allows."""


def events(mail: Mail, notice: Notice) -> Reading | None:  # noqa: ARG001 (every recogniser is asked the same)
    """Reads the event that a mail's body is."""
    parts = [part for body in mail.parts[:1] for part in _of_body(body.text().strip())]
    found = [recipient for part in parts if (recipient := _recipient(part)) is not None]
    if not found:
        return None
    complaint = any(each.event == "complained" for each in found)
    reading = Reading("complaint" if complaint else _KINDS[found[0].action], "ses", found)
    message_id, source = ses.message_id(parts[0]), parts[0]["mail"].get("source")
    reading.message_id = message_id.strip("<> ") if isinstance(message_id, str) else None
    reading.sender = source if isinstance(source, str) else None
    return reading


def _of_body(text: str) -> list[dict[str, Any]]:
    """Returns what the event says of each recipient; nothing for any other text. Below it stands how to unsubscribe."""
    if not text.startswith("{"):
        return []
    record = decoded(_PARTED.sub("", text[: text.rfind("}") + 1]))
    if not isinstance(record, dict):
        return []
    return ses.by_recipient(record) if ses.is_event(record) else ses.of_sns(record)


def _recipient(part: dict[str, Any]) -> Recipient | None:
    event, address = ses.event(part), part["who"].get("emailAddress")
    if not isinstance(address, str) or "@" not in address:
        return None
    told, who = part["told"], part["who"]
    recipient = Recipient(address, time_us=_time(told.get("timestamp")))
    if event == "complained":
        recipient.action = str(told.get("complaintFeedbackType") or "abuse")
        recipient.event, recipient.reply = event, f"Feedback-Type: {recipient.action}"
        return recipient
    if event not in _ACTIONS:
        return None
    recipient.action = _ACTIONS[event]
    recipient.event = EVENTS[recipient.action]
    words = who.get("diagnosticCode") or told.get("smtpResponse") or told.get("reason") or ""
    kinds = [str(told[name]) for name in ("bounceType", "bounceSubType", "delayType") if told.get(name)]
    text = re.sub(r"(?i)^smtp; ?", "", str(words)) or " ".join(kinds)
    recipient.reply = one_line(text) or None
    recipient.smtp_code = reply_code(text)
    recipient.status = status_in(str(who.get("status") or "")) or status_in(text)
    return recipient


def _time(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
