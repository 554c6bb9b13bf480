"""What a mail says in its own words, and what it quotes: the notice, and the copy of the message it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mailaudit.formats.mails.candidates import Candidates, candidates
from mailaudit.formats.mails.codes import STATUS
from mailaudit.formats.mails.mime import Headers, fields, first
from mailaudit.formats.mails.telling import Telling
from mailaudit.formats.mails.words import CAUSE, COPY_FOLLOWS, FAILURE

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail

COPIES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822")
"""Content types of the message returned, or of its headers."""
REPORTS = ("message/delivery-status", "message/global-delivery-status")
LONGEST = 64 << 10
"""Characters of a notice that are read: no mail system writes more before the copy."""

_FOOTER = re.compile(r"(?s)\n(?:-- |_{20,})\n.{1,1200}\Z")
"""What a mail server or a list adds to the end of every mail: terms, and whom to write to."""
_SCANNED = re.compile(
    r"(?is)\n(?:_{5,} [^\n]{3,120} _{5,}\n|no virus found in th|[^\n]{0,80}\b(?:checked|scanned) (?:for|by)\b"
    r"[^\n]{0,100}\n?[^\n]{0,60}\b(?:avast|avg|(?:to be|is) clean|virus[- ]free)\b).{0,1200}\Z"
)
"""What a scanner adds below a mail: it speaks of a virus that there is not."""
_BROKEN = re.compile(
    r"(<[^<>\s]{1,200}@)\n[> \t]*([^<>\s@]{3,200}>)|(<[^<>\s@]{1,200})\n[> \t]*([^<>\s@]{1,64}@[^<>\s@]{3,200}>)"
)
"""An address in brackets that a line's end parts: behind the @, or before it."""
_LONG_LINE = re.compile(r"(?m)^([^\n]{2000})[^\n]+")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){4,}")
LONGEST_FOOTER = 1500
LONGEST_NAME = 300
"""Characters at the end of a text, and of a name, that may be a domain."""
_DOT = re.compile(r"\.")
_CUT = re.compile(r"(?i)[^\s@]@([a-z0-9][a-z0-9.-]{0,250})\Z")
_HOST = re.compile(r"(?i)(?<![\w.-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+")
ENOUGH = 3
"""Different headers of a message in a row that make a copy of one."""
_HEADER_LINE = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,60}:(?: |$|\t|<)")
_SUMMED = frozenset(("from", "to", "cc", "date", "sent", "subject", "sender", "recipient"))
"""What a notice tells of a message itself; a copy of one has more."""
_TELLING = re.compile(
    r"(?i)^(received|return-path|from|to|date|subject|message-id|mime-version|x-mailer|content-type):"
)


@dataclass
class Notice:
    """A mail's own words and the headers of the message that it is about."""

    text: str
    copied: Headers

    _candidates: Candidates | None = None

    def candidates(self, mail: Mail) -> Candidates:
        """The addresses it may be about."""
        if self._candidates is None:
            self._candidates = candidates(mail, self)
        return self._candidates

    @cached_property
    def telling(self) -> Telling:
        """What the words tell of recipients."""
        return Telling(self.text)

    def original(self, name: str) -> str:
        """Returns a header of the message it is about; empty if that is not known."""
        return first(self.copied, name)


def notice_of(mail: Mail) -> Notice:
    """Returns the notice of a mail."""
    texts: list[str] = []
    copied: Headers = {}
    plain = any(part.type == "text/plain" and part.body.strip() for part in mail.parts)
    for part in mail.parts:
        if part.type in COPIES:
            if not copied:
                copied = copied_headers(part.text().lstrip("\n"))
        elif part.type == "text/plain" or (part.type == "text/html" and not plain):
            own, copy = cut(_BROKEN.sub(r"\1\2\3\4", _narrow(part.text()[: LONGEST * 2])))
            texts.append(_without_footer(own))
            copied = copied or copied_headers(copy)
    if not "".join(texts).strip():
        texts = [_narrow(part.text()) for part in mail.parts if part.type in {"text/x-preamble", "text/html"}]
    if not "".join(texts).strip() and not mail.of(*COPIES):  # it begins with whom the message was from and to
        texts = [_narrow(part.text()) for part in mail.parts if part.type == "text/plain"]
    return Notice(_completed("\n".join(texts)[:LONGEST], mail), copied)


def _narrow(text: str) -> str:
    """Cuts lines that are far longer than any sentence, and leaves out empty ones that follow others.

    What looks for words in a line, or for a line behind blanks, would take too long.
    """
    return _EMPTY_LINES.sub("\n\n\n\n", _LONG_LINE.sub(r"\1", text))


def _completed(text: str, mail: Mail) -> str:
    """Adds what is missing of an address at which a mail was cut off, where another domain in it begins like that."""
    found = _CUT.search(text[-LONGEST_NAME:])
    if found is None:
        return text
    begun = found[1].lower()
    around = (text[: -len(begun)], mail.header("from"), mail.header("to"), *mail.headers.get("received", [])[:4])
    names = {name.lower() for each in around for name in _HOST.findall(each) if len(name) < LONGEST_NAME}
    sites = {name[at:] for name in names for at in (0, *(dot.end() for dot in _DOT.finditer(name)))}
    longer = (
        [] if begun in sites else sorted((each for each in sites if "." in each and each.startswith(begun)), key=len)
    )
    return text + longer[0][len(begun) :] if longer else text


def _without_footer(text: str) -> str:
    if "virus" in text[-LONGEST_FOOTER:].lower() and (added := _SCANNED.search(text)) and not STATUS.search(added[0]):
        text = text[: added.start() + 1]
    found = _FOOTER.search(text)
    if found is None or FAILURE.search(found[0]) or STATUS.search(found[0]):
        return text
    return text[: found.start() + 1]


def copied_headers(text: str) -> Headers:
    """Returns the headers that a copied message begins with."""
    text = re.sub(r"(?m)^> ?", "", text) if text.lstrip().startswith(">") else text
    head, _, rest = text.strip("\n").partition("\n\n")
    found = fields(head)
    # A part within the notice, not parsed as such: its own headers come first.
    if set(found) <= {"content-type", "content-transfer-encoding", "content-disposition", "content-description"}:
        return fields(rest.strip("\n").partition("\n\n")[0]) or found
    return found


def cut(text: str) -> tuple[str, str]:
    """Parts a text into the notice and the copy of the message below it."""
    places = []
    for found in COPY_FOLLOWS.finditer(text):
        if not _is_fields_of_the_notice(text, found):
            places.append((found.start(), found.end()))
            break
    block = _header_block(text)
    summary = "" if block is None else _summary(text[block:])
    if block is not None and not summary:
        places.append((block, block))
    if not places:
        return text, summary
    start, end = min(places)
    return text[:start], text[end:]


def _summary(text: str) -> str:
    """Returns the header lines that a text begins with, if the notice goes on with the cause below; else nothing."""
    head, _, rest = text.partition("\n\n")
    named = {line.partition(":")[0].lower() for line in head.split("\n") if _HEADER_LINE.match(line)}
    below = rest.lstrip()[:300].split("\n")[:3]
    return head if named <= _SUMMED and any(map(CAUSE.match, below)) else ""


def _is_fields_of_the_notice(text: str, found: re.Match[str]) -> bool:
    """True where what follows is no message: Exchange tells of "Original message headers", others of its size."""
    after = text[found.end() : found.end() + 3000]
    return bool(
        re.search(r"(?im)^\s*(?:final-recipient|diagnostic-code|diagnostic information for admin)", after)
    ) and (not _TELLING.search(after.lstrip()))


def _header_block(text: str) -> int | None:
    """Returns where a run of unindented header lines begins that only a message has."""
    start: int | None = None
    telling: set[str] = set()
    offset = 0
    for quoted in text.split("\n"):
        line = quoted.removeprefix("> ")
        if _HEADER_LINE.match(line):
            if start is None:
                start, telling = offset, set()
            if found := _TELLING.match(line):
                telling.add(found[1].lower())
            if len(telling) >= ENOUGH or {"received", "return-path"} <= telling:
                return start
        elif not (line[:1] in {" ", "\t"} and start is not None and line.strip()):
            start = None
        offset += len(quoted) + 1
    return None
