"""`mailaudit retries`: how often the server tried again, the policy that shows in it, and what greylisting cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailaudit.commands import options
from mailaudit.commands.behind import Asked, explained, with_commands
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.raw import check_raw, write_raw
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.measure import listing, retried
from mailaudit.measure.filters import Conditions
from mailaudit.stories import policies
from mailaudit.stories.attempts import seen
from mailaudit.stories.retries import (
    GREYLISTING,
    POLICY,
    RETRIES,
    greylisting_table,
    policy_table,
    retries_table,
)

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.measure.filters import Filters
    from mailaudit.model.answers import Answer

TABLES = ("policy", "greylisting", "retries")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit retries /var/log/maillog
  mailaudit retries --policy normal --since "last week" /var/log/maillog*
  mailaudit retries --table greylisting --format json /var/log/mail.log
  mailaudit retries --domain outlook.com --raw /var/log/mail.log
""",
)
@options.reading
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}.")
@options.policy
@options.filters
@options.period
@options.no_collapse
@options.raw
@options.explain
@options.writing
def retries(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    names: tuple[str, ...],
    policy_word: str,
    filters: Filters,
    period: Period,
    no_collapse: bool,
    raw: bool,
    explain: bool,
    output: Output,
) -> int:
    """How mail that was put off was tried again, message by message, and the retry policy that shows in it.

    Compares with RealSender's policies (normal: every 10 min, warning after 30 min, end after 4 h; bulk: every 30 min,
    no warning, end after 24 h) or with one from a file. Greylisting is counted apart, with what it cost.
    """
    policies.check(policy_word)
    check_names((*RETRIES, *POLICY, *GREYLISTING), output.columns)
    check_raw(source, output, raw=raw)
    with session("retries", source, output, period, collapse=not no_collapse) as this:
        conditions = Conditions.on("r", filters, "r.submitted_us", this.since_us, this.until_us)
        told = retried.tried(this.run.engine)
        what_log_shows = seen(this.run.engine, told)
        policy = policies.chosen(policy_word, what_log_shows)
        found = retried.recipients(this.run.engine, conditions, told)
        if raw:
            return write_raw(this, listing.lives_of(this.run.engine, set(found["root"])), (), output)
        made = {
            "policy": lambda: policy_table(what_log_shows, policy, found),
            "greylisting": lambda: greylisting_table(found),
            "retries": lambda: retries_table(found, policy, this.log_ends_us),
        }
        answers: list[Answer] = [made[name]() for name in TABLES if name in (names or TABLES)]
        if explain:
            answers = [explained(answer, this, Asked(period, filters)) for answer in answers]
            output = with_commands(output)
        return finish(this, answers, output)
