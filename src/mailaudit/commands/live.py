"""`mailaudit live`: mail as it happens, on a whole terminal."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, words
from mailaudit.commands.sections import Command
from mailaudit.commands.session import cpu_checked, request
from mailaudit.commands.words import local_zone
from mailaudit.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from mailaudit.commands.options import Input
    from mailaudit.measure.filters import Filters

LAST = 100
"""Deliveries that are shown: RealSender's last hundred."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit live /var/log/mail.log
  mailaudit live --domain example.com --last 25 /var/log/mail.log
""",
)
@options.following
@options.filters
@options.report_zone
@click.option(
    "--last", type=words.Number(1), default=LAST, show_default=True, metavar="N", help="Only the last N rows."
)
@options.no_collapse
def live(*, source: Input, filters: Filters, tz: dt.tzinfo | None, last: int, no_collapse: bool) -> int:
    """The last deliveries as they happen, with rate, delay, the state of mail flow and why mail is put off.

    Keys: Enter the story of a message, r its log lines, / filter, p pause, q quit. Rotation of the log is followed.
    """
    if "-" in source.paths:
        raise UsageError(
            "live reads the keyboard, so standard input cannot be the log", hint="mailaudit log --follow -"
        )
    if not (sys.stdout.isatty() and sys.stderr.isatty()):  # textual draws on standard error
        raise UsageError("live needs a terminal", hint="mailaudit log --follow writes lines for pipes")
    try:
        from mailaudit.live import screen  # noqa: PLC0415 (textual, an extra)
        from mailaudit.live.figures import REMEMBERED  # noqa: PLC0415 (polars)
    except ImportError:
        raise OutputError(
            "live needs the package textual, which is not installed", hint="pip install 'mailaudit[live]'"
        ) from None
    with cpu_checked():
        from mailaudit.follow import Follower  # noqa: PLC0415 (polars)
    follower = Follower(request(source, tz), filters, collapse=not no_collapse)
    if not follower.sources:
        raise InputError("nothing to follow", hint="live takes plain files that grow")
    screen.Live(partial(follower.rows, earlier=max(last, REMEMBERED)), source.paths, tz or local_zone(), last).run()
    return 0
