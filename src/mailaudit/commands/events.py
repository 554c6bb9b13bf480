"""`mailaudit events`: the facts themselves, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.raw import check_raw, write_raw
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.measure import events as facts
from mailaudit.model.answers import Answer

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.measure.filters import Filters

SHOWN = ("time", "host", "queue_id", "event", "recipient", "relay_host", "category", "enhanced_status", "reply")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit events --format jsonl /var/log/mail.log > events.jsonl
  mailaudit events --recipient anna@example.com --since yesterday /var/log/mail.log
  mailaudit events --code 4.7.x --raw /var/log/mail.log
  mailaudit events --code 4.7.x --columns time,recipient,reply --format csv /var/log/mail.log
""",
)
@options.reading
@options.filters
@options.period
@options.writing
@options.no_collapse
@options.raw
def events(*, source: Input, filters: Filters, period: Period, output: Output, no_collapse: bool, raw: bool) -> int:
    """Every fact the log states about a message: accepted, deferred, delivered, rejected … by time.

    No fact is left out here, those of hops and notices included; --status keeps the facts about recipients whose mail
    ended so.
    """
    check_names(facts.COLUMNS, output.columns)
    check_raw(source, output, raw=raw)
    with session("events", source, output, period, collapse=not no_collapse) as this:
        rows = facts.events(this.run.engine, this.run.inputs, filters, since_us=this.since_us, until_us=this.until_us)
        if raw:
            return write_raw(this, (), facts.places(rows, this.run.inputs), output)
        answer = Answer(
            "events",
            "What the log states",
            "one row per fact",
            "time of the fact",
            facts.COLUMNS,
            rows,
            shown=SHOWN,
            sparse=True,
        )
        return finish(this, [answer], output)
