"""What the running text of a notice tells of a recipient, where no report field does."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from mailaudit.formats.mails.addresses import addresses
from mailaudit.formats.mails.candidates import begins_a_line
from mailaudit.formats.mails.codes import STATUS
from mailaudit.formats.mails.words import CAUSE, EMPTY, EXPIRED, FAILURE, PHRASE, RETRYING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINES = 200
"""Lines of which a reply is made: it ends before."""
MOST_PLACES = 12
"""Places of a notice at which one address is looked at."""
_BELOW = 8
"""Lines below a recipient that may speak of it again."""
_SHORTEST = 3
"""Characters of a local part that is sought without its domain."""
_ADVICE = re.compile(r"(?i)\b(?:please|contact|try|help|support|https?:)\b|\bbitte\b|\bveuillez\b|por favor|prega")
_SENTENCE_ENDS = re.compile(r"[^.][.。]\s*$")
_SENTENCE = 2
"""Lines above a line that its sentence may have begun on."""
LONGEST = 1200
"""Characters of a reply that are kept: what a server says is shorter, what follows is help for beginners."""

_GOES_ON = re.compile(r"(?<=[^\W\d_])\n[ \t>]*(?=[^\W\d_A-Z])")
"""A line's end between two words, the second without a capital."""
_SENTENCE_GOES_ON = re.compile(r"(?<=[^\W\d_]|,)\n(?=[^\W\d_A-Z][^\s@:]{0,60}(?:[ .,;]|$))", re.MULTILINE)
_EXPANDED = re.compile(r"\(expanded from: [^()\n]{1,300}\)")
"""Whose address it was before aliases, as Sendmail tells it below the address."""
FINE = re.compile(r"(?i)\W*(?:ok|delivered|accepted|success(?:ful)?)\W*")
"""What stands with a recipient that had no trouble, in a list with others."""
_QUOTES = re.compile(r"(?i)\b(?:following (?:reason|error)|(?:server|host) (?:said|responded|answered))\b[^.\n]*:\s*$")
"""The end of a line that another server's words follow: what the notice adds is help for beginners."""
_CAUSE_IN_TITLE = re.compile(
    r"(?i)\W*(?:returned mail|(?:mail )?delivery (?:failure|failed|delayed|error)|"
    r"mail (?:delivery )?(?:failure|failed)|warning)\s*[:-]"
)
"""Subjects of notices that go on with the cause; after others the subject of the message follows."""
_NO_BLANKS = r"\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
"""Letters and marks of languages that put none between an address and the words around it."""
_OWN_ECHO = re.compile(r"^\d{3} (?:\d\.\d+\.\d+ )?\S{1,200}\.\.\. ")
"""Sendmail's own verdict below the server's answer: `550 5.1.1 ann@example.com... User unknown`."""


_RULE = re.compile(r"\s*([*=_#~+-])\1{9,}\s*$")
"""A line that only parts what stands above it from what stands below."""


def one_line(text: str) -> str:
    """Folds white space, leaves out lines that others repeat, and ends a text that is too long."""
    lines = [line for line in _EXPANDED.sub("", text).split("\n")[:MOST_LINES] if not _RULE.match(line)]
    lines = [re.sub(r"\s+", " ", line).strip() for line in lines]
    lines = [line for at, line in enumerate(lines) if not any(_repeats(line, other) for other in lines[:at])]
    text = " ".join(line for line in lines if line).strip(" -:;,")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


_ANSWER = re.compile(
    r"^(?:<<<\s*(?=\d)|.*<--\s*(?=[45])|\s*diagnostic[ -]code:\s*smtp;\s*(?=[45]))(\d{3}[ -].*)$",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(
    r"(?is)^.*(?:remote server (?:replied|returned):?|smtp protocol returned an? \w+ error|server returned was:|"
    r"responded as follows:|(?:remote|other) (?:smtp )?(?:host|server) (?:said|says|returned|replied|answered):|"
    r"\bhost \S{1,255} says:|#\d\.\d\.\d smtp;|"
    r"remote server for [\w ]{1,12} command, host: \S{1,255} \([^)\n]{0,45}\) reason:|"
    r"connected to \S+ but (?:sender was rejected|greeting failed)\.\s+remote host said:|"
    r"\b(?:servidor|serveur|server|serw.r|сервер)\b(?: \S{1,12}){0,2} (?:dijo|respondi[oó]|a (?:dit|répondu)|sagte|"
    r"antwortete|ha (?:detto|risposto)|disse|respondeu|zei|antwoordde|odpowiedzia[lł]|ответил|сообщил):)"
    r"\s*[\['\"]?([45]\d\d[ -].*)$"
)


_WITHIN = re.compile(r"(?i)\bresponded with:\s*\"([45]\d\d[ -][^\"]*)\"")
"""Where Exchange quotes a server in the middle of what it tells of its own queue."""
_LOGGED = re.compile(r"(?m)^\s*(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: (.*)$")
"""A line of a session's log, as MDaemon shows it: most of them tell what went well."""
_SUMMED = re.compile(r"(?i)\W*(?:from|to|subject|size|message-id|parsing message)\b")
_CONSEQUENCE = re.compile(r"(?i)no valid recipients|need rcpt|rcpt first")
"""Answers that follow from the one before."""
_ANNOUNCED = re.compile(
    r"""(?imx)^[^\n]*(?:response|answer|repl(?:y|ied)|returned|said|error|antwort|r.ponse|respuesta|risposta|resposta|antwoord|
    odpowied|odpov|svar|yan.t|ответ|応答|응답|回复|响应|reason)[^\n]{0,80}[:：]
    \s*\n\s*([45](?:\d\d[ -]|\.\d\.\d[ ]-[ ])(?:.|\n)*)\Z"""
)
"""A server's words below a line that announces them, in whichever language the notice is."""
_REASONED = re.compile(
    r"""(?imx)^\W*(?:
    (?:(?:failure[ ])?reason|because|cause|error|erreur|fehler\w*|errore?|fout\w*|
    b..d|chyba|hiba|fejl|virhe|hata|grund|ursache|rai[s]on|motif|motivo|causa|pow.d|reden|d.vod|
    orsak|.rsag|neden|причина|ошибка|エラー|原因|理由|(?:실패[ ]?)?사유|退信原因)[^:：\n]{0,12} |
    (?:response|answer|reply|antwort|r.ponse|respuesta|risposta|resposta|antwoord|odpowied.|odpov.|svar|yan.t|ответ|
    応答|응답|回复|响应)[^:：\n@]{0,40}
    )[:：]\s*([45]\d\d[ -](?:.|\n)*)\Z"""
)
"""A server's words behind a label that says so."""


def spoken(text: str) -> str:
    """Returns what a server answered, where a text plainly quotes it among words of its own; else the whole text."""
    if answers := _ANSWER.findall(text):
        return "\n".join([each for each in answers if not _CONSEQUENCE.search(each)] or answers)
    if (announced := _ANNOUNCED.search(text)) and "RCPT TO" not in announced[0].upper()[: -len(announced[1])]:
        return announced[1]
    if reasoned := _REASONED.search(text):
        return reasoned[1]
    logged = [line for line in _LOGGED.findall(text) if not _SUMMED.match(line)]
    if failed := [line for line in logged if FAILURE.search(line) or _has_code(line)]:
        return "\n".join(failed)
    if within := _WITHIN.search(text):
        return within[1]
    quoted = _QUOTED.match(text)
    answer = quoted[1].rstrip("'\" \t\n") if quoted else text
    return answer.removesuffix(">") if quoted and answer.count(">") > answer.count("<") else answer


def _repeats(line: str, other: str) -> bool:
    """True if a line says what an earlier one says, a word of the latter's beginning or end aside."""
    short, long = sorted((line.strip("<>()[]. "), other.strip("<>()[]. ")), key=len)
    return bool(short) and short in long and len(short) * 2 >= len(long)


def says_something(text: str) -> bool:
    """True if a text has words of a cause, not only codes, addresses, and that a message was not delivered."""
    rest = re.sub(
        rf"<[^>]{{0,300}}>|[^\s@{_NO_BLANKS}]{{1,128}}@[^\s{_NO_BLANKS}]+",
        " ",
        STATUS.sub(" ", text[:4000].replace("n't", " ")),
    )
    return any(word.lower() not in EMPTY for word in re.findall(r"[^\W\d_]{3,}|[^\W\d_a-zA-Z]{2,}", rest))


class Telling:
    """The running text of a notice, laid out once for all recipients it speaks of."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.lines = text.split("\n")
        self.starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    @cached_property
    def gave_up(self) -> bool:
        """True if the text says that a queue gave up after temporary failures."""
        return EXPIRED.search(self.running)

    @cached_property
    def hopeful(self) -> bool:
        """True if the text leaves hope."""
        return RETRYING.search(self.running)

    @cached_property
    def sentences(self) -> list[str]:
        """The lines with the sentences that go on in the next one joined; lists of addresses stay as they are."""
        return _SENTENCE_GOES_ON.sub(" ", self.text).split("\n")

    @cached_property
    def running(self) -> str:
        """The text with the sentences that go on in the next line joined."""
        return _GOES_ON.sub(" ", self.text)

    def _places_of(self, address: str) -> list[tuple[int, int]]:
        """Returns the places of an address; where it stands nowhere, lines that begin with its local part."""
        found = list(self.places(address))
        place = None if found else begins_a_line(address, self.lines)
        return found or ([place] if place else [])

    def places(self, word: str) -> Iterator[tuple[int, int]]:
        """Yields line number and column of a word in lower case, a few of them."""
        at = self.lower.find(word) if len(self.lower) == len(self.text) else -1
        for _ in range(MOST_PLACES):
            if at < 0:
                return
            number = bisect_right(self.starts, at) - 1
            yield number, at - self.starts[number]
            at = self.lower.find(word, at + len(word))

    def about(self, address: str, *, alone: bool) -> str:
        """Returns what the text tells of one recipient, in lines.

        `alone`: it speaks of no other, so what stands elsewhere in it is about this one too.
        """
        wanted = address.lower()
        own: list[str] = []
        other: list[str] = []
        quoted = False
        for number, at in self._places_of(wanted):
            here = wanted if self.lines[number][at:].lower().startswith(wanted) else wanted.rpartition("@")[0]
            if near := _block(self.lines, number, at, here):
                begins = self.lines[number][:at].strip(" <(\"'*\t") == ""
                (own if begins else other).append(near)
                quoted = quoted or bool(_QUOTES.search("\n".join(self.lines[max(number - 2, 0) : number])))
        if own and FINE.fullmatch(own[0]):
            return own[0]
        pieces = list(dict.fromkeys([*own, *other]))
        best = [piece for piece in pieces if says_something(piece) and _has_code(piece)]
        coded = bool(best)
        best = best or [piece for piece in pieces if says_something(piece) and FAILURE.search(piece)]
        best = best or [piece for piece in own if says_something(piece)]
        best = best or [piece for piece in other if says_something(piece) and not PHRASE.match(piece)]
        if alone and not coded and not (best and quoted):
            lines = telling_lines(self.sentences)
            best += [line for line in lines if says_something(line) or _BEGINS_WITH_CODE.match(line)]
        if not best and (domain := wanted.rpartition("@")[2]):
            near_domain = [self.lines[number].strip() for number, _ in self.places(domain)]
            mine = [line for line in near_domain if all(each.lower() == wanted for each in addresses(line))]
            lines = [line for line in mine if says_something(line) and not PHRASE.match(line)]
            best = [line for line in lines if FAILURE.search(line) or _has_code(line)][:3]
        best = best or [piece for piece in pieces if FAILURE.search(piece)]
        return "\n".join(dict.fromkeys(best or (telling_lines(self.lines) if alone else [])))

    def _why(self, address: str) -> list[str]:
        """Returns the lines below a recipient that say why in a language whose words we may not know.

        They speak of the recipient again, by name or domain (`ann wasn't found at example.com`), or are the one
        sentence below that of the address.
        """
        local, _, domain = address.lower().rpartition("@")
        place = next(iter(self._places_of(address.lower())), None)
        if place is None or len(local) < _SHORTEST:
            return []
        again = re.compile(rf"(?<![a-z0-9@._-])(?:{re.escape(local)}|{re.escape(domain)})(?![a-z0-9@_-])", re.ASCII)
        below = [line.strip() for line in self.lines[place[0] + 1 : place[0] + 1 + _BELOW]]
        below = [
            line for line in below if line and "@" not in line and not PHRASE.match(line) and not _ADVICE.search(line)
        ]
        named = [line for line in below if again.search(line.lower()) and len(line) > len(local) + len(domain) + 1]
        return named[:2] or [line for line in below[:1] if _SENTENCE_ENDS.search(line)]

    def cause(self, address: str, subject: str, *, alone: bool) -> str:
        """Returns what a notice not understood otherwise tells of one recipient: near it, of all, or at all."""
        near = self.about(address, alone=alone)
        if FINE.fullmatch(near):
            return near
        if alone and not _has_code(near) and (added := [line for line in self._why(address) if line not in near]):
            near = "\n".join([near, *added])
        if says_something(near):
            return near
        shared = [
            line for line in telling_lines(self.sentences) if not addresses(line) or address.lower() in line.lower()
        ]
        of_all = "\n".join(shared)
        title = subject if _CAUSE_IN_TITLE.match(subject) else ""
        for told in (of_all, title):
            if says_something(told):
                return f"{near}\n{told}"
        return near or "\n".join(telling_lines([title, *self.lines])) or self.text[:2000]


def _block(lines: list[str], number: int, at: int, address: str) -> str:
    """Returns the line from the address on, and the lines below that belong to it."""
    first = lines[number]
    begins = first[:at].strip(" <(\"'*\t") == ""
    kept = (
        [first[at + len(address) :].lstrip(" >:)\"'").rstrip()] if begins else [*_begun(lines, number), first.strip()]
    )
    blank = 0
    for line in lines[number + 1 : number + 16]:
        if not line.strip():
            blank += 1
            # One empty line may stand between an address and what is said of it, none within that.
            if blank > 1 or any(kept):
                break
            continue
        if line.lstrip().startswith("---") or _other_address(line, address) or PHRASE.match(line):
            break
        kept.append(line.strip())
    return "\n".join(line for line in kept if line and not _OWN_ECHO.match(line))


def _begun(lines: list[str], number: int) -> list[str]:
    """Returns the lines above in which the sentence of a line began."""
    kept: list[str] = []
    for line in reversed(lines[max(number - _SENTENCE, 0) : number]):
        if not line.strip() or line.rstrip().endswith((".", ":", "!", "?", "-", "=", "*")) or PHRASE.match(line):
            break
        kept.insert(0, line.strip())
    return kept


def _other_address(line: str, address: str) -> bool:
    """True of a line that begins with another recipient."""
    first = addresses(line.strip()[:200])[:1]
    return bool(first) and first[0].lower() != address and line.strip().lstrip("<*\"' ").startswith(first[0])


_BEGINS_WITH_CODE = re.compile(r"[45]\d\d[ -](?:[45]\.\d|\D)")


def _has_code(text: str) -> bool:
    return bool(STATUS.search(text) or re.search(r"(?<![\d.])[45]\d\d(?![\d.])", text))


def telling_lines(lines: list[str]) -> list[str]:
    """Returns the lines that tell a cause: those with codes first in rank, else those with words of failure."""
    written = [line.strip() for line in lines if line.strip()]
    answers = {
        line for above, line in pairwise(written) if above.endswith((":", "：")) and _BEGINS_WITH_CODE.match(line)
    }
    plain = [line for line in written if not PHRASE.match(line)]
    coded = [line for line in plain if _has_code(line) and not _OWN_ECHO.match(line)]
    coded = [
        line
        for line in coded
        if FAILURE.search(line)
        or STATUS.search(line)
        or line.startswith("<<<")
        or line in answers
        or _REASONED.match(line)
    ]
    return (coded or [line for line in plain if FAILURE.search(line) or CAUSE.match(line)])[:8]
