"""What can be told of a notice that no recogniser knows: last in the list, and only of mail that mail systems write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import addresses, is_daemon, of_header, verp
from mailaudit.formats.mails.codes import best_status, reply_code
from mailaudit.formats.mails.mime import first
from mailaudit.formats.mails.reading import Recipient
from mailaudit.formats.mails.report import EVENTS, settle, told_action
from mailaudit.formats.mails.telling import one_line, says_something, spoken, telling_lines
from mailaudit.formats.mails.words import FAILURE, SUBJECT

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

ENOUGH = 2
"""Marks of a notice that together are enough."""
_FORMER = re.compile(
    r"(?i)\b(?:from|sender|owner|return-path|reply-to|message-id|contact|help|visit|postmaster|support|abuse|"
    r"(?:write|mail|talk|turn|apply) (?:to|us|me)|questions?|fragen|kontakt\w*|wenden|schreib\w*|contact[ae]\w*|"
    r"contatt\w*|scriv\w*|escrib\w*|.cri(?:re|vez)|assisten\w*|napisz|пишите|обра[тщ]\w*)\b|联系|連絡|問い合わせ|문의"
)
_NAMES = re.compile(r"\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b")
"""Addresses and host names, which may hold any word."""
_LOCAL = re.compile(
    r"(?i)(?:(?:post|host|web|mail)-?(?:master|admin)|mailer-daemon|abuse|support|help(?:desk)?|no-?reply|admin|administrator|"
    r"security|info|contact|service|spam|sysadmin|root|[\w.+-]+-(?:owner|request|bounces)|owner-[\w.+-]+)@"
)
"""Addresses whom a notice tells to turn to; a recipient may have such a one, but seldom."""
_GOODS = re.compile(
    r"(?i)\b(?:parcel|package|shipment|tracking|courier|your order|bestellung|paket|sendung|colis|livraison|pacco|"
    r"spedizione|paquete|env.o|encomenda|przesy.k|paczk|z.silk|bal.k|pakket|pakje|csomag|kargo|посылк|invoice|payment|handset|sms)"
    r"|包裹|快递|荷物|宅配|택배"
)
"""What else is delivered, or fails to be: words of a shop or a carrier, not of a mail system."""
_TITLE = re.compile(
    r"(?i)\s*(?:subject|betreff|objet|asunto|oggetto|assunto|temat|тема|主题|主題|件名|제목)\b.{0,3}[:：]"
)
_CODED = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])")
_ANSWERED = re.compile(r"(?i)\W*(?:re|aw|sv|antw|fwd?|wg|tr|rv)\s*:")
_MAILBOX = re.compile(
    r"(?i)\b[45]\d\d[ -]|\b[45]\.\d\.\d\b|mail ?box|recipient|address|user|account|mail server|message|e-?mail|"
    r"empf|nachricht|postfach|casella|buz[oó]n|bo[iî]te|skrzynk|ящик|destinat|usuario|utente|wiadomo|bericht|сообщ|письм|邮|メール|宛先|메일|p[rř]íjemc|schránk|zpráv|meddeland|mottag|"
    r"modtag|postkass|viesti|vastaanott|címzett|üzenet|mesaj|alıcı|kullanıcı|utilizator|лист|одержувач|отримувач|користувач|скриньк|"
    r"thư|người|παραλήπτ|μήνυμ|郵件|信箱|收件|رسالة|الرسالة|المستلم|صندوق|הודעה|הדואר|תיבת|הנמען|อีเมล|ผู้รับ"
)
MOST = 20
"""Recipients that are guessed in one notice."""


def marks(mail: Mail, notice: Notice) -> int:
    """Returns how many marks of a mail system's notice a mail has."""
    sender = of_header(mail.header("from")) or ""
    found = [
        is_daemon(sender) or bool(re.search(r"(?i)mail(?:er)? ?(?:delivery|daemon|system|admin)", mail.header("from"))),
        bool(SUBJECT.match(mail.header("subject"))),
        first(mail.headers, "return-path").strip() == "<>"
        or any(name in mail.headers for name in ("auto-submitted", "x-failed-recipients", "x-list-administrivia")),
        bool(notice.original("from") or notice.original("message-id")) and "in-reply-to" not in mail.headers,
    ]
    return sum(found)


def is_notice(mail: Mail, notice: Notice) -> bool:
    """True if a mail looks like one that a mail system wrote to tell of trouble."""
    if not (FAILURE.search(notice.text) or FAILURE.search(mail.header("subject"))) or is_sent_to_many(mail):
        return False
    sender = of_header(mail.header("from"))
    if sender and not is_daemon(sender) and _speaks_of_goods(notice.text[:4000]):
        return False
    return marks(mail, notice) >= ENOUGH or tells_of_an_address(mail, notice)


def is_sent_to_many(mail: Mail) -> bool:
    """True of newsletters and lists: they may speak of bounces, they are none."""
    if is_daemon(of_header(mail.header("from")) or "") or "x-failed-recipients" in mail.headers:
        return False
    marked = any(name in mail.headers for name in ("list-unsubscribe", "list-post", "feedback-id"))
    return marked and "x-list-administrivia" not in mail.headers


def tells_of_an_address(mail: Mail, notice: Notice) -> bool:
    """True of a mail with one mark only, a daemon's address or a notice's subject, that says which address failed.

    A parcel's "delivery failed" names none, and an answer or a forwarded notice is a person's.
    """
    subject = mail.header("subject")
    if "in-reply-to" in mail.headers or _ANSWERED.match(subject):
        return False
    sender = of_header(mail.header("from"))
    if not (sender is None or is_daemon(sender) or SUBJECT.match(subject)):
        return False
    ours = own_addresses(mail, notice)
    near, _ = _told(notice.text)
    return any(each.lower() not in ours and not _LOCAL.match(each) for each in near) and bool(
        _MAILBOX.search(notice.text)
    )


def _speaks_of_goods(text: str) -> bool:
    own = "\n".join(line for line in text.split("\n") if not _TITLE.match(line))
    return bool(_GOODS.search(own)) and not _CODED.search(own)


def recipients(mail: Mail, notice: Notice) -> list[Recipient]:
    """Returns the recipients that a notice most probably speaks of."""
    subject = mail.header("subject")
    named = _named(mail, notice)
    found = []
    for address in named:
        reply = notice.telling.about(address, alone=len(named) == 1)
        if not says_something(reply):
            lines = telling_lines([subject, *notice.text.split("\n")])
            reply = "\n".join(lines) or notice.text[:2000]
        reply = spoken(reply)
        recipient = Recipient(address, reply=one_line(reply) or None)
        recipient.status = best_status(None, reply)
        recipient.smtp_code = reply_code(reply)
        recipient.action = told_action(recipient, notice, subject)
        recipient.event = EVENTS[recipient.action]
        settle(recipient, notice, subject, alone=len(named) == 1)
        found.append(recipient)
    return found


def _named(mail: Mail, notice: Notice) -> list[str]:
    """Returns the addresses that a notice may speak of, from the surest source that has some."""
    failed = addresses(mail.header("x-failed-recipients"))
    if failed:
        return failed
    ours = own_addresses(mail, notice)
    sent_to = [each.lower() for name in ("to", "cc", "x-original-to", "delivered-to") for each in _all(notice, name)]
    near, far = _told(notice.text)
    candidates = [each for each in [*near, *far] if each.lower() not in ours]
    if both := [each for each in candidates if each.lower() in sent_to]:
        return both
    likely = [each for each in candidates if not _LOCAL.match(each)]
    if likely:
        return [each for each in likely if each in near][:MOST] or likely[:1]
    if named := verp(of_header(mail.header("to")) or ""):
        return [named]
    others = [
        each for name in ("x-actual-recipient", "to", "cc") for each in _all(notice, name) if each.lower() not in ours
    ]
    if others:
        return others[:1]
    given = [
        found[1]
        for value in notice.copied.get("received", [])
        if (found := re.search(r"\bfor <([^>\s]+@[^>\s]+)>", value))
    ]
    return given[-1:] or candidates[:1]


def _all(notice: Notice, name: str) -> list[str]:
    return [each for value in notice.copied.get(name, []) for each in addresses(value)]


def own_addresses(mail: Mail, notice: Notice) -> set[str]:
    """Returns the addresses of the sender and of who wrote the notice: no recipient is among them."""
    values = [mail.header(name) for name in ("from", "to", "reply-to", "return-path", "delivered-to", "x-original-to")]
    values += [notice.original(name) for name in ("from", "return-path", "reply-to", "sender")]
    return {each.lower() for value in values for each in addresses(value)}


def _labels(before: str) -> bool:
    """True of a few words before an address at the end of a line: `Intended recipient: `, `RCPT TO:<`, `收件人 `."""
    return len(before) <= _LABEL and len(before.split()) <= _LABEL_WORDS and not _FORMER.search(before)


_LABEL = 45
_LABEL_WORDS = 4


def _told(text: str) -> tuple[list[str], list[str]]:
    """Returns the addresses of a notice: those of lines that speak of failure or stand alone, and the others."""
    near: dict[str, None] = {}
    far: dict[str, None] = {}
    failing = False
    somewhere = bool(FAILURE.search(text))
    last = ""
    lines = text.split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        over = line.rstrip().endswith((".", ":"))
        sentence, last = f"{last} {line} {'' if over else following}", "" if over else line
        failing = failing or bool(FAILURE.search(line))
        for address in addresses(line[:2000]):
            before, _, after = line.partition(address)
            begins = not re.search(r"\w", before)
            ends = not re.search(r"\w", after)
            alone = begins or (ends and _labels(before))
            said = FAILURE.search(sentence) and not _FORMER.search(_NAMES.sub(" ", line))
            telling = (failing and alone) or (somewhere and begins and ends) or said
            (near if telling else far).setdefault(address)
    return list(near), [address for address in far if address not in near]
