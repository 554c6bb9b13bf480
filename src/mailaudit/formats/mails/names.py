"""Notices that name mailboxes without their domain: AOL and some universities write `ann`, not `ann@example.com`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import is_daemon, of_header
from mailaudit.formats.mails.reading import Kind, Reading, Recipient
from mailaudit.formats.mails.report import tell
from mailaudit.formats.mails.words import FAILURE

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

_BEGINS = re.compile(
    r"(?i)(?:not (?:be )?delivered to|could not be delivered|undeliverable to|to) the following|"
    r"following (?:recipients?|addressees|users?|mailbox(?:es)?)\b"
)
_NAME = re.compile(r"^\s+(?P<name>[a-z0-9][a-z0-9._+-]{1,63})(?:\s{2,}(?P<reason>\S.*)|\s*)$", re.IGNORECASE)
_X400 = re.compile(
    r"(?i)(?:/[a-z]{1,6}[1-4]?=[^/=\n]{0,64}){3,12}/?|"
    r"(?:\b[a-z]{1,6}[1-4]?=[^;=\n]{0,64};[ ]?){3,12}(?:[a-z]{1,6}[1-4]?=[^;=\s]{1,64})?"
)
"""An X.400 address: attributes such as country, organisation, surname."""
MOST = 20
"""Names that are read in one notice."""


def local_names(mail: Mail, notice: Notice) -> Reading | None:
    """Reads indented names below such a line, where a daemon tells of no address: at its domain, or the copy's."""
    daemon = of_header(mail.header("from")) or ""
    subject = mail.header("subject")
    if not is_daemon(daemon) or not FAILURE.search(f"{subject}\n{notice.text}"):
        return None
    known = notice.candidates(mail)
    ours = known.ours | known.lists
    if any(each.told and each.address.lower() not in ours for each in known.found):
        return None
    domain = daemon.rpartition("@")[2]
    written_to = {each.rpartition("@")[0].lower(): each for each in known.written_to}
    recipients = [
        Recipient(each) for each in dict.fromkeys(found.strip("; ") for found in _X400.findall(notice.text[:8000]))
    ][:MOST]
    if recipients:
        return _told(recipients, notice.text, notice, subject)
    told: list[str] = []
    inside = False
    lines = notice.text.split("\n")
    for line in lines if not lines[-1] else lines[:-1]:  # half a name is another
        if inside and (found := _NAME.match(line)) and len(recipients) < MOST:
            address = written_to.get(found["name"].lower(), f"{found['name']}@{domain}")
            recipients.append(Recipient(address, reply=found["reason"]))
        elif line.strip():
            if recipients:
                break
            inside = inside or bool(_BEGINS.search(" ".join([*told[-1:], line])))
            told.append(line.strip())
    if not recipients:
        return None
    return _told(recipients, "\n".join(told), notice, subject)


def _told(recipients: list[Recipient], text: str, notice: Notice, subject: str) -> Reading:
    for recipient in recipients:
        tell(recipient, recipient.reply or text, notice, subject, alone=len(recipients) == 1)
    return Reading(_kind(recipients), "names", recipients)


def _kind(recipients: list[Recipient]) -> Kind:
    return "bounce" if any(each.action == "failed" for each in recipients) else "delay_warning"
