"""What a reply says, read for the rules: its template with its marks, its codes, the SMTP command it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailaudit.classify.marks import marks
from mailaudit.classify.spelling import parted, spelt
from mailaudit.classify.templates import template

CODE = re.compile(r"(?:^|[\s'\"(<>:#-])([245]\d\d|60[5-7])(?:[\s-]|, b?['\"]|$)")
STATUS = re.compile(r"(?:^|[\s'\"(\[#:;-])([245]\.\d{1,2}\.\d{1,3})(?:-\d{3})?(?:[\s'\")\]>:;,.]|$)")
STATUS_FIELD = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
PHASE = re.compile(
    r"in reply to (?:the )?(?:end of )?(?P<postfix>[a-z]+)|"
    r"after (?:end of |pipelined )?(?P<exim>initial connection|mail from|rcpt to|data|helo|ehlo)\b|"
    r"\[(?P<mimecast>rcpt_to|mail_from|data)\]|while (?:performing the|sending|receiving the) (?P<while>[a-z]+ ?[a-z]*)"
)
PHASES = {"initial": "CONNECT", "helo": "HELO", "ehlo": "EHLO", "end": "DATA", "message": "DATA", "data": "DATA"}
ADDED = re.compile(
    r" ?\(in reply to [^()]*\)|(?<=\S) \(service unavailable\)$|"
    r"^(?:.{0,80}?(?:does not like recipient|failed after i sent the message)\. )?remote host said: |"
    r" giving up on \S+(?: -{2,}.*)?$|"
    r"(?<=\S): retry timeout exceeded$|"
    r"^user and password not set, continuing without authentication\. ?(?:<address> )?|"
    r"^.{0,20}?lmtp server error: |"
    r"^(?:[45]\d\d )?(?:[45]\.\d\.\d{1,3} )?remote server returned an error -> ?(?=[45]\d\d|<n>)|"
    r"^(?:perm|temp)_failure: smtp error \(state \d+\): |"
    r"^\(?host \S+ rejected command .{0,80}? with code \d{3}(?: \([\d.]+\))? |"
    r"^.{0,80}?(?:smtp|lmtp) error from remote (?:mail server|mailer) after [a-z ]+(?::\S+)?(?: size=\S+)?: "
    r"(?:host \S+(?: \[[^\]]*\])?: )?"
)
"""What Postfix, sendmail, qmail, Exim, Exchange and Gmail put around the receiver's reply."""
JOINED = re.compile(r"(?<=[a-z])_(?=[a-z])")
"""What some servers write between words instead of blanks: `mailbox_quota_exceeded`."""
LOGGED = re.compile(r"^[^ ]{0,60}_[^ ]*_")
"""A reply as qmail writes it into its log: no blanks, `/` for the ends of lines."""
LINE_END = re.compile(r"\.?/(?=remote host said|giving up|<address>)|\./")
GREETING = "{refused to talk to me"
NOBODY = frozenset(("5.0.0", "4.0.0", "2.0.0"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One reply as rules see it."""

    text: str
    """Template in lower case, marks behind it."""
    smtp: str = ""
    status: str = ""
    phase: str = ""
    host: str = ""

    @property
    def digit(self) -> str:
        """The class of the reply: 2, 4 or 5; the server acts on the reply code, so that goes before the status."""
        return (self.smtp or self.status)[:1]


def reading(
    text: str | None,
    *,
    smtp_code: int | str | None = None,
    enhanced_status: str | None = None,
    relay_host: str | None = None,
    phase: str | None = None,
) -> Reading:
    """The reply as rules see it; codes that the text has go before those given beside it."""
    plain = template(text or "")
    return read(
        plain, marks(text or ""), str(smtp_code or ""), enhanced_status or "", (relay_host or "").lower(), phase
    )


def read(plain: str, found: str, smtp: str, status: str, host: str, phase: str | None) -> Reading:
    """The reading of a template with the marks of its reply."""
    lower = plain.lower()
    if LOGGED.match(lower):
        lower = LINE_END.sub(". ", lower.replace("_", " ")).strip("/ ")
    # What the sending server puts behind the reply is no word of the receiver.
    words = spelt(JOINED.sub(" ", ADDED.sub("", lower)))
    return Reading(
        " ".join(filter(None, (words, found, parted(plain)))),
        smtp or code_in(lower),
        status_in(lower, status),
        (phase or ("CONNECT" if GREETING in found else phase_in(lower))).upper(),
        host,
    )


def code_in(lower: str) -> str:
    """The first reply code of the text; empty without one."""
    found = CODE.search(lower[:200])
    return found[1] if found else ""


def status_in(lower: str, given: str) -> str:
    """The best enhanced status code: the text's first that says something, else the given one."""
    for code in STATUS.findall(lower):
        if code not in NOBODY:
            return str(code)
    found = STATUS_FIELD.match(given)
    return found[0] if found else ""


def phase_in(lower: str) -> str:
    """The SMTP command that the reply answers, where the text says so: CONNECT, EHLO, MAIL, RCPT, DATA."""
    found = PHASE.search(lower)
    if not found:
        return ""
    word = next(word for word in found.groups() if word).split()[0].split("_")[0]
    return PHASES.get(word, word.upper())
