"""What is said on standard error of an answer: what a reader of the numbers must know of the inputs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from mailaudit.measure import extent
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.commands.session import Session
    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning

SHOWN_WARNINGS = 5
"""Warnings of a kind that are shown without -v."""


def tell(this: Session, *, quiet: bool = False) -> None:
    """Says on standard error what a reader of the numbers must know: of every answer, whatever it is written as.

    `quiet`: only what is wrong. What cron starts every five minutes, or what tells of changes alone, has nothing to say
    of inputs that are as they should be.
    """
    if this.source.verbose:
        for report in this.run.inputs:
            note(f"{report.path}: {clock_decision(report)}")
    warnings(this.run.warnings, verbose=this.source.verbose)
    warnings(this.run.doubts, verbose=True)
    if quiet:
        return
    for remark in this.run.notes:
        note(remark)
    if not this.partial and (sentence := outside(this)):
        note(sentence)


def clock_decision(report: InputReport) -> str:
    """How the year and zone of an input were found."""
    if report.year is None and report.offset is None:
        return report.reason or ("the stamps carry year and zone" if report.first_us is not None else "no stamps")
    found = report.reason or f"year {report.year or 'in the stamps'}, offset {report.offset or 'in the stamps'}"
    return f"{found}; confidence {report.confidence}" if report.confidence is not None else found


def warnings(found: Sequence[InputWarning], *, verbose: bool) -> None:
    """Shows the warnings; without -v at most a few of each kind, and how many more there are."""
    shown: Counter[str] = Counter()
    for warning in found:
        shown[warning.kind] += 1
        if verbose or shown[warning.kind] <= SHOWN_WARNINGS:
            place = ":".join(str(part) for part in (warning.source_file, warning.line) if part is not None)
            note(f"{place}: {warning.text}" if place else warning.text)
    for kind, count in shown.items():
        if not verbose and count > SHOWN_WARNINGS:
            note(f"{count - SHOWN_WARNINGS} more of the kind {kind} (-v shows all)")


def note(text: str) -> None:
    """One line to people, on standard error."""
    click.echo(f"mailaudit: {neutral(text)}", err=True)


def outside(this: Session) -> str | None:
    """A sentence, if the range lies outside what the logs cover, or if they hold nothing about mail at all."""
    lines = sum(report.lines for report in this.run.inputs)
    if lines and not extent.tells_of_mail(this.run.engine):
        here = "this line" if lines == 1 else f"these {lines:,} lines"
        return f"no mail in {here}: mailaudit inspect tells what they are"
    if this.since_us is None and this.until_us is None:
        return None
    first, last = extent.span(this.run.engine)
    if first is None or last is None:
        return None
    late = this.since_us is not None and last < this.since_us
    early = this.until_us is not None and first >= this.until_us
    if not late and not early:
        return None
    return f"the range holds no mail: the logs run from {local(first, this.zone)} to {local(last, this.zone)}"
