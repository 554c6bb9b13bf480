"""Bloomreach's table of error texts: what kind of trouble each tells, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorText:
    """One line of the table."""

    pattern: re.Pattern[str]
    example: str
    kind: str
    action: str


NONE = "No action is needed."
SPECIALIST = "give it to your deliverability specialist"


def _text(pattern: str, example: str, kind: str, action: str) -> ErrorText:
    return ErrorText(re.compile(pattern, re.IGNORECASE), example, kind, action)


TEXTS = (
    _text(r"banned sending ip", "Banned sending IP [192.0.2.1]", "infrastructure: block list",
          f"The IP must come off the block list: ask for removal, and {SPECIALIST}."),
    _text(r"\btoo old\b", "Too old", "throttling by the provider",
          "Mostly Microsoft, because of the IP's reputation: 8 attempts in more than 8 hours without an answer. "
          f"Throttle this provider or use an IP of better reputation, and {SPECIALIST}."),
    _text(r"server (?:is )?temporarily unavailable", "Server temporarily unavailable", "network or capacity", NONE),
    _text(r"account (?:that )?you(?:.?re| are)? ?try(?:ing)? to reach is disabled",
          "The email account you're trying to reach is disabled", "recipient disabled", NONE),
    _text(r"possible spam content|rejected due to (?:possible )?spam", "Message rejected due to possible spam content",
          "content",
          "Review the content of the campaign: its visuals, the ratio of text to images, its links."),
    _text(r"mailbox (?:is )?full", "Mailbox full", "capacity (cumulative)", NONE),
    _text(r"account is full|quota exceeded|over ?quota", "Account is full (quota exceeded)",
          "capacity (cumulative)", NONE),
    _text(r"spf (?:check failed|policy rejection|sender invalid)|spf.{0,40}fail", "SPF check failed", "authentication",
          f"The domain's SPF record was changed: correct it, and {SPECIALIST}."),
)  # fmt: skip
"""The table; the first that is found in a reply counts."""


def known(reply: str) -> ErrorText | None:
    """The line of the table that a reply belongs to."""
    return next((text for text in TEXTS if text.pattern.search(reply)), None)
