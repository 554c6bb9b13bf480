"""The one ordered list of recognisers: the most authoritative first. The first that understands a mail has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails import guesses, lists, names, others, published, report, signs, system
from mailaudit.formats.mails.addresses import addresses, of_header, reported, verp
from mailaudit.formats.mails.fields import host_of, time_of
from mailaudit.formats.mails.mime import first, take_apart
from mailaudit.formats.mails.notice import LONGEST, REPORTS, notice_of
from mailaudit.formats.mails.reading import SILENT, UNREAD, Kind, Reading, Recipient
from mailaudit.formats.mails.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailaudit.formats.mails.fields import Block
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

    Recogniser = Callable[[Mail, Notice], Reading | None]


def read_mail(raw: bytes) -> Reading:
    """Returns what a mail reports. Any bytes will do; what reports nothing is `no_bounce`."""
    return _read(raw, 0)


def _read(raw: bytes, depth: int) -> Reading:
    mail = take_apart(raw)
    notice = notice_of(mail)
    reading = None
    for recogniser in RECOGNISERS:
        reading = recogniser(mail, notice)
        if reading is not None and reading.kind != UNREAD:
            inner = _wrapped(reading, mail, depth) if recogniser is _guess else None
            return inner or _complete(reading, mail, notice)
    # A report that was wrapped: forwarded as an attachment, or packed up by a spam filter.
    if depth < _DEEPEST:
        for part in mail.of("message/rfc822")[:_MOST]:
            if reading is None or _IS_REPORT.search(part.body[:65536]) or _is_forwarded(mail, part.body):
                inner = _read(part.body, depth + 1)
                if inner.kind in {"bounce", "delay_warning", "receipt", "complaint", "feedback"}:
                    return inner
        for _, text in [] if signs.is_sent_to_many(mail) else _texts(mail):
            inner = _read(text.encode(), depth + 1)
            if inner.kind in {"bounce", "delay_warning"}:
                return inner
    return _complete(reading or Reading(), mail, notice)


def _wrapped(guess: Reading, mail: Mail, depth: int) -> Reading | None:
    """Returns the report within a mail that a filter wrapped: of the same recipients, or told to those guessed."""
    if depth >= _DEEPEST:
        return None
    named = {each.address.lower() for each in guess.recipients}
    for part in mail.of("message/rfc822")[:_MOST]:
        if _is_forwarded(mail, part.body):
            inner = _read(part.body, depth + 1)
            if inner.kind not in SILENT:
                return inner
        if _IS_REPORT.search(part.body[:65536]):
            inner = _read(part.body, depth + 1)
            told = of_header(take_apart(part.body).header("to")) or ""
            if inner.recipients and named in ({each.address.lower() for each in inner.recipients}, {told.lower()}):
                return inner
    for own, text in _texts(mail):
        # A relay's words around another's notice: only a recipient it names itself is of its own message.
        if not any(address in own.lower() for address in named):
            inner = _read(text.encode(), depth + 1)
            if inner.kind in {"bounce", "delay_warning"}:
                return inner
    return None


def _is_forwarded(mail: Mail, attached: bytes) -> bool:
    """True of a mail that somebody sent with a mail system's notice attached."""
    if signs.is_from_a_system(mail):
        return False
    return bool(_PASSED_ON.match(mail.header("subject"))) or signs.is_from_a_system(take_apart(attached[:_HEAD]))


_PASSED_ON = re.compile(r"(?i)\W*(?:fwd?|wg|tr|rv|enc|i|vb|vs|doorst)\s*:")
"""Subjects of mail that a person passes on."""


_HEAD = 16 << 10
"""Bytes of an attached mail in which its sender stands."""
_DEEPEST = 2
_MOST = 5
"""How deep, and how many, mails within a mail are read."""
_IS_REPORT = re.compile(rb"(?i)report-type|delivery-status|feedback-report|x-failed-recipients")
_FORWARDED = re.compile(
    r"(?im)(?:(?:\A\s*>?|^[-_=*]{10,}[ \t]*\n+)From \S+ .*\n+|^-{5,} ?[^-\n]{3,60} ?-{5,}[ \t]*\n+|"
    r"^[-_ ]*(?:(?:begin )?forwarded message|original message|"
    r"(?:anfang der )?weitergeleiteten? nachricht|d.but du message (?:transf.r.|r.exp.di.)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|"
    r"urspr.ngliche nachricht|message (?:transf.r.|d.origine)|mensaje (?:reenviado|original)|"
    r"messaggio (?:inoltrato|originale)|mensagem (?:encaminhada|original)|(?:oorspronkelijk|doorgestuurd) bericht|"
    r"пересылаемое сообщение|исходное сообщение)[-_: ]*\n+)"
    r"(?=(?:[^\W\d][\w-]{1,20} ?: .*\n(?:[ \t]+\S.*\n)*)*(?:From|Von|De|Da|Van|Från|Fra|От) ?: "
    r".*(?:m(?:ailer-?)?daemon|post_?master|mail (?:delivery|server|administrator)|system ?administrat|"
    r"microsoft ?(?:exchange|outlook)))"
)
"""Where a program writes a forwarded notice below its own text, with its headers."""


def _texts(mail: Mail) -> list[tuple[str, str]]:
    """Returns the notices that a mail holds as text, each after the words before it."""
    texts = (part.text()[: LONGEST * 2] for part in mail.parts if part.type == "text/plain")
    found = ((text, _FORWARDED.search(text)) for text in texts)
    return [(text[: begin.start()], _in_english(text[begin.end() :])) for text, begin in found if begin]


_NAMES = re.compile(
    r"(?im)^(?:(von|de|da|van|från|fra|от)|(an|à|a|para|aan|til|till|кому)|"
    r"(betreff|objet|asunto|oggetto|assunto|onderwerp|emne|ämne|тема)) ?:"
)


def _in_english(text: str) -> str:
    """Gives the headers of a forwarded notice the names that they had before a mail program showed them."""
    head, blank, rest = text.partition("\n\n")
    names = ("From:", "To:", "Subject:")
    return _NAMES.sub(lambda found: names[(found.lastindex or 1) - 1], head) + blank + rest


def _report(mail: Mail, notice: Notice) -> Reading | None:
    """RFC 3464 and 6533: fields that say themselves what they mean, unless a person quotes them in an answer."""
    if not mail.of(*REPORTS) and not _of_a_system(mail, notice):
        return None
    blocks = report.report_blocks(mail, notice)
    if not blocks:
        return None
    recipients = report.recipients(blocks, notice, mail.header("subject"))
    if not recipients:
        return None
    reading = Reading(_kind(recipients), "report", recipients)
    head: Block = {}
    for block in blocks:
        head = {**block, **head}
    reading.reporting_mta, _ = host_of(head.get("reporting-mta", ""))
    reading.envelope_id = head.get("original-envelope-id")
    reading.arrival_us = time_of(head.get("arrival-date", ""))
    queue_id = next((value for name, value in head.items() if re.fullmatch(r"x-.*-queue-?id", name)), None)
    reading.queue_id = queue_id
    sender = next((value for name, value in head.items() if re.fullmatch(r"x-.*-sender", name)), "")
    reading.sender = reported(sender) if sender else None
    reading.message_id = head.get("x-original-message-id", "").strip("<> ") or None
    return reading


def _systems(mail: Mail, notice: Notice) -> Reading | None:
    """The mail systems' own words, row by row."""
    if not _of_a_system(mail, notice):
        return None
    marked = signs.signs(mail, notice) > 0
    for row in SYSTEMS:
        if (marked or not row.common) and system.claims(row, notice):
            known = notice.candidates(mail)
            found = system.recipients(row, mail, notice)
            named = [each for each in found if each.address.lower() not in known.ours]
            if found and not named and not known.are_told:  # somebody who wrote to himself
                named = found
            named = [each for each in named if not known.is_spoken_of(each.address)]
            if named:
                return Reading(_kind(named), row.name, named)
    return None


def _of_a_system(mail: Mail, notice: Notice) -> bool:
    """True unless a mail was plainly written by a person: an answer that quotes a notice is none."""
    if signs.is_answered(mail):
        return signs.is_notice(mail, notice)
    return True


def _guess(mail: Mail, notice: Notice) -> Reading | None:
    """Addresses near words of failure, in mail that looks like a notice."""
    if not signs.is_notice(mail, notice):
        return None
    found = guesses.recipients(mail, notice)
    return Reading(_kind(found), "guess", found) if found else Reading(UNREAD)


RECOGNISERS: tuple[Recogniser, ...] = (
    others.feedback,  # a complaint quotes a whole message, which may be anything: asked first
    published.events,  # a provider's event as JSON, which no other understands
    others.read_receipt,  # has fields of the report's names, but in a part of its own
    _report,  # the standard's fields
    _systems,  # what each maker writes
    lists.refusal,  # from addresses that no daemon has
    others.answer,  # not before the systems: Postfix and Exim mark their bounces auto-replied
    names.local_names,  # before the guess, which would take any other word for the recipient
    _guess,  # the rest of what mail systems write
)


def _kind(recipients: list[Recipient]) -> Kind:
    actions = {each.action for each in recipients}
    if "failed" in actions:
        return "bounce"
    return "delay_warning" if "delayed" in actions else "receipt"


def _complete(reading: Reading, mail: Mail, notice: Notice) -> Reading:
    """Adds what the mail and the copied message tell of the message."""
    reading.subject = mail.header("subject") or None
    reading.own_message_id = first(mail.headers, "message-id").strip("<> ") or None
    reading.time_us = time_of(first(mail.headers, "date")) or _received(mail.headers.get("received", []))
    if reading.kind in SILENT or reading.kind == UNREAD:
        return reading
    answered = "" if notice.copied else _answered(mail)
    reading.message_id = (
        reading.message_id or _message_id(notice.original("message-id")) or _message_id(answered) or None
    )
    reading.sender = reading.sender or of_header(notice.original("return-path")) or _sender(mail, notice)
    reading.original_subject = notice.original("subject") or None
    reading.queue_id = reading.queue_id or _queue_id(notice, reading.reporting_mta)
    _name_as_written_to(reading, mail)
    _without_encapsulated(reading, notice)
    for recipient in reading.recipients:
        recipient.time_us = recipient.time_us or reading.time_us
        if reading.time_us is not None and recipient.time_us is not None:
            recipient.time_us = min(recipient.time_us, reading.time_us)
    return reading


def _name_as_written_to(reading: Reading, mail: Mail) -> None:
    """Names the address that was written to where the notice tells another one, to which mail was forwarded."""
    if len(reading.recipients) != 1 or reading.kind not in {"bounce", "delay_warning"}:
        return
    (recipient,) = reading.recipients
    named = verp(of_header(mail.header("to")) or "")
    if (
        named
        and not recipient.original
        and named.rpartition("@")[2].lower() != recipient.address.rpartition("@")[2].lower()
    ):
        recipient.original = named


_ENCAPSULATED = re.compile(r"(?i)imceaex-")
"""Exchange's own name of a mailbox, put into an address: nobody wrote to that."""


def _without_encapsulated(reading: Reading, notice: Notice) -> None:
    """Names whom the copied message was sent to instead of a name that Exchange made up for that recipient."""
    written_to = [each for name in ("to", "cc") for value in notice.copied.get(name, []) for each in addresses(value)]
    if len(set(map(str.lower, written_to))) == 1 and len(reading.recipients) == 1:
        (recipient,) = reading.recipients
        if _ENCAPSULATED.match(recipient.address):
            recipient.address = written_to[0]


def _answered(mail: Mail) -> str:
    """Returns the Message-ID that a mail says it answers."""
    return first(mail.headers, "in-reply-to") or first(mail.headers, "references").rpartition(" ")[2]


def _message_id(value: str) -> str:
    found = re.search(r"<([^<>\s]+)>", value)
    return found[1] if found else value.strip() if re.fullmatch(r"\s*\S+@\S+\s*", value) else ""


def _sender(mail: Mail, notice: Notice) -> str | None:
    """Returns who is told of it: notices go to the envelope sender."""
    return of_header(mail.header("to")) or of_header(notice.original("from"))


def _received(values: list[str]) -> int | None:
    return next((time for value in values if (time := time_of(value.rpartition(";")[2])) is not None), None)


def _queue_id(notice: Notice, host: str | None) -> str | None:
    """Returns the id that the reporting host gave the message: from the notice, or from that host's own trace line."""
    if found := re.search(r"(?i)message identifier is:\s+([\w-]{6,40})", notice.text):
        return found[1]
    received = notice.copied.get("received", [])
    for value in received[:1] if host is None else received:
        by = re.search(r"\bby ([^\s;()]+)", value)
        id_ = re.search(r"\bid <?([A-Za-z0-9][\w-]{5,40})>?(?=[\s;)]|$)", value)
        if by and id_ and (host is None or by[1].rstrip(".").lower() == host.lower()):
            return id_[1]
    return None
