"""`mailaudit explain`: what a reply or a code means, and what to do."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, unmatched, words
from mailaudit.commands.session import check_names, look, version, write
from mailaudit.errors import InputError, NotFound, UsageError
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.ruleset import Ruleset
    from mailaudit.classify.verdicts import Verdict
    from mailaudit.commands.options import Output

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
MANY = 300
"""Lines from which they are judged together."""
TOGETHER = 50_000
"""Lines that are judged at once then."""
CODE = re.compile(r"[#(]?(?:(?P<smtp>[2-7]\d\d))?[ -]*(?P<status>[245]\.\d{1,3}\.\d{1,3})?\)?")


@click.command(
    epilog="""\b
Examples:
  mailaudit explain 5.7.26
  mailaudit explain "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown"
  mailaudit explain --vocabulary sisimai,sparkpost "452 4.2.2 mailbox full"
  cut -f3 replies.tsv | mailaudit explain - > verdicts.jsonl
  mailaudit explain --file replies.txt --unmatched
"""
)
@click.argument("text", nargs=-1, metavar="TEXT|CODE")
@click.option(
    "--file", "file", metavar="FILE", help="A file with one reply a line (- is stdin); JSON Lines out, in order."
)
@click.option(
    "--unmatched",
    "unsure",
    is_flag=True,
    help="With --file: only the replies that no rule is sure of, the most frequent first, with words for a rule.",
)
@click.option("--smtp-code", metavar="CODE", help="Reply code, where the text has none.")
@click.option("--enhanced-status", metavar="CODE", help="Enhanced status code, where the text has none.")
@click.option("--relay-host", "relay", metavar="HOST", help="Host that replied.")
@click.option("--phase", metavar="COMMAND", help="SMTP command that was answered: CONNECT, EHLO, MAIL, RCPT, DATA.")
@click.option("--provider-verdict", metavar="WORD", help="A service's own word for it, e.g. sparkpost:10.")
@click.option(
    "--vocabulary",
    type=words.Words("vocabulary", lambda: (*VOCABULARIES, "all", "native")),
    default=(),
    help=f"Also what others call it: {' '.join(VOCABULARIES)}, or all.",
)
@options.rules
@options.writing
@click.pass_context
def explain(  # noqa: PLR0913 (one per option)
    ctx: click.Context,
    *,
    text: tuple[str, ...],
    file: str | None,
    unsure: bool,
    smtp_code: str | None,
    enhanced_status: str | None,
    relay: str | None,
    phase: str | None,
    provider_verdict: str | None,
    vocabulary: tuple[str, ...],
    rules: str | None,
    output: Output,
) -> int:
    """What a reply or code means: the cause, whose it is, whether the address is dead, and what to do.

    A code is three digits (550), an enhanced status code (5.1.1), or both. Exit code 1 if a code is not known.
    """
    if text == ("-",) and file is None:
        text, file = (), "-"  # as everywhere
    if bool(text) == (file is not None):
        raise UsageError(
            "nothing to explain" if not text else "TEXT and --file exclude each other",
            hint='mailaudit explain "550 5.1.1 User unknown", or --file FILE with one reply a line',
        )
    if unsure and file is None:
        raise UsageError("--unmatched looks at many replies", hint="mailaudit explain --file FILE --unmatched")
    from mailaudit.classify.own import load  # noqa: PLC0415 (the rules are read only now)
    from mailaudit.classify.ruleset import ours  # noqa: PLC0415

    ruleset = load(rules).ruleset if rules else ours()
    if unsure and file is not None:
        return listed(file, ruleset, output)
    chosen = (
        VOCABULARIES if "all" in vocabulary else tuple(dict.fromkeys(name for name in vocabulary if name != "native"))
    )
    columns = (*COLUMNS, *(Column(name, "word", f"what {WORDS.get(name, name)} calls it") for name in chosen))
    check_names(columns, output.columns)
    asked = Asked(ruleset, chosen, smtp_code, enhanced_status, relay, phase, provider_verdict)
    if file is None:
        return one(asked, " ".join(text), columns, output)
    if ctx.get_parameter_source("format") is click.core.ParameterSource.DEFAULT:
        output = replace(output, format="jsonl")
    with lines_of(file) as lines:
        answer = Answer("explain", "What the replies mean", "replies", "", columns, rows(asked, lines))
        write([answer], Head("explain", version()), output)
    return 0


def listed(file: str, ruleset: Ruleset, output: Output) -> int:
    """Lists the replies of a file that no rule is sure of."""
    check_names(unmatched.COLUMNS, output.columns)
    title = "Replies that no rule is sure of"
    with lines_of(file) as lines:
        found = unmatched.rows(lines, ruleset)
        answer = Answer("unmatched", title, "replies", "", unmatched.COLUMNS, found, shown=unmatched.SHOWN)
        write([answer], Head("explain", version()), output)
    return 0


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


@contextmanager
def lines_of(file: str) -> Iterator[Iterator[str]]:
    """The lines of a file or of standard input; bytes that are no UTF-8 are replaced."""
    try:
        stream = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    try:
        yield (line.rstrip(b"\r\n").decode("utf-8", "replace") for line in stream)
    finally:
        if file != "-":
            stream.close()


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


def one(asked: Asked, text: str, columns: tuple[Column, ...], output: Output) -> int:
    """Explains one reply or code: in words for people, as a row for programs."""
    found = asked.verdict(text)
    check_known(text, found)
    if output.format == "table" and not output.columns:
        from mailaudit.writers.table import paragraph  # noqa: PLC0415

        with destination.opened(output.output) as out:
            for what, told in story(asked, text, found):
                paragraph(f"{what:<14} {told}", look(output, out), out, further=" " * 15)
        return 0
    answer = Answer("explain", "What the reply means", "replies", "", columns, [asked.row(text, found)])
    write([answer], Head("explain", version()), output)
    return 0


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
