"""Whether a mail is a notice of a mail system at all: what speaks for it, and what it may not be.

No single sign proves it: people forward notices, shops write of deliveries that failed, lists discuss bounces. So signs
are counted, and mail that is plainly something else is left alone whatever it says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import is_daemon, of_header
from mailaudit.formats.mails.codes import STATUS
from mailaudit.formats.mails.mime import first
from mailaudit.formats.mails.words import FAILURE, GOODS, MAILBOX, SUBJECT, SUCCESS

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

ENOUGH = 2
"""Signs that together are enough."""
_EXCHANGE = re.compile(r"(?i)microsoftexchange[0-9a-f]{20,}@")
"""Whom Exchange lets write its notices, and nothing else, whatever their language."""
_YOU_SENT = re.compile(
    r"(?i)\b(?:message|e-?mail|mail) (?:that )?(?:you (?:have )?(?:just )?sent|from you) to\s+[\"'<]?"
    r"[^\s@]{1,64}@[^\s@]+|"
    r"\byour (?:message|e-?mail|mail)\b[^.\n]{0,60}\b(?:was|has|could|is)(?: not|n't) (?:be |been )?delivered"
)
"""What a filter writes to a sender, from whichever address."""
_FROM_US = re.compile(
    r"(?im)^[\s>*|-]*(?:from|sender|envelope[- ]from|von|absender|exp[eé]diteur|remitente|mittente|remetente)"
    r"\s*[:=]\s*(\S+@\S+)"
)
"""A line in which a scanner names whom the message that it stopped was from."""
_OF_A_MESSAGE = re.compile(
    r"(?ims)^[\s>*|-]*subject(?: of the message)?\s*[:=]"
    r"(?=.*?^[\s>*|-]*recipient\S*(?: of the message)?\s*[:=]\s*\S+@\S+)"
)
"""The summary of one message that a scanner stopped."""
_CLIENT = re.compile(r"(?m)^ ?Out: \d{3}[ -].*\n(?: .*\n){0,4}? ?In: ")
"""A session that a server shows of its own side: what it tells the postmaster of is a client's mail."""
_NAMED = re.compile(r"(?i)mail(?:er)? ?(?:delivery|daemon|system|admin)|^\W*system administrator\W*(?:<|$)")
"""Display names of mail systems."""
_AUTOMATIC = ("auto-submitted", "x-failed-recipients", "x-list-administrivia")
_ANSWERED = re.compile(r"(?i)\W*(?:re|aw|sv|antw|fwd?|wg|tr|rv|enc)\s*:")
_OF_MANY = re.compile(
    r"(?i)\b(?:campaigns?|statistics|bounce rate|bounced addresses|\d+ others|"
    r"(?:weekly|monthly|daily) .{0,20}(?:report|summary))\b"
)
"""Words of a report on many mails."""
_TICKET = re.compile(
    r"(?i)\b(?:ticket|case|issue|request)\b.{0,20}(?:opened|created|updated|closed)|reply above this line"
)
"""Words of a help desk, which may have a notice as its matter."""
_OWN = re.compile(
    r"(?i)\byour (?:own )?(?:mail ?box|inbox|account|password|quota)(?: <?[^\s@]{1,64}@\S+)? (?:is|has|will|was)\b"
)
"""Words of a warning about the reader's own mailbox."""
_TITLE = re.compile(
    r"(?i)\s*(?:subject|betreff|objet|asunto|oggetto|assunto|temat|тема|主题|主題|件名|제목)\b.{0,3}[:：]"
)
_CODED = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])")


def signs(mail: Mail, notice: Notice) -> int:
    """Returns how many signs of a mail system's notice a mail has."""
    sender = of_header(mail.header("from")) or ""
    found = [
        is_from_a_system(mail),
        _is_titled(mail.header("subject")),
        first(mail.headers, "return-path").strip() == "<>" or any(name in mail.headers for name in _AUTOMATIC),
        is_daemon(sender) and bool(STATUS.search(notice.text)),
        bool(notice.original("from") or notice.original("message-id")) and "in-reply-to" not in mail.headers,
    ]
    return sum(found)


def is_from_a_system(mail: Mail) -> bool:
    """True of a mail whose sender has the address or the name of a mail system."""
    value = mail.header("from")
    return is_daemon(of_header(value) or "") or bool(_NAMED.search(value))


def _is_titled(subject: str) -> bool:
    """True of a subject that notices have, or that speaks of mail and of failure."""
    return bool(SUBJECT.match(subject)) or bool(FAILURE.search(subject) and MAILBOX.search(subject))


def is_notice(mail: Mail, notice: Notice) -> bool:
    """True if a mail looks like one that a mail system wrote to tell of trouble."""
    subject = mail.header("subject")
    failing = FAILURE.search(notice.text) or FAILURE.search(subject) or SUBJECT.match(subject)
    failing = failing or SUCCESS.search(notice.text) or bool(STATUS.search(notice.text))
    failing = failing or bool(_EXCHANGE.match(of_header(mail.header("from")) or ""))
    if is_sent_to_many(mail) or not (failing or notice.candidates(mail).are_told):
        return False
    if is_other_matter(mail, notice):
        return False
    return signs(mail, notice) >= ENOUGH or tells_of_an_address(mail, notice)


def is_other_matter(mail: Mail, notice: Notice) -> bool:
    """True of a program's mail that is about something else, though it speaks of what was not delivered."""
    sender = of_header(mail.header("from")) or ""
    subject = mail.header("subject")
    if _CLIENT.search(notice.text):
        return True
    own = "\n".join(line for line in notice.text[:4000].split("\n") if not _TITLE.match(line))
    if sender and not is_daemon(sender) and GOODS.search(own) and not _CODED.search(own):
        return True
    known = notice.candidates(mail)
    if known.are_sure or notice.copied:
        return False
    if "daemon" not in sender.lower() and _OF_MANY.search(
        own[:400] if SUBJECT.match(subject) else f"{subject}\n{own[:400]}"
    ):
        return True
    if sender and not is_daemon(sender) and _TICKET.search(own):
        return True
    return bool(_OWN.search(f"{subject}\n{own}")) and not known.are_told


def is_sent_to_many(mail: Mail) -> bool:
    """True of newsletters and lists: they may speak of bounces, they are none."""
    if is_daemon(of_header(mail.header("from")) or "") or "x-failed-recipients" in mail.headers:
        return False
    marked = any(name in mail.headers for name in ("list-unsubscribe", "list-post", "feedback-id"))
    return marked and "x-list-administrivia" not in mail.headers


def tells_of_an_address(mail: Mail, notice: Notice) -> bool:
    """True of a mail with one sign only, a daemon's address or a notice's subject, that says which address failed.

    A parcel's "delivery failed" names none, and an answer or a forwarded notice is a person's.
    """
    subject = mail.header("subject")
    sender = of_header(mail.header("from"))
    if sender and not is_daemon(sender) and ("in-reply-to" in mail.headers or _ANSWERED.match(subject)):
        return False
    known = notice.candidates(mail)
    if _EXCHANGE.match(sender or "") and known.are_plain:
        return True
    if not (
        sender is None
        or is_daemon(sender)
        or SUBJECT.match(subject)
        or _YOU_SENT.search(notice.telling.running[:2000])
        or _is_of_our_mail(mail, notice)
    ):
        return False
    return known.are_told and (is_daemon(sender or "") or MAILBOX.search(notice.text))


def _is_of_our_mail(mail: Mail, notice: Notice) -> bool:
    """True of a titled notice about one message, or about one from whom it was sent to."""
    if not _is_titled(mail.header("subject")):
        return False
    if _OF_A_MESSAGE.search(notice.text[:4000]):
        return True
    senders = {str(of_header(value)).lower() for value in _FROM_US.findall(notice.text[:4000])}
    return (of_header(mail.header("to")) or "").lower() in senders


def is_answered(mail: Mail) -> bool:
    """True of a person's answer, as far as its headers tell."""
    return bool(
        first(mail.headers, "in-reply-to") and re.match(r"(?i)\s*(?:re|aw|sv|antw)\s*:", mail.header("subject"))
    )
