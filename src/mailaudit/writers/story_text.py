"""A story for people: its head, its timeline with waits, the ending for each recipient, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure.listing import PENDING, is_overdue
from mailaudit.model.columns import Column
from mailaudit.model.plurals import counted
from mailaudit.model.times import SECOND, waited
from mailaudit.stories.prospects import deviations, prospects, put_off
from mailaudit.writers.escapes import neutral
from mailaudit.writers.table import grid, paragraph
from mailaudit.writers.values import local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from mailaudit.measure.message import Ending
    from mailaudit.model.answers import Head, Look
    from mailaudit.stories.story import Step, Story

BAR = 50
MARKS = {"accepted": "a", "seen": "?", "deferred": "x", "delivered": "+", "notified": "n"}
UNMARKED = ("gap", "filed", "removed", "other")
"""Steps that are not on the line of time: they are no part of what was tried."""
SHOWN_RECIPIENTS = 20
TIME = Column("time", "word", "when, in the zone of the report")
WAIT = Column("wait", "word", "since acceptance or the attempt before")
NUMBER = Column("try", "int", "number of the attempt for this recipient")
WHAT = Column("what", "word", "what happened")
QUEUE_ID = Column("queue_id", "text", "queue id of this part of the way")
RECIPIENT = Column("recipient", "text", "for whom")
RELAY = Column("relay", "text", "who answered")
CODE = Column("code", "word", "reply code and enhanced status code")
REPLY = Column("detail", "text", "the reply, whole, or what the line means")
DELAYS = Column("delays", "word", "seconds before the queue, in it, for the connection, of transmission")


def write_story(story: Story, head: Head, look: Look, out: TextIO) -> None:
    """Writes one story."""
    out.write(f"{_title(story, look)}\n")
    for name, value in _facts(story):
        paragraph(f"{name:<11} {value}", look, out, indent="  ", further=" " * 12)
    if bar := _bar(story.steps):
        out.write(f"  {'timeline':<11} {bar}\n")
    out.write("\n")
    columns, rows = _table(story, head)
    grid(columns, rows, look, out)
    out.write("\n")
    for ending in story.endings[:SHOWN_RECIPIENTS]:
        for line in _ended(story, ending, head):
            paragraph(line, look, out, indent="  ", further="    " if line.startswith(" ") else "  ")
    if len(story.endings) > SHOWN_RECIPIENTS:
        out.write(f"  ({SHOWN_RECIPIENTS} of {len(story.endings)} recipients; --format json has all)\n")
    for text in story.missing:
        paragraph(f"missing: {text}", look, out, indent="  ", further="  ")


def _title(story: Story, look: Look) -> str:
    words: dict[str, int] = {}
    for ending in story.endings:
        words[ending.status] = words.get(ending.status, 0) + 1
    several = len(story.endings) > 1
    ends = ", ".join(f"{count} {word}" if several else word for word, count in words.items()) or "no recipient known"
    title = neutral(f"{story.first.name or '(no id)'}: {ends}")
    return f"\x1b[1m{title}\x1b[0m" if look.color else title


def _facts(story: Story) -> list[tuple[str, str]]:
    first = story.first
    recipients = [ending.recipient for ending in story.endings if ending.recipient]
    to = ", ".join(recipients[:3]) + (f" and {len(recipients) - 3} more" if len(recipients) > 3 else "")  # noqa: PLR2004
    ids = [life.queue_id or "?" for life in story.lives if life.role != "notice"]
    facts = [
        ("from", "<> (a notice, or nobody to tell)" if first.sender == "" else first.sender or ""),
        ("to", to),
        ("subject", first.subject or ""),
        ("message-id", first.message_id or ""),
        ("raised by", first.raised_by or ""),
        ("campaign", first.campaign or ""),
        ("size", f"{first.size} bytes" if first.size is not None else ""),
        ("host", " → ".join(dict.fromkeys(life.host for life in story.lives if life.host))),
        ("queue ids", " → ".join(ids) if len(ids) > 1 else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _bar(steps: Sequence[Step]) -> str:
    """The attempts on a line of time; nothing if there was no more than one."""
    marked = [step for step in steps if step.time_us is not None and step.what not in UNMARKED]
    if sum(1 for step in marked if step.attempt) < 2 or not marked:  # noqa: PLR2004
        return ""
    begun, end = marked[0].time_us or 0, marked[-1].time_us or 0
    cells = ["-"] * BAR
    for step in marked:
        at = round((BAR - 1) * ((step.time_us or 0) - begun) / max(end - begun, 1))
        mark = MARKS.get(step.what, "!")
        cells[at] = mark if cells[at] in "-an" else cells[at] if mark in "an" else mark
    return f"{''.join(cells)} {waited((end - begun) / SECOND)}"


def _table(story: Story, head: Head) -> tuple[list[Column], list[list[str]]]:
    """The timeline's columns and cells; columns that would be empty are left out."""
    candidates = [TIME, WAIT, NUMBER, WHAT, QUEUE_ID, RECIPIENT, RELAY, CODE, REPLY, DELAYS]
    rows = [_cells(step, count, others, head) for step, count, others in _together(story.steps)]
    one_id = len({step.queue_id for step in story.steps if step.queue_id}) < 2  # noqa: PLR2004
    one_recipient = len({step.recipient for step in story.steps if step.recipient}) < 2  # noqa: PLR2004
    left_out = {QUEUE_ID.name: one_id, RECIPIENT.name: one_recipient}
    kept = [
        at
        for at, column in enumerate(candidates)
        if not left_out.get(column.name, False) and any(row[at] for row in rows)
    ]
    return [candidates[at] for at in kept], [[row[at] for at in kept] for row in rows]


def _together(steps: Sequence[Step]) -> list[tuple[Step, int, list[str]]]:
    """Steps of one line or moment that differ in the recipient only, as one."""
    result: list[tuple[Step, int, list[str]]] = []
    for step in steps:
        if result and step.recipient and _alike(result[-1][0], step):
            before, count, others = result[-1]
            result[-1] = (before, count + 1, [*others, step.recipient])
        else:
            result.append((step, 1, [step.recipient] if step.recipient else []))
    return result


def _alike(one: Step, other: Step) -> bool:
    fields = ("time_us", "what", "queue_id", "attempt", "relay", "smtp_code", "enhanced_status", "reply", "next_id")
    return one.recipient is not None and all(getattr(one, name) == getattr(other, name) for name in fields)


def _cells(step: Step, count: int, recipients: list[str], head: Head) -> list[str]:
    who = recipients[0] if recipients else ""
    code = " ".join(str(part) for part in (step.smtp_code, step.enhanced_status) if part is not None)
    known = [part for part in step.delays if part is not None]
    gap = step.what == "gap"
    return [
        "" if step.time_us is None or gap else local(step.time_us, head.zone),
        "" if step.wait is None or gap else waited(step.wait),
        "" if step.attempt is None else str(step.attempt),
        step.what,
        step.queue_id or "",
        f"{who} and {count - 1} more" if count > 1 else who,
        step.relay or "",
        code,
        "; ".join(part for part in (step.text, _without_code(step)) if part),
        "/".join("-" if part is None else f"{part:g}" for part in step.delays) if known else "",
    ]


def _without_code(step: Step) -> str:
    """The reply without the codes that stand beside it."""
    text = step.reply or ""
    for code in (step.smtp_code, step.enhanced_status):
        if code is not None:
            text = text.removeprefix(f"{code} ").removeprefix(f"{code}-")
    return text


def _ended(story: Story, ending: Ending, head: Head) -> list[str]:
    """How it ended for one recipient, and what is to be expected."""
    name = ending.recipient or "(recipient unknown)"
    if ending.original_recipient:
        name += f" (given as {ending.original_recipient})"
    lines = [f"{name}: {_how(ending, head)}"]
    lines += [f"  {text}" for text in put_off(story, ending)]
    due = prospects(story, ending)
    ends = story.log_ends_us or 0
    expected = (
        ("next try expected ~", "next try was due ~", due.next_try_us),
        ("delay warning due", "delay warning was due", due.warning_us),
        ("gives up at", "was to give up at", due.gives_up_us),
    )
    facts = [
        f"{ahead if when >= ends else past} {local(when, head.zone)}"
        for ahead, past, when in expected
        if when is not None
    ]
    if facts:
        lines.append(f"  {'; '.join(facts)} (policy {story.policy.name})")
    if ending.open and story.log_ends_us is not None:
        lines.append(f"  as of the end of the logs, {local(story.log_ends_us, head.zone)}")
    if ending.outcome == PENDING and is_overdue(story.first.origin, ending.submitted_us, story.log_ends_us):
        lines.append("  pending for more than 10 minutes: handed over, and nothing heard since")
    if ending.category and ending.outcome != "delivered":
        lines.append(f"  cause: {_cause(ending)}")
    lines += [f"  {text}" for text in deviations(story, ending)]
    return lines


def _cause(ending: Ending) -> str:
    """What kind of failure it was, and what to do; a permanent one that says no more makes no address invalid."""
    code = str(ending.smtp_code or ending.enhanced_status or "")
    if ending.category == "unknown" and code.startswith("5") and ending.finished_us is not None:
        return (
            f"undetermined: {code} says only that it is permanent, the words not why; "
            "no reason to take the address for invalid: read the reply, ask the receiver's postmaster"
        )
    return f"{ending.category} ({ending.type}): {_action(ending.category or '')}"


def _action(category: str) -> str:
    """What to do next."""
    from mailaudit.classify.tables import categories  # noqa: PLC0415 (only where something failed)

    known = categories().get(category)
    return known.action if known else ""


def _how(ending: Ending, head: Head) -> str:
    parts = [ending.status if ending.status == ending.outcome else f"{ending.status} ({ending.outcome})"]
    if ending.outcome == "unknown":
        parts = ["outcome not in these logs"]
    if ending.finished_us is not None:
        parts.append(f"at {local(ending.finished_us, head.zone)}")
    if ending.elapsed is not None:
        parts.append(f"after {waited(ending.elapsed)}")
    text = " ".join(parts)
    text += f", {counted(ending.attempts, 'attempt')}"
    if ending.deferrals:
        text += f", {counted(ending.deferrals, 'deferral')}"
    if ending.outcome not in {"delivered", "pending", "unknown"} and ending.reply:
        text += f": {ending.reply}"
    return text
