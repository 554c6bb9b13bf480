"""A whole mail message (RFC 5322) on standard output, ready for `sendmail -t`; mailaudit itself sends nothing."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from typing import TextIO

LONGEST_SUBJECT = 200
"""Characters of a subject; more would fold over many lines of every list of mails."""


def compose(*, sender: str, to: Sequence[str], subject: str, body: str, sent: dt.datetime) -> EmailMessage:
    """A text message; addresses have been checked, all other text may be anything."""
    message = EmailMessage(policy=default.clone(max_line_length=78))
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = neutral(" ".join(subject.split()))[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # RFC 3834: nobody's holiday notice answers it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    text = "\n".join(neutral(line) for line in body.split("\n"))
    message.set_content(text.encode("utf-8", "backslashreplace").decode())
    return message


def write(message: EmailMessage, out: TextIO) -> None:
    """Writes the message with the line ends that `sendmail -t` expects; all of it is ASCII."""
    out.write(message.as_bytes().decode("ascii", "backslashreplace"))
