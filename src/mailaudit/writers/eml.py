"""A page as a mail: a complete message (RFC 5322), text and HTML, for `sendmail -t -i`; nothing is sent from here."""

from __future__ import annotations

import re
import socket
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from mailaudit.model.addresses import LABEL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

POLICY = SMTP.clone(linesep="\n")
"""sendmail(1) takes lines as this system ends them, and writes CR LF on the wire itself."""
LONE_DOT = re.compile(r"^\.$", re.MULTILINE)
"""A line that ends the message for a sendmail(1) that is not told -i; quoted-printable can say it otherwise."""


def own_address() -> str:
    """The address that mails come from unless told otherwise; asks no name server."""
    name = socket.gethostname().lower()
    good = all(LABEL.fullmatch(label) for label in name.split("."))
    return f"mailaudit@{name if good else 'localhost'}"


def message(
    *,
    sender: str | None,
    recipients: Sequence[str],
    subject: str,
    date: dt.datetime,
    text: str,
    html: str | None = None,
) -> str:
    """The message, whole: headers, text, and HTML as its alternative; without a sender it comes from `own_address`."""
    sender = sender or own_address()
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    if recipients:  # else whoever sends it is told (sendmail -i postmaster@example.com)
        mail["To"] = ", ".join(recipients)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = make_msgid("mailaudit", domain=sender.rpartition("@")[2])
    # No vacation notice answers this (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return LONE_DOT.sub("=2E", mail.as_string())
