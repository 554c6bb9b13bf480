"""Delivery reports: RFC 3464 and its international form, RFC 6533; the most authoritative of all notices.

Reporting-MTA: dns; mail.example.com
X-Postfix-Queue-ID: 4XyZ3k0Qc1z2fD

Final-Recipient: rfc822; ann@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import ADDRESS, addresses, clean, reported
from mailaudit.formats.mails.codes import GOOD, best_status, is_final, is_temporary, reply_code, status_in
from mailaudit.formats.mails.fields import Block, blocks, host_of, time_of
from mailaudit.formats.mails.notice import COPIES, REPORTS
from mailaudit.formats.mails.reading import Recipient
from mailaudit.formats.mails.telling import FINE, Telling, one_line, says_something, spoken
from mailaudit.formats.mails.words import EXPIRED, FAILURE, RETRYING, SUCCESS

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

EVENTS = {
    "failed": "bounced",
    "delayed": "deferred",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
"""What each Action says of the recipient; a failure after temporary trouble is `expired`."""

_ACTIONS = (
    ("fail", "failed"),
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "relayed"),
    ("expan", "expanded"),
)
_OF_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient", "action")
_RELAYED = re.compile(r"(?i)\brelayed\b|\bno (?:delivery )?notification was sent\b")
_SHOWN = 40
"""Characters of a program's output by which it is found again in the notice."""
_NO_TEXT = ("image/", "audio/", "video/")
_GENERATED = re.compile(rf"(?i)\bgenerated (?:from|by)\s+<?({ADDRESS})")
"""Where Exim tells for whom it would have written to a file or a program."""
_PIPE = re.compile(rf"(?m)^\s+pipe to \|(\S{{1,200}})[^\n]*\n\s+generated (?:from|by)\s+<?({ADDRESS})")
_PERCENT = re.compile(r"([^@%]+)%([^@%]+\.[^@%]+)@[^@]+")
"""An address that names the relay to its domain, too (RFC 1123, 5.2.16)."""
_FIELDS = re.compile(
    r"(?im)^[ >\t]*(?:(?:final|original|x-actual)-recipient|action|status|last-attempt-date|remote-mta|diagnostic-code)"
    r"[ \t]*:.*\n?"
)
"""Fields of a report that stands in the text."""
_MARKED = re.compile(r"(?m)^(?:> ?)+")
_INDENTED = re.compile(
    r"(?im)^[ \t]+(?=(?:(?:final|original|x-actual)-recipient|action|status|(?:remote|reporting|received-from)-mta|"
    r"diagnostic-code|last-attempt-date|arrival-date|will-retry-until|original-envelope-id|final-log-id|dsn-gateway|"
    r"x-[a-z-]+)[ \t]*:)"
)
"""What a mail program puts before the fields of a report that it shows: other indented lines go on with a field."""
_OWN_FIELD = re.compile(r"x-(?:.{1,30}-)?(?:diagnostic(?:-code)?|supplementary-info|(?:failure-)?reason|error)")
_POINTER = re.compile(r"<\S{1,255} #[245]\.\d{1,3}\.\d{1,3} ")
"""What Microsoft's servers write before an answer: whose it was."""
_IN_TEXT = re.compile(r"(?im)^[ >\t]*(?:final|original)-recipient[ \t]*:")


def report_blocks(mail: Mail, notice: Notice) -> list[Block]:
    """Returns the report's blocks of fields; none if the mail has no report."""
    found: list[Block] = []
    for part in mail.of(*REPORTS):
        found += blocks(part.text())
    if any(_is_recipient(block) for block in found):
        return found
    # The report stands in the text: the mail was forwarded, or its boundaries are broken.
    text = notice.text
    for part in mail.parts:
        if part.type not in {"text/plain", "text/html", *COPIES} and not part.type.startswith(_NO_TEXT):
            text += "\n\n" + part.text()[:65536] if _IN_TEXT.search(part.text()[:65536]) else ""
    if _IN_TEXT.search(text):
        found = blocks(_INDENTED.sub("", _MARKED.sub("", text)))
    return found if any(_is_recipient(block) for block in found) else []


def _is_recipient(block: Block) -> bool:
    return any(name in block for name in _OF_RECIPIENT)


def recipients(found: list[Block], notice: Notice, subject: str) -> list[Recipient]:
    """Returns what the report says of each recipient."""
    mine = [block for block in found if _is_recipient(block)]
    told: list[Recipient] = []
    for block in mine:
        recipient = _recipient(block, notice, subject, alone=len(mine) == 1)
        # Some systems send the fields twice: as the report, and as text for people.
        if recipient is not None and recipient not in told:
            told.append(recipient)
    return told


def _recipient(block: Block, notice: Notice, subject: str, *, alone: bool) -> Recipient | None:
    final = reported(block.get("final-recipient", ""))
    original = reported(block.get("original-recipient", ""))
    actual = reported(block.get("x-actual-recipient", ""))
    address = next((each for each in (final, actual, original) if each and "@" in each), None)
    address = address or clean(block.get("diagnostic-code", "")) or final or original
    if address is None:
        return None
    recipient = Recipient(_with_domain(address, notice))
    if "@" not in recipient.address and (of := _GENERATED.search(notice.text)):
        recipient.address = of[1]
    relayed = _PERCENT.fullmatch(recipient.address)
    recipient.original = f"{relayed[1]}@{relayed[2]}" if relayed else None
    if original and "@" in original and original.lower() != address.lower():
        recipient.original = original
    kind, diagnostic = _diagnostic(block)
    diagnostic = _continued(diagnostic, notice.text)
    if kind == "x-unix":
        diagnostic = _with_its_program(diagnostic, address, notice, alone=alone)
    told = ""
    if not says_something(diagnostic):
        telling = Telling(_FIELDS.sub("", notice.text)) if _IN_TEXT.search(notice.text) else notice.telling
        told = spoken(telling.about(address, alone=alone))
        told = told if says_something(told) else _comment(block) or told
    recipient.reply = one_line(f"{_piped(recipient.address, notice)}{diagnostic}\n{told}") or None
    recipient.status = best_status(_status(block), recipient.reply or "")
    if kind in {"smtp", "", "x-exchange", "dns"}:
        recipient.smtp_code = reply_code(diagnostic) or (reply_code(told) if _of_a_server(told, notice) else None)
    else:
        recipient.smtp_code = reply_code(diagnostic) if re.search(r"(?i)said|returned|respon", diagnostic) else None
    recipient.remote_host, recipient.remote_ip = host_of(block.get("remote-mta", ""))
    recipient.time_us = time_of(block.get("last-attempt-date", ""))
    recipient.retry_until_us = time_of(block.get("will-retry-until", ""))
    recipient.action = _action(block, recipient, notice, subject)
    recipient.event = EVENTS[recipient.action]
    if recipient.action in {"failed", "delayed"}:
        settle(recipient, notice, subject, alone=alone)
    return recipient


def _piped(address: str, notice: Notice) -> str:
    """Returns which program had the message, where the notice shows only what it said: any error is that program's."""
    if "pipe to |" not in notice.text:
        return ""
    return next((f"pipe to |{each[1]}: " for each in _PIPE.finditer(notice.text) if each[2] == address), "")


def _with_domain(address: str, notice: Notice) -> str:
    """Returns the address written to that a local name stands for; another name stays as it is."""
    if "@" in address:
        return address
    values = [value for name in ("to", "cc", "x-original-to", "delivered-to") for value in notice.copied.get(name, [])]
    written_to = [each for value in values for each in addresses(value)]
    return next((each for each in written_to if each.rpartition("@")[0].lower() == address.lower()), address)


def _of_a_server(told: str, notice: Notice) -> bool:
    """False of what sendmail says itself: its transcript has codes for its own verdicts too."""
    own = re.search(r"Transcript of session follows", notice.text) and not re.search(r"<<<|\(reason:", told)
    return bool(told) and not own


def _diagnostic(block: Block) -> tuple[str, str]:
    """Returns type and text of the diagnostic; the type is empty if it is not told.

    Some makers have a field of their own for it: `X-Supplementary-Info: <mx.example.com #5.0.0 smtp; 550 no>`.
    """
    value = block.get("diagnostic-code") or next((block[name] for name in block if _OWN_FIELD.fullmatch(name)), "")
    value = _POINTER.sub("", value).removesuffix(">") if _POINTER.match(value) else value
    kind, semicolon, text = value.partition(";")
    kind = kind.strip().lower()
    if semicolon and re.fullmatch(r"[a-z][a-z0-9-]{0,30}", kind):
        return kind, text.strip()
    return "", value.strip()


def _continued(diagnostic: str, text: str) -> str:
    """Returns the whole reply where the report has its first line only: sendmail keeps the others in the transcript."""
    if not re.match(r"\d{3}-", diagnostic) or re.search(rf"\s{diagnostic[:3]} ", diagnostic):
        return diagnostic
    begun = re.search(rf"(?m)^\s*<<< {re.escape(diagnostic[:200])}.*\n", text)
    if begun is None:
        return diagnostic
    lines = re.match(rf"(?:\s*<<< {diagnostic[:3]}[- ].*\n?){{1,30}}", text[begun.end() :])
    return f"{diagnostic}\n" + re.sub(r"(?m)^\s*<<< ", "", lines[0]) if lines else diagnostic


def _with_its_program(output: str, address: str, notice: Notice, *, alone: bool) -> str:
    """Returns what a local program wrote with what the notice tells of the program, as the log has it."""
    told = notice.telling.about(address, alone=alone)
    return told if output and one_line(output)[:_SHOWN] in one_line(told) else output


def _status(block: Block) -> str | None:
    """Returns the Status field's code."""
    return status_in(block.get("status", ""))


def _comment(block: Block) -> str:
    """Returns the Status field's comment where it says more than the code: `4.0.0 (host name lookup failure)`."""
    comment = re.search(r"\((.*)\)\s*$", block.get("status", ""))
    return comment[1] if comment and says_something(comment[1]) else ""


def _action(block: Block, recipient: Recipient, notice: Notice, subject: str) -> str:
    word = block.get("action", "").lower()
    for begins, action in _ACTIONS:
        if word.startswith(begins):
            return action
    if (recipient.status or "").startswith("2"):
        return "delivered"
    hopeful = RETRYING.search(subject) or notice.telling.hopeful
    return "delayed" if hopeful and not (recipient.status or "").startswith("5") else "failed"


def told_action(recipient: Recipient, notice: Notice, subject: str) -> str:
    """Returns what a notice without fields says of a recipient: failed, delayed, delivered or relayed."""
    if RETRYING.search(subject) and notice.telling.hopeful:
        return "delayed"
    if is_final(recipient.smtp_code, recipient.status):
        return "failed"
    if FINE.fullmatch(recipient.reply or ""):
        return "delivered"
    success = SUCCESS.search(notice.telling.running) or _is_good(recipient, notice, subject)
    if (
        success
        and not _failed_all_the_same(recipient.address, notice)
        and not is_temporary(recipient.smtp_code, recipient.status)
    ):
        return "relayed" if _RELAYED.search(notice.text) else "delivered"
    return "delayed" if RETRYING.search(subject) or notice.telling.hopeful else "failed"


def _failed_all_the_same(address: str, notice: Notice) -> bool:
    """True where a notice of success tells a failure behind an address: OpenSMTPD 5.7 sends its bounces like that."""
    said = re.search(rf"(?im)^\W*{re.escape(address)}>?: (.+)$", notice.text)
    return said is not None and (FAILURE.search(said[1]) or EXPIRED.search(said[1]))


def _is_good(recipient: Recipient, notice: Notice, subject: str) -> bool:
    """True if all that is told of a recipient is a server's yes, `250 2.1.5 Ok`, and nothing speaks of failure."""
    yes = recipient.smtp_code // 100 == GOOD if recipient.smtp_code else (recipient.status or "").startswith("2")
    return yes and not FAILURE.search(f"{subject}\n{notice.telling.running}")


def tell(recipient: Recipient, told: str, notice: Notice, subject: str, *, alone: bool) -> None:
    """Sets what the words of a notice without fields tell of a recipient; `alone`: it speaks of no other."""
    reply = spoken(told)
    recipient.reply = one_line(_piped(recipient.address, notice) + reply) or None
    around = status_in(told) or ""
    recipient.status = best_status(None, reply) or (None if around.startswith("2") else around or None)
    recipient.smtp_code = reply_code(reply)
    recipient.action = told_action(recipient, notice, subject)
    recipient.event = EVENTS[recipient.action]
    settle(recipient, notice, subject, alone=alone)


def settle(recipient: Recipient, notice: Notice, subject: str, *, alone: bool) -> None:
    """Decides whether the queue gave up, and after what; `alone`: the notice speaks of no other recipient.

    OpenSMTPD 6.8 tells of an expiry with `Action: delayed` and status 4.4.7; a delay warning with that code has words
    of hope.
    """
    told = notice.telling
    hopeful = told.hopeful or bool(RETRYING.search(subject))
    gave_up = (bool(EXPIRED.search(recipient.reply or "")) or (alone and told.gave_up)) and not hopeful
    late = (recipient.status or "").endswith(".4.7")
    if recipient.action in {"delivered", "relayed"}:
        return
    if recipient.action == "delayed":
        if recipient.retry_until_us is None and ((late and not hopeful) or gave_up):
            recipient.action, recipient.event = "failed", "expired"
        return
    if (
        late
        or is_temporary(recipient.smtp_code, recipient.status)
        or (gave_up and not is_final(recipient.smtp_code, None))
    ):
        recipient.event = "expired"
