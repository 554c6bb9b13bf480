"""`mailaudit trace`: the whole life of a message."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, policies
from mailaudit.commands.attempts import seen, usual_longest
from mailaudit.commands.find import find
from mailaudit.commands.raw import write_raw
from mailaudit.commands.session import check_columns, finish, look, session, tell
from mailaudit.commands.story import story
from mailaudit.commands.story_answers import answers
from mailaudit.commands.story_text import write_story
from mailaudit.errors import NotFound
from mailaudit.measure.listing import lives_of
from mailaudit.writers import destination

if TYPE_CHECKING:
    from mailaudit.commands.options import Input, Output
    from mailaudit.commands.policies import Policy, Seen
    from mailaudit.commands.session import Session
    from mailaudit.commands.story import Story

STORIES = 20
"""Messages shown in full, unless `--limit` says otherwise."""
LONGEST_USUAL_GAP = 3
"""A time without lines is a gap if it is longer than so many retry intervals."""
SHORTEST_GAP = 3600
"""…and, where no policy is known, longer than so many seconds."""


@click.command(
    epilog="""\b
TOKEN is a queue id, an address (sender or recipient), a Message-ID, or the id that
the next server gave the message (found in its reply).

Examples:
  mailaudit trace v4V6w3jN001390 /var/log/maillog
  mailaudit trace anna@example.com /var/log/mail.log*
  mailaudit trace 4cDCnd66Hyz1XPWFF --policy normal --format json /var/log/mail.log
  mailaudit trace '<20260531.1@example.com>' --raw /var/log/mail.log
"""
)
@click.argument("token")
@options.reading
@click.option(
    "--policy",
    "policy_word",
    default=policies.AUTO,
    show_default=True,
    metavar="normal|bulk|auto|FILE",
    help="Retry policy to compare with; auto: the one that the log shows, if it is a known one.",
)
@options.report_zone
@options.writing
@options.raw
@options.no_collapse
def trace(  # noqa: PLR0913 (one per option)
    token: str,
    source: Input,
    policy_word: str,
    tz: dt.tzinfo | None,
    output: Output,
    raw: bool,  # noqa: FBT001
    no_collapse: bool,  # noqa: FBT001
) -> int:
    """The whole life of a message: who handed it in, every attempt with its wait and reply, how it ended, what is missing.

    Exit code 1 if nothing of that name is in the logs.
    """
    if policy_word not in {*policies.KNOWN, policies.AUTO}:
        policies.from_file(policy_word)  # an error in it is told before the work
    check_columns(answers([], ()), output.columns)
    with session("trace", source, output, zone=tz, raw=raw, collapse=not no_collapse) as this:
        found = find(this.run.engine, token)
        if not found:
            tell(this)
            raise NotFound(f"{token!r} is in none of the inputs", hint=found.hint or "an id, address or Message-ID is looked for whole")
        if raw:
            return write_raw(this, lives_of(this.run.engine, set(found.roots)), set(found.refusals), output)
        what_log_shows = seen(this.run.engine)
        policy = policies.chosen(policy_word, what_log_shows)
        gap = gap_length(policy, what_log_shows)
        ends = log_end(this)
        stories = [story(this.run.engine, root, policy, gap=gap, log_ends_us=ends) for root in found.roots]
        if output.format == "table" and not output.columns:
            return _tell_stories(this, stories, output)
        return finish(this, answers(stories, this.run.inputs), output)


def gap_length(policy: Policy, what_log_shows: Seen) -> float | None:
    """Seconds without lines from which on a message's silence is worth a word."""
    if policy.retry:
        return float(LONGEST_USUAL_GAP * policy.retry)
    usual = usual_longest(what_log_shows)
    return max(float(SHORTEST_GAP), LONGEST_USUAL_GAP * usual) if usual else 4.0 * SHORTEST_GAP


def log_end(this: Session) -> int | None:
    """The last moment of the inputs in µs."""
    return max((report.last_us for report in this.run.inputs if report.last_us is not None), default=None)


def _tell_stories(this: Session, stories: list[Story], output: Output) -> int:
    with destination.opened(output.output) as out:
        shown = stories[: STORIES if output.limit is None else output.limit]
        out.write(f"times in {this.head.zone_name}\n")
        for one in shown:
            out.write("\n")
            write_story(one, this.head, look(output, out), out)
        if len(shown) < len(stories):
            out.write(f"\n({len(shown)} of {len(stories)} messages; --limit N shows more)\n")
    return finish_told(this)


def finish_told(this: Session) -> int:
    """Says what must be said when the answer has been written already; the exit code."""
    tell(this)
    return 0 if this.run.covered else 3
