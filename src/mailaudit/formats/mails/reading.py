"""What a mail reports: the recipients it speaks of, and the message that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "bounce",
    "delay_warning",
    "receipt",
    "complaint",
    "feedback",
    "auto_reply",
    "challenge",
    "read_receipt",
    "no_bounce",
    "unparsed",
]
"""What a mail is. Only `bounce` says that a message was not delivered."""

MEANINGS: dict[Kind, str] = {
    "bounce": "a notice that a message could not be delivered",
    "delay_warning": "a notice that a message waits and will be tried again",
    "receipt": "a notice of success: delivered, handed on, or expanded to a list",
    "complaint": "a feedback report: the recipient called the message spam, fraud or a virus, or wants no more",
    "feedback": "another feedback report: not spam, or a failed authentication",
    "auto_reply": "an automatic answer, such as an out-of-office note",
    "challenge": "a request to confirm that a person sent the message, before it is delivered",
    "read_receipt": "a message disposition notification: displayed, deleted …; says nothing of delivery",
    "no_bounce": "a mail of people or programs that reports no delivery",
    "unparsed": "a notice of a mail system in which no recipient was found",
}
SILENT: frozenset[Kind] = frozenset(("read_receipt", "no_bounce"))
"""Kinds that say nothing of delivery."""
UNREAD: Kind = "unparsed"


@dataclass(slots=True)
class Recipient:
    """What is reported of one recipient."""

    address: str
    """Empty where a complaint hides it."""
    original: str | None = None
    """The address as first given, where the report tells another."""
    action: str = "failed"
    """failed, delayed, delivered, relayed, expanded; or a feedback type, auto_reply, challenge."""
    event: str = "bounced"
    status: str | None = None
    smtp_code: int | None = None
    reply: str | None = None
    remote_host: str | None = None
    remote_ip: str | None = None
    time_us: int | None = None
    retry_until_us: int | None = None


@dataclass(slots=True)
class Reading:
    """What a mail reports. `system` names the recogniser that understood it; none of them raised a doubt."""

    kind: Kind = "no_bounce"
    system: str | None = None
    recipients: list[Recipient] = field(default_factory=list)
    subject: str | None = None
    time_us: int | None = None
    """When the mail was written."""
    own_message_id: str | None = None
    reporting_mta: str | None = None
    queue_id: str | None = None
    """The original message's queue id at the reporting host."""
    envelope_id: str | None = None
    message_id: str | None = None
    """The original message's Message-ID, without brackets."""
    sender: str | None = None
    """The original message's envelope sender."""
    arrival_us: int | None = None
    original_subject: str | None = None
