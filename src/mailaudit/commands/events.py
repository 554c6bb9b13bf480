"""`mailaudit events`: the facts themselves, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options
from mailaudit.commands.families import flat
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.raw import check_raw, write_raw
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.commands.words import Words
from mailaudit.measure import events as facts
from mailaudit.model.answers import Answer
from mailaudit.model.vocabulary import EVENTS

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.measure.filters import Filters

SHOWN = ("time", "host", "queue_id", "event", "recipient", "relay_host", "category", "enhanced_status", "reply")


def refusals() -> tuple[str, ...]:
    """The causes for which servers refuse mail at the door."""
    from mailaudit.measure.dimensions import MEANINGS  # noqa: PLC0415 (only when one is named)

    return tuple(MEANINGS)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit events --format jsonl /var/log/mail.log > events.jsonl
  mailaudit events --recipient anna@example.com --since yesterday /var/log/mail.log
  mailaudit events --code 4.7.x --raw /var/log/mail.log
  mailaudit events --event rejected --cause relay --raw /var/log/mail.log
  mailaudit events --code 4.7.x --columns time,recipient,reply --format csv /var/log/mail.log
""",
)
@options.reading
@options.filters
@options.period
@options.writing
@options.no_collapse
@click.option(
    "--event",
    "kinds",
    type=Words("event", lambda: EVENTS),
    multiple=True,
    callback=flat,
    metavar="WORD[,WORD…]",
    help="Only these events: deferred, notified, rejected …",
)
@click.option("--replies", is_flag=True, help="Only what other servers and mailboxes answered to users' mail.")
@click.option(
    "--cause",
    "causes",
    type=Words("cause of a refusal", refusals),
    multiple=True,
    callback=flat,
    metavar="WORD[,WORD…]",
    help="Only what this server refused for this: relay, unknown_user, blocklist …",
)
@options.raw
def events(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    filters: Filters,
    period: Period,
    output: Output,
    no_collapse: bool,
    kinds: tuple[str, ...],
    replies: bool,
    causes: tuple[str, ...],
    raw: bool,
) -> int:
    """Every fact the log states about a message: accepted, deferred, delivered, rejected … by time.

    No fact is left out here, those of hops and notices included; --status keeps the facts about recipients whose mail
    ended so.
    """
    check_names(facts.COLUMNS, output.columns)
    check_raw(source, output, raw=raw)
    with session("events", source, output, period, collapse=not no_collapse) as this:
        only = facts.Only(kinds, causes, replies)
        rows = facts.events(
            this.run.engine, this.run.inputs, filters, only, since_us=this.since_us, until_us=this.until_us
        )
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
