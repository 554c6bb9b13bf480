"""What can be told of a notice that no recogniser knows: last in the list, and only of mail that mail systems write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import of_header
from mailaudit.formats.mails.reading import Recipient
from mailaudit.formats.mails.report import tell
from mailaudit.formats.mails.system import HOST, remote

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice


def recipients(mail: Mail, notice: Notice) -> list[Recipient]:
    """Returns the recipients that a notice most probably speaks of."""
    subject = mail.header("subject")
    domain = (of_header(mail.header("from")) or "").rpartition("@")[2]
    named = notice.candidates(mail).named(domain)
    found = []
    for address in named:
        told = notice.telling.cause(address, subject, alone=len(named) == 1)
        recipient = Recipient(address)
        recipient.remote_host, recipient.remote_ip = remote(HOST, told)
        tell(recipient, told, notice, subject, alone=len(named) == 1)
        found.append(recipient)
    return found
