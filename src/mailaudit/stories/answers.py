"""Stories as tables: messages, their recipients, their timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure.joins import BY_NUMBER
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.stories.prospects import deviations, greylisted, prospects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.measure.find import Found
    from mailaudit.measure.message import Ending
    from mailaudit.model.answers import Row
    from mailaudit.model.request import InputReport
    from mailaudit.stories.story import Step, Story

MESSAGE = Column("message", "text", "the message: queue id of its first life, or its provider's id, or its Message-ID")
MESSAGES = (
    MESSAGE,
    Column("queue_ids", "text", "all its queue ids, separated by blanks"),
    Column("message_id", "text", "Message-ID without brackets"),
    Column("sender", "text", "envelope sender; empty for the null sender; null if unknown"),
    Column("subject", "text", "its subject, where a provider tells it"),
    Column("raised_by", "text", "who had it sent, as the sender's own variables or tags say"),
    Column("campaign", "word", "the provider's campaign, else the first of the sender's tags or categories"),
    Column("size", "big", "bytes"),
    Column("host", "word", "host that accepted it"),
    Column("client_host", "text", "name of the client that handed it in"),
    Column("client_ip", "text", "its address"),
    Column("sasl_user", "text", "authenticated user"),
    Column("accepted", "time", "accepted into the queue; null if that is not in these logs"),
    Column("policy", "word", "retry policy it is compared with: normal, bulk, a file's name, or unknown"),
    Column("missing", "text", "what is not in these logs"),
)
RECIPIENTS = (
    MESSAGE,
    Column("recipient", "text", "final recipient"),
    Column("original_recipient", "text", "recipient as first given, where it differs"),
    Column("outcome", "word", "how it ended, or how it stands"),
    Column("status", "word", "complained, unsubscribed, clicked or opened if that happened, else the outcome"),
    Column("submitted_at", "time", "accepted, or first seen"),
    Column("finished_at", "time", "when it was settled; null while open"),
    Column("elapsed", "real", "seconds from acceptance to the end"),
    Column("attempts", "int", "attempts that were really made"),
    Column("deferrals", "int", "attempts that failed for now"),
    Column("smtp_code", "int", "reply code of the deciding event"),
    Column("enhanced_status", "word", "its enhanced status code"),
    Column("reply", "text", "its reply or reason, whole"),
    Column("relay_host", "text", "who answered"),
    Column("category", "word", "kind of cause of a failure, one of 44"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("greylisted", "flag", "put off by greylisting"),
    Column("next_try", "time", "when the policy tries again, about"),
    Column("warning_due", "time", "when the policy warns the sender"),
    Column("gives_up_at", "time", "when the policy gives up"),
    Column("deviations", "text", "where this departs from the policy"),
)
TIMELINE = (
    MESSAGE,
    Column("time", "time", "when; of a gap, its beginning"),
    Column(
        "event",
        "word",
        "an event word; or seen (mid-life), begun (handed in, not seen queued), filed (where it was put), removed, "
        "gap (no lines)",
    ),
    Column("queue_id", "text", "queue id of this part of the way"),
    Column("host", "word", "host that logged it"),
    Column("recipient", "text", "for whom"),
    Column("attempt", "int", "number of the attempt for this recipient"),
    Column("wait", "real", "seconds since acceptance or the attempt before; of a gap, its length"),
    Column("relay", "text", "who answered: name[address]:port"),
    Column("smtp_code", "int", "reply code"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("reply", "text", "reply or reason, whole"),
    Column("delay", "real", "seconds since the message arrived"),
    Column("delay_a", "real", "seconds before the queue manager"),
    Column("delay_b", "real", "seconds in the active queue"),
    Column("delay_c", "real", "seconds for the connection"),
    Column("delay_d", "real", "seconds of transmission"),
    Column("tls", "word", "TLS summary on the line"),
    Column("next_id", "text", "queue id of the next hop, forwarded copy, or notice"),
    Column("notice", "word", "failure, delay or success"),
    Column("category", "word", "kind of cause of a failed attempt, one of 44"),
    Column("type", "word", "hard, soft, block, config or info"),
    Column("text", "text", "what the line means"),
    Column("source_file", "text", "the input"),
    Column("line", "int", "line number in it"),
)

JOINS = (
    MESSAGE,
    Column("from_id", "text", "id in the earlier system"),
    Column("from_host", "word", "host that logged it, or the provider"),
    Column("to_id", "text", "id in the later system"),
    Column("to_host", "word", "host that logged it, or the provider"),
    Column("kind", "word", "hop or forward"),
    Column("known_by", "word", "kind of join"),
    Column("certainty", "word", "certain or likely"),
    Column("left", "text", "what the earlier system says"),
    Column("right", "text", "what the later system says"),
)

REFUSED = (
    Column("time", "time", "when"),
    Column("host", "word", "host that refused"),
    Column("program", "word", "program that logged it"),
    Column("raw_event", "word", "the log's own word: reject, milter-reject …"),
    Column("phase", "word", "command at which it was refused"),
    Column("cause", "word", "why: relay, unknown_user, blocklist, greylisting …"),
    Column("client_host", "text", "client's name"),
    Column("client_ip", "text", "client's address"),
    Column("sender", "text", "envelope sender"),
    Column("recipient", "text", "envelope recipient"),
    Column("smtp_code", "int", "our reply code"),
    Column("enhanced_status", "word", "our enhanced status code"),
    Column("reply", "text", "our reply, whole"),
    Column("source_file", "text", "the input"),
    Column("line", "int", "line number in it"),
)


def refused(found: Found, inputs: Sequence[InputReport]) -> Answer:
    """What was refused at the door to or from the address, before it had a queue id."""
    rows = [(*row[2:], inputs[row[0]].path, row[1]) for row in found.refusals]
    shown = ("time", "client_host", "client_ip", "sender", "recipient", "smtp_code", "cause", "reply")
    return Answer("refused", "Refused at the door", "refused commands", "the refusal", REFUSED, rows, shown=shown)


def answers(stories: Sequence[Story], inputs: Sequence[InputReport]) -> list[Answer]:
    """The tables of these stories."""
    paths = [report.path for report in inputs]
    return [
        Answer("messages", "Messages", "messages", "acceptance", MESSAGES, [_message(one) for one in stories]),
        Answer(
            "recipients",
            "How it ended",
            "recipients",
            "acceptance",
            RECIPIENTS,
            [_recipient(one, ending) for one in stories for ending in one.endings],
        ),
        Answer(
            "timeline",
            "Timeline",
            "steps",
            "the step",
            TIMELINE,
            [_step(one, step, paths) for one in stories for step in one.steps],
            sparse=True,
        ),
        Answer(
            "joins",
            "What belongs together",
            "passes from one queue or system to the next",
            "the hand-over",
            JOINS,
            [row for one in stories for row in _joins(one)],
            shown=("message", "from_id", "from_host", "to_id", "to_host", "known_by", "certainty"),
        ),
    ]


def _joins(story: Story) -> list[Row]:
    lives = {life.key: life for life in story.lives}
    rows: list[Row] = []
    for edge in story.edges:
        earlier, later, kind = lives[edge.parent_key], lives[edge.child_key], BY_NUMBER[edge.known_by]
        ends = (earlier.queue_id, earlier.host, later.queue_id, later.host)
        rows.append((story.first.name, *ends, edge.kind, kind.name, kind.sure, kind.left, kind.right))
    return rows


def _message(story: Story) -> Row:
    first = story.first
    return (
        first.name,
        " ".join(life.queue_id or "?" for life in story.lives if life.role != "notice"),
        first.message_id,
        first.sender,
        first.subject,
        first.raised_by,
        first.campaign,
        first.size,
        first.host,
        first.client_host,
        first.client_ip,
        first.sasl_user,
        first.accepted_us,
        story.policy.name,
        "; ".join(story.missing) or None,
    )


def _recipient(story: Story, ending: Ending) -> Row:
    due = prospects(story, ending)
    return (
        story.first.name,
        ending.recipient,
        ending.original_recipient,
        ending.outcome,
        ending.status,
        ending.submitted_us,
        ending.finished_us,
        ending.elapsed,
        ending.attempts,
        ending.deferrals,
        ending.smtp_code,
        ending.enhanced_status,
        ending.reply,
        ending.relay_host,
        ending.category,
        ending.type,
        greylisted(story, ending),
        due.next_try_us,
        due.warning_us,
        due.gives_up_us,
        "; ".join(deviations(story, ending)) or None,
    )


def _step(story: Story, step: Step, paths: Sequence[str]) -> Row:
    return (
        story.first.name,
        step.time_us,
        step.what,
        step.queue_id,
        step.host,
        step.recipient,
        step.attempt,
        step.wait,
        step.relay,
        step.smtp_code,
        step.enhanced_status,
        step.reply,
        step.delay,
        *step.delays,
        step.tls,
        step.next_id,
        step.notice,
        step.category,
        step.type,
        step.text,
        None if step.source is None else paths[step.source],
        step.line,
    )
