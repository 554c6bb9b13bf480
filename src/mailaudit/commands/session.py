"""One reading and the question's frame: the inputs are read as the options say, the range is resolved."""

from __future__ import annotations

import datetime as dt
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from mailaudit.commands.output import check, prepare
from mailaudit.commands.ranges import bounds, zone_name
from mailaudit.errors import MailauditError
from mailaudit.model.answers import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mailaudit.classify.own import Own
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.flow import Run
    from mailaudit.model.request import Request

INPUT_IN_DOUBT = 3
"""Exit code: the answer is given, but too few lines were understood to rely on it."""


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
            warnings=[*self.run.warnings, *self.run.doubts],
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
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[Session]:
    """Reads what is asked for; the temporary store is gone when the block ends.

    `zone` is that of the report, for commands without a range; `about` a token whose story is enough; `meanwhile`
    makes ready what the answer needs besides the mail, while that is read.
    """
    check(output)
    present = now()
    bounds(period, dt.UTC, present)  # a wrong range is told before the work, not after it
    own = _own(source)
    ready = (partial(prepare, output), *(() if meanwhile is None else (meanwhile,)))
    with read(request(source, period.tz if period else zone, collapse=collapse), about, ready) as run:
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


def read(request: Request, about: str | None = None, meanwhile: Iterable[Callable[[], object]] = ()) -> Run:
    """The run, read with a progress bar if there is a terminal to show it on; of a token, only its story."""
    with cpu_checked():
        from mailaudit import flow  # noqa: PLC0415 (polars)
    if about is not None:
        from mailaudit import lookup  # noqa: PLC0415 (only for this)

        try:
            return lookup.read_about(request, about)
        except lookup.ReadAll:
            pass  # so much is linked to it that reading everything is the faster way
    with progress() as report:
        return flow.read(request, progress=report, meanwhile=meanwhile)


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
