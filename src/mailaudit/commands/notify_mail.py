"""The digest of `mailaudit notify` as a message."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mailaudit.commands import notify_answers
from mailaudit.commands.session import now
from mailaudit.writers import destination, eml
from mailaudit.writers.escapes import neutral
from mailaudit.writers.page_text import WIDTH
from mailaudit.writers.values import local
from mailaudit.writers.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailaudit.commands.notify_answers import Day
    from mailaudit.commands.options import Mail, Output
    from mailaudit.commands.session import Session

USUAL = 100
"""Things that the message tells one by one, unless --limit says otherwise."""
KINDS = ("Failed", "Complained", "Rejected", "Unsubscribed")


def write(this: Session, found: Sequence[Sequence[Any]], day: Day, mail: Mail, output: Output) -> None:
    """Writes one complete message."""
    names = [column.name for column in notify_answers.NOTIFY]
    answer = notify_answers.answer(found, this.run.inputs, newest_first=True)
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    counts = Counter(row["status"] for row in rows)
    head = ", ".join(f"{counts[kind]} {kind.lower()}" for kind in KINDS if counts[kind])
    limit = USUAL if output.limit is None else output.limit
    order = ", the newest first" if len(rows) > 1 else ""
    lines = [f"{len(rows)} to be told{order}: {head}.", ""]
    for row in rows[:limit]:
        lines += [*_paragraph(this, row), ""]
    if len(rows) > limit:
        lines += [f"{limit} of {len(rows)} are shown, the newest.", ""]
    lines.append(f"{notify_answers.date(day, this.zone)}, all mail:")
    lines += [f"  {kind:<13} {day.counts[kind.lower()]}" for kind in KINDS]
    text = eml.message(
        sender=mail.mail_from,
        recipients=mail.to,
        subject=neutral(mail.subject or f"Mail: {head}"),
        date=now().astimezone(this.zone),
        text="".join(f"{part}\n" for line in lines for part in wrapped(neutral(line), WIDTH, " " * 11)),
    )
    with destination.opened(output.output) as out:
        out.write(text)


def _paragraph(this: Session, row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['status'].upper()}: {row['recipient'] or '(nobody known)'}"
    yield f"  time     {local(row['time'], this.zone)}"
    for name in ("sender", "subject", "queue_id"):
        if row[name]:
            yield f"  {name.replace('queue_id', 'id'):<8} {row[name]}"
    codes = " ".join(str(row[name]) for name in ("smtp_code", "enhanced_status") if row[name])
    if row["reason"] or codes:
        yield f"  reason   {row['reason'] or codes}"
    if row["meaning"]:
        yield f"  meaning  {row['meaning']}"
    if row["action"]:
        yield f"  action   {row['action']}"
