"""Mail that is no report of delivery: complaints, read receipts, automatic answers, requests to confirm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails import signs
from mailaudit.formats.mails.addresses import addresses, clean, is_daemon, of_header, verp
from mailaudit.formats.mails.fields import Block, blocks, time_of
from mailaudit.formats.mails.mime import first
from mailaudit.formats.mails.reading import Reading, Recipient
from mailaudit.formats.mails.telling import one_line
from mailaudit.formats.mails.words import ANSWER, CHALLENGE, PROTECTED, SUBJECT

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

COMPLAINTS = frozenset(("abuse", "fraud", "virus", "opt-out", "opt-out-list", "miscategorized", "other"))
"""Feedback types that are complaints. `not-spam` is the opposite, `auth-failure` (RFC 6591) another matter."""

_COMPLAINANTS = re.compile(r"(?im)^original-rcpt-to[ \t]*:(.*)$")
MOST = 20
"""Recipients that are named of one report: each had the message (RFC 5965, 3.2)."""


def feedback(mail: Mail, notice: Notice) -> Reading | None:
    """Reads a feedback report (RFC 5965, ARF)."""
    block: Block = {}
    for part in mail.of("message/feedback-report"):
        for each in blocks(part.text()):
            block = {**each, **block}
    if not block:
        # Microsoft's junk mail reports have no such part: the recipient stands in a header of the copied mail.
        hidden = notice.original("x-hmxmroriginalrecipient")
        if not hidden:
            return None
        block = {"feedback-type": "abuse", "original-rcpt-to": hidden}
    type_ = re.split(r"[;\s]", block.get("feedback-type", "abuse").strip().lower(), maxsplit=1)[0] or "abuse"
    complaint = type_ in COMPLAINTS - {"other"} or (type_ == "other" and "auth-failure" not in block)
    several = _COMPLAINANTS.findall("\n".join(part.text() for part in mail.of("message/feedback-report")))
    named = list(dict.fromkeys(filter(None, map(clean, several[:MOST]))))
    told = named if len(named) > 1 else [_complainant(block, mail, notice)]
    reading = Reading("complaint" if complaint else "feedback", "arf")
    reading.envelope_id = block.get("original-envelope-id")
    reading.sender = clean(block.get("original-mail-from", ""))
    reading.reporting_mta = block.get("reporting-mta", "").partition(";")[2].strip() or None
    reading.arrival_us = time_of(block.get("arrival-date") or block.get("received-date") or "")
    words = [type_, *(block.get(name, "") for name in ("auth-failure", "delivery-result", "authentication-results"))]
    for address in told:
        if address or complaint:
            recipient = Recipient(address or "", action=type_, event="complained" if complaint else "other")
            recipient.reply = one_line(f"Feedback-Type: {' '.join(word for word in words if word)}")
            reading.recipients.append(recipient)
    return reading


def _complainant(block: Block, mail: Mail, notice: Notice) -> str | None:
    """Returns who complained: often taken out of the report, but not of everything else."""
    given = clean(block.get("original-rcpt-to", "")) or clean(block.get("removal-recipient", ""))
    if given and not re.match(r"(?i)(?:redacted|x+|\*+)@", given):
        return given
    for name in ("return-path", "errors-to", "sender"):
        if named := verp(of_header(notice.original(name)) or ""):
            return named
    for name in ("x-original-to", "delivered-to", "to", "cc"):
        if named_there := addresses(notice.original(name)):
            return named_there[0]
    for value in notice.copied.get("received", []):
        if found := re.search(r"\bfor <([^>\s]+@[^>\s]+)>", value):
            return found[1]
    return given or verp(of_header(mail.header("to")) or "")


def read_receipt(mail: Mail, notice: Notice) -> Reading | None:
    """Reads a message disposition notification (RFC 8098)."""
    parts = mail.of("message/disposition-notification", "message/global-disposition-notification")
    # Dovecot tells of a full mailbox and of a Sieve script's refusal in this form: that is a bounce.
    if not parts or _REJECTED.search(notice.text):
        return None
    reading = Reading("read_receipt", "mdn")
    for block in blocks(parts[0].text()):
        reading.message_id = reading.message_id or block.get("original-message-id", "").strip("<> ") or None
    return reading


_REJECTED = re.compile(r"(?i)\bwas\s+automatically\s+rejected\b")

_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response-suppress",
    "x-mail-autoreply",
    "x-vacation",
    "x-apple-action",
)
_BEGINS = re.compile(r"(?i)\W*(?:this is an? )?(?:auto|automatic|automated)[- ]?(?:reply|response|answer)\b")
"""How an automatic answer begins that no header marks."""
_PRECEDENCE = ("auto_reply", "auto-reply", "autoreply")


def answer(mail: Mail, notice: Notice) -> Reading | None:
    """Reads an automatic answer (RFC 3834) or a request to confirm; asked after all recognisers of bounces."""
    sender = of_header(mail.header("from"))
    if sender is None or is_daemon(sender):
        return None
    submitted = first(mail.headers, "auto-submitted").strip().lower()
    subject = mail.header("subject")
    automatic = submitted.startswith("auto-replied") or any(name in mail.headers for name in _HEADERS)
    automatic = automatic or bool(_BEGINS.match(notice.text))
    automatic = automatic or first(mail.headers, "precedence").strip().lower() in _PRECEDENCE
    # Some providers' servers write from an address like any other's; their subject says what it is.
    if SUBJECT.match(subject) and not ANSWER.search(subject) and signs.tells_of_an_address(mail, notice):
        return None
    null = first(mail.headers, "return-path").strip() == "<>" or submitted.startswith("auto-")
    words = f"{subject}\n{notice.text[:4000]}".replace("\n", " ")
    asked = CHALLENGE.search(words) and (automatic or null)
    if asked or (PROTECTED.search(words) and not signs.is_answered(mail) and not signs.is_sent_to_many(mail)):
        kind, event = "challenge", "other"
    elif automatic or ANSWER.search(subject) or (null and ANSWER.search(notice.text[:2000])):
        kind, event = "auto_reply", "auto_reply"
    else:
        return None
    text = f"{subject}\n{notice.text[:4000]}"
    if kind == "challenge":  # what asks for it; what stands around it may be about anything
        sentences = re.split(r"(?<=[.!?])\s|\n\s*\n", text)
        text = "\n".join(each for each in sentences if CHALLENGE.search(each.replace("\n", " ")))
    recipient = Recipient(sender, action=kind, event=event, reply=one_line((text or subject)[:600]) or None)
    return Reading("challenge" if kind == "challenge" else "auto_reply", kind, [recipient])
