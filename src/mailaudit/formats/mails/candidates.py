"""Which addresses a notice is about: each one that it holds, with what speaks for it and against it.

A notice names more addresses than the one that failed: its sender, whom to turn to, what else one could try. The surest
that is known of several wins, and where nothing speaks for an address, none is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import addresses, is_daemon, of_header, verp
from mailaudit.formats.mails.codes import STATUS
from mailaudit.formats.mails.words import FAILURE, RETRYING, SUBJECT, SUCCESS, TURN_TO

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

MOST = 20
"""Recipients that are named of one notice."""
_LABEL = 45
_LABEL_WORDS = 4
_SHORTEST = 3
"""Characters of a local part that is sought without its domain."""
_FOLLOWING = 4
"""Lines below an address in which what is said of it may stand."""

_NAMES = re.compile(r"\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b")
"""Addresses and host names, which may hold any word."""
_OFFICE = re.compile(
    r"(?i)(?:(?:post|host|web|mail)-?(?:master|admin)|mailer-daemon|abuse|support|help(?:desk)?|no-?reply|admin|"
    r"administrator|security|info|contact|service|spam|sysadmin|root|[\w.+-]+-(?:owner|request|bounces)|owner-[\w.+-]+)@"
)
"""Addresses whom a notice tells to turn to; a recipient may have such a one, but seldom."""
_LIST_OFFICE = re.compile(r"-(?:bounces?|owner|request|admin)(?=@)|^owner-")
"""What lists add to their name."""
_ADVICE = re.compile(
    r"(?i)\b(?:e\.g\.|for example|for instance|such as|instead|try(?! (?:it )?again|[.,;])|"
    r"(?:usual|standard|correct) form(?:at)?|"
    r"alternate|new address|has moved to|may be reached|can be reached|z\. ?b\.|par ex\w+|por ejemplo|stattdessen)\b"
)
"""What stands with an address that one could write to as well."""
_LIST = ("list-id", "list-post", "x-mailing-list", "x-beenthere")
_DIGEST = re.compile(r"(?i)quarant|digest|\bheld\b|moderat|approv")
_AIMED = re.compile(
    r"(?i)\b(?:accepting mail from|(?:turn|talk|apply|reply) (?:to|us at)|write(?: to| us at)?|contact|ask|"
    r"send (?:an? )?e-?mail to|questions to|please e-?mail|(?:forward|report) (?:\S+ ){0,3}to|"
    r"(?:wenden|schreiben) s.e (?:sich )?(?:\S+ )?an|kontaktieren s.e|contactez|(?:écrivez|écrire|adressez-vous) à|"
    r"(?:escrib[ae]|dir[ií]jase) a|contacte(?: con)?|contattare|scrivere a|escreva para|contact op met|"
    r"skontaktuj się z|обратитесь (?:к|по адресу)|пишите (?:на|по адресу))\W*$"
)
"""The words before an address that is no recipient's."""
_HELP = re.compile(
    r"(?i)\b(?:contact\w*|help(?: ?desk)?|support|abuse|postmaster|administrator|questions?|fragen|kontakt\w*|"
    r"assisten\w*)\b"
)
"""Words of a label before an office's address."""
_SIGNED = re.compile(
    r"(?i)\W*(?:(?:(?:kind|best|warm) )?regards\b|(?:yours )?sincerely\b|yours truly\b|thank(?:s| you)\W*$|"
    r"mit freundlich|(?:freundliche|viele|beste) grü|cordialement|salutations|saludos|atentamente|"
    r"(?:cordiali|distinti) saluti|atenciosamente|met vriendelijke|med v[aäe]n?n?lig|с уважением|z poważaniem)"
)
"""The line above a signature, in which an address is the writer's."""
_SIGNATURE = 3
"""Lines of a signature above its address."""
_SENT_BY = re.compile(
    r"(?i)\b(?:sent by|(?:message|mail) from|sender(?: is| was)?|gesendet von|envoyé par|enviado por)\W*$"
)
"""The end of the line above an address that is the sender's."""
_REPLY = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_SESSION = re.compile(r"(?i)\bRCPT ?TO ?:? ?<?$")
_TO = re.compile(r"(?i)^[\s>*|-]*(?:to|cc|an|para|[àa]|aan|til|till|do|кому|收件人)\s*[:：]")
_MESSAGE_ID = re.compile(
    r"(?i)^[\s>*|-]*(?:(?:original[ -])?message[ -]?id(?:entifier)?|identificativo(?: del)? messaggio|nachrichten-?id|"
    r"id(?:entifiant)? (?:du|del|do) (?:message|mensaje|messaggio))\b[^:：\n]{0,12}[:：]"
)
_FROM = re.compile(
    r"(?i)^[\s>*|-]*(?:from|sender|reply-to|return-path|von|absender|de|exp[eé]diteur|remitente|da|mittente|remetente|"
    r"van|afzender|fra|från|od|nadawca|от|отправитель|发件人|寄件人|差出人|보낸 ?사람)\s*[:：]"
)
"""A line that says whom the message was from."""
_TOLD_OF = re.compile(
    r"(?i)^[\s>*|-]*(?:from|subject|date|sent|received on|von|betreff|datum|gesendet|de|objet|asunto|fecha|oggetto|"
    r"data|assunto|van|onderwerp|fra|emne|från|ämne|od|temat|от|тема)\s*[:：]"
)
"""Lines of a summary of the message: who wrote it, when, about what."""


@dataclass(slots=True)
class Candidate:
    """An address of a notice, and the kinds of places at which it stands."""

    address: str
    sure: bool = False
    """On a line of its own, behind a label, in a session, or with a reply."""
    told: bool = False
    """In a sentence of failure, or sure."""
    plain: bool = False
    """At a place that speaks neither for it nor against it."""
    other: bool = False
    """At a place that speaks against it: as whom to turn to, or as advice."""


@dataclass(frozen=True)
class Candidates:
    """The addresses of a notice; `ours` are those of its sender and of whom it was sent to."""

    found: list[Candidate]
    written_to: list[str]
    """Whom the message was sent to, as its copy or a summary tells."""
    meant: str | None
    """Whom the address stands for that the notice was sent to."""
    ours: set[str]
    failed: list[str] = field(default_factory=list)
    """Whom a header of the notice names."""
    lists: frozenset[str] = frozenset()
    """The lists in whose name we write: a message to one of them went to its members."""
    is_daemon: bool = False
    """The notice's sender is a mail system's; else its office answers questions, and gets no mail of ours."""
    is_list: bool = False
    """The message was a list's: it was sent to a member whom its To does not name."""
    is_summed: bool = False
    """The text has one summary of the message, with somebody else as its recipient; a digest has many."""

    @cached_property
    def _others(self) -> list[Candidate]:
        return [each for each in self.found if each.address.lower() not in self.ours]

    @cached_property
    def _likely(self) -> list[Candidate]:
        """Those that are no office; offices get mail of ours, too, where nobody else is named."""
        found = [each for each in self._others if not _OFFICE.match(each.address)]
        others = self.ours | self.lists
        named = any(each.told or each.plain for each in found) or self.meant is not None
        return found if named or any(each.lower() not in others for each in self.written_to) else self._others

    @property
    def are_told(self) -> bool:
        """True if the text says of an address that it failed, or sums up one message to somebody."""
        return self.is_summed or any(each.told for each in self._likely)

    @property
    def are_sure(self) -> bool:
        """True if an address stands where only one that failed does."""
        return any(each.sure for each in self._likely)

    @property
    def are_plain(self) -> bool:
        """True if an address stands where nothing speaks against it."""
        return any(each.plain for each in self._others)

    def is_spoken_of(self, address: str) -> bool:
        """True of an address that stands in the text as another's than the recipient's."""
        return any(each.other and not each.told for each in self.found if each.address.lower() == address.lower())

    def named(self, domain: str) -> list[str]:
        """Returns those that failed, from the surest source that has some; `domain` is the notice's sender's."""
        if self.failed:
            return self.failed
        sent_to = {each.lower() for each in (*self.written_to, self.meant or "")}
        both = [each for each in self._others if each.address.lower() in sent_to and (each.told or each.plain)]
        if both:
            return [each.address for each in both]
        for some in ([each for each in self._likely if each.sure], [each for each in self._likely if each.told]):
            if some:
                return [each.address for each in some[:MOST]]
        plain = [each.address for each in self._likely if each.plain]
        if plain or self.meant is not None:
            return plain[:1] or [str(self.meant)]
        others = self.ours | self.lists
        written_to = [] if self.is_list else [each for each in self.written_to if each.lower() not in others]
        site = _site(f"@{domain}")
        near = [each for each in written_to if domain and _site(each) == site]
        office = [
            each.address for each in self._others if each.told and (self.is_daemon or _site(each.address) != site)
        ]
        return near[:1] or written_to[:1] or office[:1]


def _site(address: str) -> str:
    """The last two labels of a domain: a mail server's and its users' are the same."""
    return ".".join(address.rpartition("@")[2].lower().split(".")[-2:])


def own_addresses(mail: Mail, notice: Notice) -> set[str]:
    """Returns the addresses of the sender and of who wrote the notice: no recipient is among them."""
    values = [mail.header(name) for name in ("from", "to", "reply-to", "return-path")]
    values += [notice.original(name) for name in ("from", "return-path", "reply-to", "sender")]
    return {each.lower() for value in values for each in addresses(value)}


def candidates(mail: Mail, notice: Notice) -> Candidates:
    """Returns the addresses of a notice."""
    ours = own_addresses(mail, notice)
    lines = notice.text.split("\n")
    summary = _summary(lines)
    copied = [
        each
        for name in ("x-actual-recipient", "to", "cc", "x-original-to", "delivered-to", "x-failed-recipients")
        for value in notice.copied.get(name, [])
        for each in addresses(value)
    ]
    traced = [
        match[1]
        for value in reversed(notice.copied.get("received", []))
        if (match := re.search(r"\bfor <([^>\s]+@[^>\s]+)>", value))
    ]
    told_of = [each for number in summary for each in addresses(lines[number][:2000])]
    found = _found(lines, summary, mail.header("subject"))
    for each in (*told_of, *copied):
        if each.lower() not in found and begins_a_line(each, lines):
            found[each.lower()] = Candidate(each, sure=True, told=True)
    return Candidates(
        list(found.values()),
        list(dict.fromkeys([*told_of, *copied, *traced])),
        verp(of_header(mail.header("to")) or ""),
        ours,
        addresses(mail.header("x-failed-recipients")),
        frozenset(_LIST_OFFICE.sub("", each.lower()) for each in addresses(mail.header("to"))),
        is_daemon(of_header(mail.header("from")) or ""),
        any(name in notice.copied for name in _LIST) or notice.original("precedence").strip().lower() == "list",
        len(summary) == 1
        and bool({each.lower() for each in told_of} - ours)
        and not _DIGEST.search(notice.text[:4000]),
    )


def begins_a_line(address: str, lines: list[str]) -> tuple[int, int] | None:
    """Returns number and column of a line that begins with the address's local part alone; None if none does."""
    local = address.rpartition("@")[0].lower()
    if len(local) < _SHORTEST:
        return None
    name = re.escape(local)
    pattern = re.compile(rf"^(?:\s[^\w@]{{0,12}}({name})(?=[\s(:,]|$)|({name})(?=:))")
    places = ((number, pattern.match(line.lower())) for number, line in enumerate(lines))
    return next(((number, place.start(place.lastindex or 0)) for number, place in places if place), None)


def _summary(lines: list[str]) -> set[int]:
    """Returns the numbers of the lines that say whom a message was sent to, next to its sender, date or subject."""
    return {
        number
        for number, line in enumerate(lines)
        if _TO.match(line) and any(map(_TOLD_OF.match, lines[max(number - 3, 0) : number + 4]))
    }


def _found(lines: list[str], summary: set[int], subject: str) -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    failing = bool(FAILURE.search(subject) or SUBJECT.match(subject))
    somewhere = any(FAILURE.search(line) or SUCCESS.search(line) for line in lines)
    last = ""
    written: list[str] = []
    for number, line in enumerate(lines):
        above = written[-_SIGNATURE:]
        written += [line] if line.strip() else []
        over = line.rstrip().endswith((".", ":"))
        ahead = last
        following = "" if over or number + 1 == len(lines) else lines[number + 1]
        sentence, last = f"{last} {line} {following}", "" if over else line
        if "@" not in line or number in summary or _MESSAGE_ID.match(line):
            continue
        for address in addresses(line[:2000]):
            each = found.setdefault(address.lower(), Candidate(address))
            before, _, after = line.partition(address)
            begun = f"{ahead} {before}"
            begins, ends = not re.search(r"\w", before), not re.search(r"\w", after)
            is_elses = _FROM.match(line) or (begins and _is_elses(above)) or (ends and _is_office_label(before))
            if is_elses or _AIMED.search(begun) or (_is_advice(begun, after) and not _is_coded(line)):
                each.other = True
                continue
            alone = begins or (ends and _is_label(before))
            coded = begins and _is_coded("\n".join(_below(lines, number, address)))
            sure = (somewhere and alone) or coded or bool(_SESSION.search(before))
            said = any(words.search(sentence) for words in (FAILURE, RETRYING, SUCCESS))
            said = said and not TURN_TO.search(_NAMES.sub(" ", line))
            each.sure = each.sure or sure
            each.told = each.told or sure or said
            each.plain = True
    for address in addresses(subject) if failing and somewhere else []:
        each = found.setdefault(address.lower(), Candidate(address))
        each.told = True
    return found


def _is_elses(above: list[str]) -> bool:
    """True of an address that begins a line below one that tells whose it is: the sender's, an office's, a writer's."""
    last = above[-1] if above else ""
    return bool(_SENT_BY.search(last) or _AIMED.search(last)) or any(map(_SIGNED.match, above))


def _is_advice(before: str, after: str) -> bool:
    """True of an address in a sentence that tells of other addresses to write to."""
    clause = re.split(r"[.!?]\s", before[-300:])[-1] + " \n " + re.split(r"[.!?]\s", after[:60])[0]
    return bool(_ADVICE.search(_NAMES.sub(" ", clause)))


def _is_coded(text: str) -> bool:
    return bool(STATUS.search(text) or _REPLY.search(text))


def _below(lines: list[str], number: int, address: str) -> list[str]:
    """Returns the line and those below it until another address begins."""
    kept = [lines[number]]
    for line in lines[number + 1 : number + 1 + _FOLLOWING]:
        if any(
            each.lower() != address.lower() and not line.partition(each)[0].strip(" <\"'(*")
            for each in addresses(line[:300])
        ):
            break
        kept.append(line)
    return kept


def _is_label(before: str) -> bool:
    """True of a few words before an address at the end of a line: `Intended recipient: `, `RCPT TO:<`, `收件人 `."""
    return len(before) <= _LABEL and len(re.findall(r"\w+", before)) <= _LABEL_WORDS and not TURN_TO.search(before)


def _is_office_label(before: str) -> bool:
    """True of a few words that tell whom to turn to: `Help desk: `."""
    return len(before) <= _LABEL and len(re.findall(r"\w+", before)) <= _LABEL_WORDS and bool(_HELP.search(before))
