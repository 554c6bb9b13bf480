"""What `mailaudit explain` says of replies: rows for programs, sentences for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.errors import NotFound
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.ruleset import Ruleset
    from mailaudit.classify.verdicts import Verdict

COLUMNS = (
    Column("text", "text", "the reply as given"),
    Column("category", "word", "kind of cause, one of 44"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("party", "word", "who can put it right"),
    Column("permanence", "word", "permanent, transient or success, by the first digit of the code"),
    Column(
        "confidence", "word", "high: plain words; medium: a code that is usually meant; low: vague; none: nothing known"
    ),
    Column("rule", "word", "rule that decided; null if none did"),
    Column("suppress", "word", "now, repeat (after repeated failures) or never"),
    Column("retry", "word", "no, later or after_fix"),
    Column("action", "text", "what to do next"),
    Column("list", "word", "block list, or receiver's own token, that the reply names"),
)
VOCABULARIES = (
    "sisimai",
    "kumomta",
    "powermta",
    "ses",
    "sparkpost",
    "blocks",
    "bloomreach",
    "mailprotector",
    "realsender",
)
WORDS = {
    "blocks": "Blocks Online",
    "bloomreach": "Bloomreach",
    "mailprotector": "Mailprotector",
    "realsender": "RealSender",
}
UNMATCHED = (
    Column("replies", "big", "replies like this one"),
    Column("category", "word", "kind of cause that is taken for now"),
    Column("confidence", "word", "low: vague words or codes; none: nothing in it is known"),
    Column("rule", "word", "rule that decided; null if none did"),
    Column("words", "text", "expression for the words of a rule of your own; shorten it to what tells"),
    Column("text", "text", "the first such reply"),
)
UNMATCHED_SHOWN = ("replies", "category", "confidence", "text")
MANY = 300
"""Replies from which they are judged together."""
TOGETHER = 50_000
"""Replies that are judged at once then."""
CODE = re.compile(r"[#(]?(?:(?P<smtp>[2-7]\d\d))?[ -]*(?P<status>[245]\.\d{1,3}\.\d{1,3})?\)?")
SUPPRESS = {
    "now": "now: the address is dead as things stand",
    "repeat": "only if it goes on (3 times in 7 days, or 5 in a row)",
    "never": "never: the address is fine",
}
RETRY = {"no": "no", "later": "later, as mail servers do by themselves", "after_fix": "after something was repaired"}
CONFIDENCE = {
    "high": "plain words, or a code of this receiver",
    "medium": "a code that is usually meant",
    "low": "words or codes that say little",
    "none": "nothing in it is known",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known beside the replies, and which names are wanted."""

    ruleset: Ruleset
    vocabularies: tuple[str, ...] = ()
    smtp_code: str | None = None
    enhanced_status: str | None = None
    relay: str | None = None
    phase: str | None = None
    provider_verdict: str | None = None

    def verdict(self, text: str) -> Verdict:
        """The verdict on one reply."""
        from mailaudit import classify  # noqa: PLC0415 (the rules are read only now)

        return classify.verdict(
            text,
            smtp_code=self.smtp_code,
            enhanced_status=self.enhanced_status,
            relay_host=self.relay,
            provider_verdict=self.provider_verdict,
            phase=self.phase,
            ruleset=self.ruleset,
        )

    def row(self, text: str, found: Verdict) -> tuple[str | None, ...]:
        """The row of a reply."""
        fields = (getattr(found, column.name) for column in COLUMNS[1:])
        return (text, *fields, *(self.called(found, name) for name in self.vocabularies))

    def called(self, found: Verdict, vocabulary: str) -> str | None:
        """What a program or service calls it."""
        from mailaudit.classify import meanings  # noqa: PLC0415

        if vocabulary in WORDS:
            return meanings.services(found)[WORDS[vocabulary]]
        return meanings.names(found.category, vocabulary)


def rows(asked: Asked, lines: Iterator[str]) -> Iterator[tuple[str | None, ...]]:
    """A row for each line; many lines are judged together."""
    first = list(islice(lines, MANY))
    yield from (asked.row(text, asked.verdict(text)) for text in first)
    beside = (asked.smtp_code, asked.enhanced_status, asked.relay, asked.phase, asked.provider_verdict)
    while some := list(islice(lines, TOGETHER)):
        if any(beside):
            yield from (asked.row(text, asked.verdict(text)) for text in some)
        else:
            yield from together(asked, some)


def together(asked: Asked, texts: list[str]) -> Iterator[tuple[str | None, ...]]:
    """The rows of many replies at once."""
    from mailaudit.classify import Verdict, bulk  # noqa: PLC0415 (not for a few replies)

    judged = bulk.verdicts(bulk.frame_of(texts), asked.ruleset).select("reply", *bulk.VERDICT)
    for text, *fields in judged.iter_rows():
        yield asked.row(text, Verdict(*fields))


def check_known(text: str, found: Verdict) -> None:
    """Raises NotFound for a code, or a single word, that nobody knows."""
    from mailaudit.classify import meanings  # noqa: PLC0415

    code = CODE.fullmatch(text.strip())
    if code and (code["smtp"] or code["status"]):
        unknown = [
            word
            for word, meaning in ((code["smtp"], meanings.smtp), (code["status"], meanings.status))
            if word and not meaning(word)
        ]
        if unknown:
            raise NotFound(
                f"{unknown[0]} is no code that is known",
                hint="codes look like 550, 5.1.1 or 550 5.1.1; a whole reply tells more than a code",
            )
    elif found.rule is None and not re.search(r"\s", text.strip()):
        raise NotFound(f"{text!r} is no code that is known", hint="give the whole reply in quotes")


def story(asked: Asked, text: str, found: Verdict) -> Iterator[tuple[str, str]]:
    """The explanation, line by line."""
    from mailaudit.classify import meanings, tables  # noqa: PLC0415
    from mailaudit.classify.listed import about  # noqa: PLC0415
    from mailaudit.classify.readings import reading  # noqa: PLC0415

    category = asked.ruleset.categories[found.category]
    said = reading(text, smtp_code=asked.smtp_code, enhanced_status=asked.enhanced_status)
    yield "category", f"{found.category} ({found.type})"
    yield "means", category.means
    yield "action", found.action
    yield "whose it is", found.party.replace("_", " ")
    yield "suppress", SUPPRESS[found.suppress]
    yield "try again", RETRY[found.retry]
    for code, meaning in ((said.smtp, meanings.smtp(said.smtp)), (said.status, meanings.status(said.status))):
        if code:
            yield code, meaning or "no meaning is known"
    if found.list:
        known = about(found.list)
        yield "list", f"{found.list} ({known.name}: {known.look_up})" if known else found.list
    yield from (("bulk senders", limit) for limit in meanings.limits(found, text, asked.relay))
    yield "confidence", f"{found.confidence}: {CONFIDENCE[found.confidence]}"
    rule = next((rule for rule in asked.ruleset.rules if rule.id == found.rule), None)
    if rule:
        cited = [tables.sources()[mark]["title"] for mark in rule.source.split(",") if mark in tables.sources()]
        yield "rule", f"{rule.id} ({'; '.join(cited) or 'your own, or of a plug-in'})"
    yield from meanings.services(found).items()
    for name in asked.vocabularies:
        theirs = asked.called(found, name)
        if name not in WORDS and theirs:
            yield meanings.PROGRAMS[name], theirs
