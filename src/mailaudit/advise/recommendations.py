"""What Blocks Online recommends where mail failed: check the address, phone the recipient, or ask support."""

from __future__ import annotations

import re

CHECK = (
    "Check the spelling, and write from another sender to see whether it arrives. If it does, have the address taken "
    "off the suppression list; if not, the recipient has to correct the address or its settings."
)
ALLOW = "Phone the recipient: they have to allow mail from your domain."
ASK = "Phone the recipient and ask why. If they are to get mail again, have the address taken off the suppression list."
SUPPORT = "Ask the support of the sending system: it refused the mail and sent nothing."
BOTH = f"{CHECK} It may also be a rule of the recipient's organisation: phone them and ask to allow your domain."

PHRASES = (
    (re.compile(r"marked your messages? as spam", re.IGNORECASE), ALLOW),
    (re.compile(r"(?:unable to|could not|cannot) connect to (?:any )?mx", re.IGNORECASE), CHECK),
    (re.compile(r"previously bounced address", re.IGNORECASE), CHECK),
    (re.compile(r"recipient address rejected: access denied", re.IGNORECASE), BOTH),
    (re.compile(r"mailbox access for .* refused", re.IGNORECASE), ALLOW),
)
"""Words that say more than the category."""

CATEGORIES = {
    "recipient_unknown": CHECK, "recipient_syntax": CHECK, "domain_unknown": CHECK, "domain_no_mail": CHECK,
    "dns_failure": CHECK, "suppressed": CHECK, "recipient_refused": ALLOW,
}  # fmt: skip
KINDS = {"complained": ASK, "unsubscribed": ASK, "rejected": SUPPORT}


def recommended(kind: str, category: str | None, reply: str | None, usual: str | None) -> str | None:
    """What to do; `usual` is what the cause's category says where Blocks Online says nothing."""
    if kind in KINDS:
        return KINDS[kind]
    for pattern, action in PHRASES:
        if reply and pattern.search(reply):
            return action
    return CATEGORIES.get(category or "", usual)
