"""What every command does around its question: read, resolve the range, write, warn, and say how it went."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import dates
from mailaudit.errors import MailauditError, UsageError, nearest
from mailaudit.measure import extent
from mailaudit.model.answers import Head, Look
from mailaudit.model.times import micros
from mailaudit.writers import destination
from mailaudit.writers.escapes import neutral
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TextIO

    from mailaudit.classify.own import Own
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.flow import Run
    from mailaudit.model.answers import Answer
    from mailaudit.model.columns import Column
    from mailaudit.model.request import InputReport, Request
    from mailaudit.model.request import Warning as InputWarning

INPUT_IN_DOUBT = 3
"""Exit code: the answer is given, but too few lines were understood to rely on it."""
SHOWN_WARNINGS = 5


@dataclass(frozen=True, slots=True)
class Session:
    """One reading and the question's frame."""

    command: str
    run: Run
    source: Input
    zone: dt.tzinfo
    since_us: int | None
    until_us: int | None
    partial: bool = False
    """Only the lines about one token were read."""

    @property
    def log_ends_us(self) -> int | None:
        """The last moment of the inputs in µs; None if it is not known."""
        if self.partial:
            return max((report.last_us for report in self.run.inputs if report.last_us is not None), default=None)
        return self.run.ends_us

    @property
    def code(self) -> int:
        """The exit code of an answer that was given: whether it is to be relied on."""
        return 0 if self.run.covered else INPUT_IN_DOUBT

    @property
    def head(self) -> Head:
        """What stands around the answers."""
        return Head(
            command=self.command,
            version=version(),
            since_us=self.since_us,
            until_us=self.until_us,
            zone=self.zone,
            zone_name=zone_name(self.zone),
            inputs=self.run.inputs,
            warnings=self.run.warnings,
        )


def version() -> str:
    """The version of mailaudit."""
    import mailaudit  # noqa: PLC0415 (reads the installed package's metadata)

    return str(mailaudit.__version__)


def now() -> dt.datetime:
    """The present moment."""
    return dt.datetime.now(dt.UTC)


@contextmanager
def session(  # noqa: PLR0913 (keywords of their own)
    command: str,
    source: Input,
    output: Output,
    period: Period | None = None,
    *,
    zone: dt.tzinfo | None = None,
    collapse: bool = True,
    about: str | None = None,
) -> Iterator[Session]:
    """Reads what is asked for; the temporary store is gone when the block ends.

    `zone` is that of the report, for commands without a range; `about` a token whose story is enough.
    """
    check(output)
    present = now()
    bounds(period, dt.UTC, present)  # a wrong range is told before the work, not after it
    own = _own(source)
    with read(request(source, period.tz if period else zone, collapse=collapse), about) as run:
        if own is not None:
            run.engine.ruleset, run.engine.own_isps = own.ruleset, own.isps
        since_us, until_us = bounds(period, run.zone, present)
        yield Session(command, run, source, run.zone, since_us, until_us, partial=about is not None)


def _own(source: Input) -> Own | None:
    """The user's own rules and providers, if a file of them is named."""
    if source.rules is None:
        return None
    from mailaudit.classify.own import load  # noqa: PLC0415 (the rules are read only where there are own ones)

    return load(source.rules)


def request(source: Input, zone: dt.tzinfo | None = None, *, collapse: bool = True) -> Request:
    """What the options ask of a reading."""
    from mailaudit.model.request import Request  # noqa: PLC0415

    return Request(
        paths=source.paths,
        year=source.year,
        input_tz=source.input_tz,
        input_format=source.input_format,
        tz=zone,
        memory=source.memory,
        collapse=collapse,
        raised_by_key=_raised_by_key(),
    )


def _raised_by_key() -> str:
    """What --raised-by-key says, for commands that have it: who had a message sent is found out while reading."""
    context = click.get_current_context(silent=True)
    key = context.params.get("raised_by_key") if context is not None else None
    return key if isinstance(key, str) else "any"


def read(request: Request, about: str | None = None) -> Run:
    """The run, read with a progress bar if there is a terminal to show it on; of a token, only its story."""
    with cpu_checked():
        from mailaudit import flow, lookup  # noqa: PLC0415 (polars)
    if about is not None:
        try:
            return lookup.read_about(request, about)
        except lookup.TooMany:
            pass  # so much is linked to it that reading everything is the faster way
    with progress() as report:
        return flow.read(request, progress=report)


@contextmanager
def cpu_checked() -> Iterator[None]:
    """Turns polars' warning about a processor too old for its default build into an error with the remedy."""
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        # Going on after this warning ends in a crash (illegal instruction).
        warnings.filterwarnings("error", message="Missing required CPU features", category=RuntimeWarning)
        try:
            yield
        except RuntimeWarning:
            raise MailauditError(
                "this computer's processor lacks instructions (AVX2) that the installed build of polars needs",
                hint="install the build for older processors: pip install 'polars[rtcompat]'",
            ) from None


@contextmanager
def progress() -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar on standard error, for work of more than a second, if that is a terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    import time  # noqa: PLC0415

    begun, shown = time.monotonic(), False

    def report(done: int, total: int | None) -> None:
        nonlocal shown
        if time.monotonic() - begun < 1:
            return
        shown = True
        share = f"{100 * done // total:3d} % of {total / 1e6:,.0f} MB" if total else f"{done / 1e6:,.0f} MB"
        sys.stderr.write(f"\rreading … {share}\x1b[K")
        sys.stderr.flush()

    try:
        yield report
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")


def bounds(period: Period | None, zone: dt.tzinfo, present: dt.datetime) -> tuple[int | None, int | None]:
    """The range in µs of UTC: its first moment, and the first one after it; None where it is open."""
    if period is None:
        return None, None
    zone = period.tz or zone
    period = _typed(period)
    if sum((period.today, period.days is not None, period.since is not None)) > 1:
        raise UsageError("--today, --days and --since exclude each other: each says where the range begins")
    today = present.astimezone(zone).date()
    until = dates.moment(period.until, zone, present) if period.until else None
    if period.today or period.days:
        first = today - dt.timedelta(days=(period.days or 1) - 1)
        since: int | None = micros(dates.midnight(first, zone))
        tomorrow = micros(dates.midnight(today + dt.timedelta(days=1), zone))
        until = tomorrow if until is None else until
    else:
        since = dates.moment(period.since, zone, present) if period.since else None
    if since is not None and until is not None and since >= until:
        raise UsageError(
            "the range is empty: --until is not after --since",
            hint="--until names the first moment that is no longer in the range",
        )
    return since, until


def _typed(period: Period) -> Period:
    """The range without a `today` by default (config file, audit view), if a range was typed: that goes first."""
    context = click.get_current_context(silent=True)
    if context is None or not period.today or (period.days, period.since, period.until) == (None, None, None):
        return period
    by_default = context.get_parameter_source("today") == click.core.ParameterSource.DEFAULT_MAP
    return replace(period, today=False) if by_default else period


def zone_name(zone: dt.tzinfo) -> str:
    """The zone's name for people: `Europe/Rome`, `UTC`, `+02:00`."""
    key = getattr(zone, "key", None)
    if isinstance(key, str):
        return "UTC" if key in {"Etc/UTC", "Zulu", "Etc/UCT"} else key
    name = dt.datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
    return "UTC" if name in {"+0000", ""} else f"{name[:3]}:{name[3:5]}"


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


def finish(this: Session, answers: Sequence[Answer], output: Output) -> int:
    """Writes the answers, then what must be said about them; returns the exit code."""
    if this.source.unparsed:
        from mailaudit.commands.records import not_understood  # noqa: PLC0415 (it needs this module)

        answers = [*answers, not_understood(this)]
    write(answers, this.head, output)
    tell(this)
    for remark in this.run.notes:
        note(remark)
    if sentence := outside(this):
        note(sentence)
    return this.code


def check(output: Output) -> None:
    """Raises what can be known to be wrong before the work: no place to write, a format that cannot be written here."""
    from mailaudit.writers.formats import EXTRAS, ready  # noqa: PLC0415

    destination.check(output.output)
    ready(output.format)
    if output.format in EXTRAS and output.output is None and sys.stdout.isatty():
        raise UsageError(
            f"{output.format} is nothing for a terminal", hint=f"write it to a file: -o FILE.{output.format}"
        )
    if output.excel_safe and output.format != "csv":
        raise UsageError("--excel-safe goes with --format csv", hint="in xlsx, text is never a formula")


def write(answers: Sequence[Answer], head: Head, output: Output) -> None:
    """Writes the answers where and how the options say."""
    from mailaudit.writers.formats import writer  # noqa: PLC0415

    check_names((column for answer in answers for column in answer.columns), output.columns)
    with destination.opened(output.output) as out:
        writer(output.format)(answers, head, look(output, out), out)


def look(output: Output, out: TextIO) -> Look:
    """How the answer is to look: columns and rows asked for, and what the terminal can show."""
    terminal = out.isatty()
    return Look(
        columns=output.columns,
        limit=output.limit,
        width=shutil.get_terminal_size().columns if terminal else None,
        excel_safe=output.excel_safe,
        color=colored(terminal=terminal),
    )


def colored(*, terminal: bool) -> bool:
    """Colour is for terminals; NO_COLOR and FORCE_COLOR say otherwise (no-color.org, force-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"


def check_names(columns: Iterable[Column], wanted: Sequence[str]) -> None:
    """Raises UsageError for a wanted column that is not among these."""
    known = list(dict.fromkeys(column.name for column in columns))
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no column {name!r} here", hint=nearest(name, known))


def tell(this: Session) -> None:
    """Says on standard error what a reader of the numbers must know."""
    if this.source.verbose:
        for report in this.run.inputs:
            note(f"{report.path}: {clock_decision(report)}")
    warnings(this.run.warnings, verbose=this.source.verbose)
    for report in this.run.inputs:
        if report.doubtful:
            note(
                f"{report.path}: only {report.coverage:.1%} of the mail lines were understood; "
                f"do not rely on the numbers (mailaudit records --unparsed shows the rest)"
            )


def clock_decision(report: InputReport) -> str:
    """How the year and zone of an input were found."""
    if report.year is None and report.offset is None:
        return report.reason or "the stamps carry year and zone"
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
