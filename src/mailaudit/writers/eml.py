"""A page as a mail: a complete message (RFC 5322) with text and HTML, for `sendmail -t`; nothing is sent from here."""

from __future__ import annotations

import re
import socket
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from mailaudit.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
LONGEST_LOCAL, LONGEST = 64, 254
POLICY = SMTP.clone(linesep="\n")
"""sendmail(1) takes lines as this system ends them, and writes CR LF on the wire itself."""


def address(text: str) -> str:
    """The address in ASCII, if it is one that mail can be sent to; raises UsageError otherwise."""
    local, at, domain = text.strip().rpartition("@")
    if "," in text or ";" in text:
        raise UsageError(f"{text!r} is more than one address", hint="Give the option once for each address.")
    if not at:
        raise UsageError(f"{text!r} is no mail address", hint=f"Write it whole, as {text or 'name'}@example.com.")
    try:
        labels = domain.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        labels = []
    if not LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise UsageError(f"{text!r} is no mail address", hint="What stands before the @ cannot be mailed to.")
    if not labels or not all(LABEL.fullmatch(label) for label in labels) or len(text) > LONGEST or labels[-1].isdigit():
        raise UsageError(f"{text!r} is no mail address", hint="What stands after the @ is no domain name.")
    return f"{local}@{'.'.join(labels)}"


def own_address() -> str:
    """The address that mails come from unless told otherwise; asks no name server."""
    name = socket.gethostname().lower()
    good = all(LABEL.fullmatch(label) for label in name.split("."))
    return f"mailaudit@{name if good else 'localhost'}"


def message(
    *, sender: str, recipients: Sequence[str], subject: str, date: dt.datetime, text: str, html: str | None = None
) -> str:
    """The message, whole: headers, text, and HTML as its alternative."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = make_msgid("mailaudit", domain=sender.rpartition("@")[2])
    # No vacation notice answers this (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail.as_string()
