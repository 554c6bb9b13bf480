"""One story of mail, as Postfix, Sendmail, Amazon SES and Mailgun tell it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.commands import maillog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

STAMP = int(maillog.BEGIN.timestamp())
SENDER = "shop@a.example"


@dataclass(frozen=True)
class Said:
    """What a receiver answered."""

    ok: bool
    code: int
    enhanced: str
    text: str

    @property
    def reply(self) -> str:
        """The whole reply."""
        return f"{self.code} {self.enhanced} {self.text}"


OK = Said(ok=True, code=250, enhanced="2.0.0", text="Ok")
NOBODY = Said(ok=False, code=550, enhanced="5.1.1", text="No such user here")
FULL = Said(ok=False, code=552, enhanced="5.2.2", text="Mailbox full")
SPAM = Said(ok=False, code=550, enhanced="5.7.1", text="Message rejected due to possible spam content")


@dataclass(frozen=True)
class Told:
    """A message: seconds after BEGIN, to whom, and how it ended two seconds later; without an answer it waits."""

    at: int
    recipient: str
    said: Said | None


def postfix(story: Iterable[Told]) -> str:
    """A syslog of Postfix."""
    mails = []
    for told in story:
        said, attempts = told.said, ()
        if said and said.ok:
            attempts = ((2, ("sent", said.enhanced, said.reply)),)
        elif said:
            reply = f"host mx.b.example[192.0.2.2] said: {said.reply} (in reply to RCPT TO command)"
            attempts = ((2, ("bounced", said.enhanced, reply)),)
        mails.append(maillog.Mail(told.at, told.recipient, attempts, SENDER))
    return "\n".join(maillog.lines(mails)) + "\n"


def sendmail(story: Iterable[Told]) -> str:
    """A syslog of Sendmail, with the notices it makes."""
    found: list[tuple[int, str]] = []
    for number, told in enumerate(story):
        said, queue_id = told.said, f"622{chr(65 + number % 20)}0{number:07d}"
        came = "class=0, nrcpts=1, proto=ESMTP, daemon=MTA, relay=pc.a.example [192.0.2.10]"
        message_id = f"msgid=<{number}@a.example>"
        found.append((told.at, f"{queue_id}: from=<{SENDER}>, size=1000, {message_id}, {came}"))
        if not said:
            continue
        stat = f"Sent ({said.text})" if said.ok else "User unknown" if said is NOBODY else "Service unavailable"
        reply = "" if said.ok else f"reply={said.code} {said.enhanced} {said.text}, "
        took = "delay=00:00:02, xdelay=00:00:02, mailer=esmtp, pri=31000, relay=mx.b.example. [192.0.2.2]"
        end = f"dsn={said.enhanced}, {reply}stat={stat}"
        found.append((told.at + 2, f"{queue_id}: to=<{told.recipient}>, {took}, {end}"))
        if not said.ok:
            notice = f"622{chr(65 + number % 20)}9{number:07d}"
            took = "delay=00:00:01, xdelay=00:00:01, mailer=local, pri=30000, dsn=2.0.0, stat=Sent"
            found.append((told.at + 2, f"{queue_id}: {notice}: DSN: {stat}"))
            found.append((told.at + 3, f"{notice}: to=<{SENDER}>, {took}"))
    found.sort(key=lambda item: item[0])
    return "".join(f"{maillog.stamp(at)} mx1 sm-mta[77]: {text}\n" for at, text in found)


def ses(story: Iterable[Told]) -> str:
    """Events of Amazon SES, one a line."""
    found: list[dict[str, Any]] = []
    for number, told in enumerate(story):
        said, after = told.said, _millis(told.at + 2)
        mail = {
            "timestamp": _millis(told.at),
            "source": SENDER,
            "sendingAccountId": "123456789012",
            "messageId": f"0100019cab01e5f1-{number:08x}-0001-4c55-9a10-7f6e5d4c3b2a-000000",
            "destination": [told.recipient],
            "headersTruncated": False,
            "headers": [],
            "commonHeaders": {"from": [SENDER], "to": [told.recipient], "subject": "S"},
            "tags": {},
        }
        found.append({"eventType": "Send", "mail": mail, "send": {}})
        if said and said.ok:
            delivery = {"timestamp": after, "recipients": [told.recipient], "smtpResponse": said.reply}
            found.append(
                {"eventType": "Delivery", "mail": mail, "delivery": {**delivery, "processingTimeMillis": 2000}}
            )
        elif said:
            person = {
                "emailAddress": told.recipient,
                "action": "failed",
                "status": said.enhanced,
                "diagnosticCode": f"smtp; {said.reply}",
            }
            kind = (
                ("Permanent", "NoEmail" if said is NOBODY else "General")
                if said is not FULL
                else ("Transient", "MailboxFull")
            )
            bounce = {
                "bounceType": kind[0],
                "bounceSubType": kind[1],
                "bouncedRecipients": [person],
                "timestamp": after,
                "feedbackId": f"f{number}",
            }
            found.append({"eventType": "Bounce", "mail": mail, "bounce": bounce})
    return "".join(json.dumps(event) + "\n" for event in found)


def mailgun(story: Iterable[Told]) -> str:
    """A page of Mailgun's events."""
    found: list[dict[str, Any]] = []
    for number, told in enumerate(story):
        said = told.said
        headers = {"message-id": f"m{number}@a.example", "from": SENDER, "to": told.recipient, "subject": "S"}
        message = {"headers": headers, "attachments": [], "size": 1000}
        base = {"recipient": told.recipient, "message": message, "envelope": {"sender": SENDER}, "tags": []}
        found.append({**base, "event": "accepted", "id": f"a{number}", "timestamp": STAMP + told.at + 0.25})
        if said:
            word = "delivered" if said.ok else "failed"
            status = {"code": said.code, "message": f"{said.enhanced} {said.text}", "attempt-no": 1}
            how = {} if said.ok else {"severity": "permanent", "reason": "bounce"}
            more = {"id": f"d{number}", "timestamp": STAMP + told.at + 2.25, "delivery-status": status}
            found.append({**base, **how, **more, "event": word})
    return json.dumps({"items": found, "paging": {}})


def _millis(at: int) -> str:
    return f"{maillog.stamp(at)[:19]}.250Z"


TELLERS: dict[str, Callable[[Iterable[Told]], str]] = {
    "postfix": postfix,
    "sendmail": sendmail,
    "ses": ses,
    "mailgun": mailgun,
}


def write(folder: Path, teller: str, story: Sequence[Told]) -> Path:
    """The file in which this system tells the story."""
    path = folder / f"{teller}.txt"
    path.write_text(TELLERS[teller](story))
    return path
