"""`mailaudit trace`: the whole life of a message."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from mailaudit.commands import options, story_copies, unparsed
from mailaudit.commands.log import listed
from mailaudit.commands.output import check_names, finish, look
from mailaudit.commands.raw import check_raw, write_raw
from mailaudit.commands.remarks import note, tell
from mailaudit.commands.sections import Command
from mailaudit.commands.session import session
from mailaudit.errors import InputError, MailauditError, NotFound, UsageError
from mailaudit.measure import listing, retried
from mailaudit.measure.filters import Filters
from mailaudit.measure.find import Found, find, recipients, refused_recipients
from mailaudit.stories import policies
from mailaudit.stories.answers import JOINS, MESSAGES, RECIPIENTS, REFUSED, TIMELINE, answers, refused
from mailaudit.stories.attempts import seen, usual_longest
from mailaudit.stories.story import story
from mailaudit.writers import destination, table
from mailaudit.writers.story_text import write_story

if TYPE_CHECKING:
    from mailaudit.archive import Copy
    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.commands.session import Session
    from mailaudit.model.answers import Answer
    from mailaudit.stories.policies import Policy, Seen
    from mailaudit.stories.story import Story

STORIES = 20
"""Messages shown in full, unless `--limit` says otherwise."""
LONGEST_USUAL_GAP = 3
"""A time without lines is a gap if it is longer than so many retry intervals."""
SHORTEST_GAP = 3600
"""…and, where no policy is known, longer than so many seconds."""


@click.command(
    cls=Command,
    epilog="""\b
TOKEN is a queue id, an address (sender or recipient), a Message-ID, or the id that
the next server gave the message (found in its reply).

\b
In the line `timeline`, a is acceptance (? where it was first seen), x an attempt put off,
+ a delivery, n a notice, ! anything else: a failure, a refusal.

\b
Examples:
  mailaudit trace v4V6w3jN001390 /var/log/maillog
  mailaudit trace anna@example.com --since yesterday /var/log/mail.log*
  mailaudit trace 4cDCnd66Hyz1XPWFF --policy normal --format json /var/log/mail.log
  mailaudit trace '<20260531.1@example.com>' --raw /var/log/mail.log
  mailaudit trace 4cDCnd66Hyz1XPWFF --pivot to /var/log/mail.log*
""",
)
@click.argument("token")
@options.reading
@options.policy
@options.period
@options.writing
@options.raw
@options.no_collapse
@options.include_rejects
@options.include_notices
@options.pivot
@options.vocabulary
@click.option(
    "--archive",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True),
    help="Mailbox (mbox), Maildir or mail with copies: the text of the message is shown, too, if its copy is there.",
)
def trace(  # noqa: PLR0913 (one per option)
    *,
    token: str,
    source: Input,
    policy_word: str,
    period: Period,
    output: Output,
    raw: bool,
    no_collapse: bool,
    include_rejects: bool,
    include_notices: bool,
    pivot: str | None,
    vocabulary: str,
    archive: tuple[str, ...],
) -> int:
    """The whole life of a message: who handed it in, every attempt with wait and reply, how it ended, what is missing.

    Of an address, what the server refused at the door is told, too; notices stand with their messages. --pivot lists
    both only if asked. --since and --until choose messages by their acceptance; each is told whole. Exit code 1 if
    nothing of that name is in the logs.
    """
    policies.check(policy_word)
    if not token.strip():
        raise UsageError("the token is empty", hint="name a queue id, an address or a Message-ID")
    if not source.paths and os.path.isfile(token):  # noqa: PTH113 (a token may be no name for a file)
        raise UsageError("trace takes a token before the logs", hint=f"mailaudit trace TOKEN {token}")
    check_raw(source, output, raw=raw)
    if pivot and (raw or archive):
        raise UsageError("--pivot lists messages; --raw and --archive show one", hint="leave one of them out")
    if pivot:
        check_names(listing.LOG_COLUMNS, output.columns)
        with session("trace", source, output, period, collapse=not no_collapse) as this:
            shown = listing.Selection(
                since_us=this.since_us,
                until_us=this.until_us,
                rejects=include_rejects,
                notices=include_notices,
                pivot=True,
                ends_us=this.log_ends_us,
                vocabulary=vocabulary,
            )
            return all_mail_to(this, token, found_in(this, token), output, shown)
    check_names((*MESSAGES, *RECIPIENTS, *TIMELINE, *JOINS, *REFUSED, *story_copies.COPIES), output.columns)
    ask = Question(token, policy_word, output, vocabulary, archive, raw=raw)
    with session("trace", source, output, period, collapse=not no_collapse, about=token) as this:
        found = found_in(this, token)
        if found or "@" not in token:
            return answer(this, ask, found)
    # An address may be written in capitals somewhere: then only a reading of everything finds it.
    with session("trace", source, output, period, collapse=not no_collapse) as this:
        return answer(this, ask, found_in(this, token))


def found_in(this: Session, token: str) -> Found:
    """What the token means, of what was accepted in the range."""
    return find(this.run.engine, token, this.since_us, this.until_us)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked."""

    token: str
    policy: str
    output: Output
    vocabulary: str
    archive: tuple[str, ...]
    raw: bool


def answer(this: Session, ask: Question, found: Found) -> int:
    """Writes the stories of what was found; the exit code."""
    engine, output = this.run.engine, ask.output
    if not found:
        tell(this)
        raise not_found(this, ask.token, found)
    if ask.raw:
        places = {(row[0], row[1]) for row in found.refusals}
        return write_raw(this, listing.lives_of(engine, set(found.roots)), places, output)
    what_log_shows = seen(engine, retried.tried(engine))
    policy = policies.chosen(ask.policy, what_log_shows)
    gap = gap_length(policy, what_log_shows)
    stories = [
        story(engine, root, policy, gap=gap, log_ends_us=this.log_ends_us, vocabulary=ask.vocabulary)
        for root in found.roots
    ]
    others = [refused(found, this.run.inputs)] if found.refusals else []
    copies = _copies(ask.archive, stories)
    if output.format == "table" and not output.columns:
        return _tell_stories(this, stories, copies, others, output)
    tables = [*answers(stories, this.run.inputs)] if stories else []
    tables += [story_copies.answer(stories, copies)] if copies is not None else []
    return finish(this, [*tables, *others], output)


def all_mail_to(this: Session, token: str, found: Found, output: Output, shown: listing.Selection) -> int:
    """Lists all mail to the address that the token is, or to the recipients of the messages that it names."""
    if not found:
        tell(this)
        raise not_found(this, token, found)
    addresses, asked = recipients(this.run.engine, found.roots), token.strip().strip("<>").lower()
    if shown.rejects:
        addresses |= refused_recipients(found)
    if asked in addresses:
        addresses = {asked}
    if not addresses:
        tell(this)
        hint = "--include-rejects lists what was refused at the door" if refused_recipients(found) else None
        raise NotFound(f"no recipient of {token!r} is in these inputs", hint=hint)
    filters = Filters(recipient=tuple(f"={address}" for address in sorted(addresses)))
    return finish(this, *listed(this, replace(shown, filters=filters), output))


def not_found(this: Session, token: str, found: Found) -> MailauditError:
    """Nothing of that name is there, as far as the inputs are understood."""
    if not this.run.covered:
        return InputError(
            f"{token!r} was not found, but the inputs are not understood",
            hint="mailaudit inspect tells what they are",
        )
    if found.outside:
        return NotFound(f"no mail of {token!r} was accepted in this range", hint="without a range, trace shows it all")
    hint = found.hint or "ids, addresses and Message-IDs are looked for whole"
    return NotFound(f"{token!r} is in none of the inputs", hint=hint)


def _copies(archive: tuple[str, ...], stories: list[Story]) -> list[Copy] | None:
    """The copies of the stories' messages; None if no archive was named."""
    if not archive:
        return None
    from mailaudit.archive import find as find_copies  # noqa: PLC0415 (only where texts are asked for)

    found = find_copies(archive, story_copies.ids(stories))
    if found:
        note(story_copies.PRIVATE)
    return found


def gap_length(policy: Policy, what_log_shows: Seen) -> float | None:
    """Seconds without lines from which on a message's silence is worth a word."""
    if policy.retry:
        return float(LONGEST_USUAL_GAP * policy.retry)
    usual = usual_longest(what_log_shows)
    return max(float(SHORTEST_GAP), LONGEST_USUAL_GAP * usual) if usual else 4.0 * SHORTEST_GAP


def _tell_stories(
    this: Session, stories: list[Story], copies: list[Copy] | None, others: list[Answer], output: Output
) -> int:
    """Writes the stories one after the other, then the other tables."""
    with destination.opened(output.output) as out:
        shown = stories[: STORIES if output.limit is None else output.limit]
        out.write(f"times in {this.head.zone_name}\n")
        for one in shown:
            out.write("\n")
            write_story(one, this.head, look(output, out), out)
            if copies is not None:
                story_copies.write(story_copies.of(one, copies), out)
        if shown and copies is None:
            out.write("\n")
            table.paragraph(story_copies.NONE, look(output, out), out)
        if len(shown) < len(stories):
            out.write(f"\n({len(shown)} of {len(stories)} messages; --limit N shows more)\n")
        rest = [*others, unparsed.answer(this)] if this.source.unparsed else others
        out.write("\n" if rest else "")
        table.write(rest, this.head, look(output, out), out)
    tell(this)
    return this.code
