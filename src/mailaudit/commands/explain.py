"""`mailaudit explain`: what a reply or a code means, and what to do."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, words
from mailaudit.commands.explain_answers import (
    COLUMNS,
    UNMATCHED,
    UNMATCHED_SHOWN,
    VOCABULARIES,
    WORDS,
    Asked,
    check_known,
    rows,
    story,
)
from mailaudit.commands.families import flat
from mailaudit.commands.output import check_names, look, write
from mailaudit.commands.sections import Command
from mailaudit.commands.session import version
from mailaudit.errors import InputError, UsageError
from mailaudit.model.answers import Answer, Head
from mailaudit.model.columns import Column
from mailaudit.writers import destination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.ruleset import Ruleset
    from mailaudit.commands.options import Output


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit explain 5.7.26
  mailaudit explain "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown"
  mailaudit explain --vocabulary sisimai,sparkpost "452 4.2.2 mailbox full"
  cut -f3 replies.tsv | mailaudit explain - > verdicts.jsonl
  mailaudit explain --file replies.txt --unmatched
""",
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
    multiple=True,
    callback=flat,
    metavar="NAME[,NAME…]",
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
    check_names(UNMATCHED, output.columns)
    from mailaudit.classify.unmatched import unmatched  # noqa: PLC0415 (polars)

    title = "Replies that no rule is sure of"
    with lines_of(file) as lines:
        answer = Answer("unmatched", title, "replies", "", UNMATCHED, unmatched(lines, ruleset), shown=UNMATCHED_SHOWN)
        write([answer], Head("explain", version()), output)
    return 0


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
