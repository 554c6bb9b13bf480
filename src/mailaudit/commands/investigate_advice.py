"""What to do, each with the numbers that led to it and the command that lists the rows."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.advise import matrices
from mailaudit.advise.bands import ADVICE, WORDS, band
from mailaudit.advise.sendings import unimproved
from mailaudit.commands.behind import filter_words, reading_words
from mailaudit.model.answers import EXPLAIN, Answer
from mailaudit.model.columns import Column
from mailaudit.model.plurals import counted
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.advise.matrices import Finding, Provider
    from mailaudit.commands.investigate_answers import Look

COLUMNS = (
    Column("id", "word", "rate; SA to HC of Bloomreach's matrices; sending, spike, warm-up"),
    Column("about", "text", "providers, sending, day"),
    Column("finding", "text", "the numbers"),
    Column("action", "text", "what to do"),
    Column("note", "text", "what the original rule leaves open here"),
    Column(EXPLAIN, "text", "command that lists the rows behind it"),
)
NAMED = 5
"""Providers, and domains in a command, that are named."""


def answer(look: Look) -> Answer:
    """All advice; none if all is well."""
    rows = [*_rate(look), *_matrices(look), *_sendings(look), *_volumes(look)]
    notes = () if rows else ("Nothing calls for action: " + _sentence(look),)
    return Answer("advice", "Advice", "findings", "", COLUMNS, rows, notes=notes, whole=True)


Advice = tuple[str, str, str, str, str | None, str | None]


def _sentence(look: Look) -> str:
    delivered, soft, hard, waiting = look.totals
    ended = delivered + soft + hard
    if not ended:
        return "no mail to others reached an end in this range"
    return (
        f"{delivered / ended:.2%} delivered of {counted(ended, 'recipient')} that reached an end "
        f"({soft} soft, {hard} hard bounces; {waiting} still open)"
    )


def _rate(look: Look) -> Iterator[Advice]:
    delivered, soft, hard, _ = look.totals
    state = band(delivered, delivered + soft + hard)
    if state not in {None, "healthy"}:
        yield (
            "rate",
            "all mail to others",
            f"{WORDS[state]}: {_sentence(look)}",
            ADVICE[state],
            None,
            _command(look, "bounces"),
        )


def _matrices(look: Look) -> Iterator[Advice]:
    for found in look.findings:
        parts = [_numbers(found, one) for one in found.providers]
        more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
        yield (
            found.id,
            ", ".join(one.name for one in found.providers[:NAMED]) + more,
            f"{found.kind} bounces: {'; '.join(parts[:NAMED])}{more}",
            found.action,
            found.note,
            _failures(look, found),
        )


def _numbers(found: Finding, one: Provider) -> str:
    number = one.soft if found.kind == "soft" else one.hard
    return f"{one.name} {float(one.rate(found.kind)):.2%} ({number} of {one.ended})"


def _sendings(look: Look) -> Iterator[Advice]:
    for one, four in unimproved(look.sendings).items():
        numbers = "; ".join(f"{each.day} {float(each.rate):.2%} ({each.delivered} of {each.ended})" for each in four)
        action = "Look into it: the rate has not improved after 3 sendings."
        yield (
            "sending",
            f"{one.name} of {one.day}",
            numbers,
            action,
            None,
            _command(look, "log", "--sender", f"={one.name}" if "@" in one.name else "@" + one.series),
        )


def _volumes(look: Look) -> Iterator[Advice]:
    for spike in look.spikes:
        text = f"{spike.recipients} recipients; usual are {spike.usual:g} (median of {spike.days} days)"
        yield (
            "spike",
            f"{spike.provider}, {spike.day}",
            text,
            matrices.SPIKES,
            None,
            _command(look, "stats", "--table", "day"),
        )
    for day in look.warm_up or ():
        if day.state == "over":
            text = f"{day.sent} recipients, {day.planned} planned"
            action = "Send no more than planned, to people who read the mail; let the next days catch up slowly."
            yield "warm-up", f"{day.provider}, {day.day}", text, action, None, _command(look, "stats", "--table", "day")


def _failures(look: Look, found: Finding) -> str:
    """The command that lists the failures: by the domains that most of them are in."""
    from mailaudit.measure import outcomes  # noqa: PLC0415 (polars)

    words = ["--outcome", "bounced,expired"]
    for provider in found.providers:
        names = outcomes.domains(
            look.this.run.engine, found.kind, provider.name, look.span.since_us, look.span.until_us
        )
        for name in names[:NAMED]:
            words += ["--domain", name]
    return _command(look, "log", *words)


def _command(look: Look, name: str, *words: str) -> str:
    zone = look.this.zone
    between = ["--since", local(look.span.since_us, zone), "--until", local(look.span.until_us + 999_999, zone)]
    # Several values of one filter widen it: what the advice names takes the place of what was asked for.
    rest = look.filters
    if "--sender" in words:
        rest = replace(rest, sender=())
    if "--domain" in words:
        rest = replace(rest, domain=())
    return shlex.join(["mailaudit", name, *filter_words(rest), *words, *between, *reading_words(look.this)])
