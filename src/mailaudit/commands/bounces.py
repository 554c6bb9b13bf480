"""`mailaudit bounces`: what failed, by domain, code and reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from mailaudit.commands import options
from mailaudit.commands.replies import normalised
from mailaudit.commands.session import check_names, finish, session
from mailaudit.measure.filters import Conditions
from mailaudit.model.columns import Column
from mailaudit.writers.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.measure.filters import Filters

COLUMNS = (
    Column("domain", "text", "recipients' domain"),
    Column("outcome", "word", "bounced, or expired: given up after temporary failures"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("smtp_code", "int", "reply code; null if none was given"),
    Column("reply", "text", "the reply without addresses, hosts, numbers, ids and URLs"),
    Column("category", "word", "cause; null until classified"),
    Column("recipients", "big", "recipients for whom mail failed so"),
    Column("messages", "big", "messages"),
    Column("first", "time", "the earliest"),
    Column("last", "time", "the latest"),
    Column("told", "big", "of these failures, those of which a notice went to the sender"),
    Column("told_whom", "text", "whom the notice of the example went to; null if no notice is in these logs"),
    Column("queue_id", "text", "queue id of the example, the earliest"),
    Column("recipient", "text", "its recipient"),
    Column("sender", "text", "its sender"),
    Column("example", "text", "its reply, whole"),
)
SHOWN = ("recipients", "domain", "enhanced_status", "first", "last", "told", "queue_id", "reply")

FAILURES = """
select
    r.recipient_domain, r.outcome, r.enhanced_status, r.smtp_code, r.reply, r.category, r.root, r.finished_us,
    n.key is not null, r.queue_id, r.recipient, r.sender
from recipients r
left join (select distinct key from deliveries where event = 'notified' and notice = 'failure') n on n.key = r.key
where r.role in ({roles}) and r.outcome in ('bounced', 'expired') and {conditions}
order by r.finished_us, r.source, r."offset", r.recipient
"""


@dataclass(slots=True)
class Group:
    """Failures that are the same but for names and numbers; the example is the earliest."""

    first_us: int
    last_us: int
    noticed: bool
    queue_id: str | None
    recipient: str | None
    sender: str | None
    reply: str | None
    recipients: int = 0
    told: int = 0
    roots: set[int] = field(default_factory=set)


@click.command(
    epilog="""\b
Examples:
  mailaudit bounces --since yesterday /var/log/mail.log
  mailaudit bounces --domain gmail.com --code 5.7.x --format csv /var/log/mail.log*
  mailaudit bounces --since 48h --columns domain,reply,recipients,told /var/log/mail.log
"""
)
@options.reading
@options.filters
@options.period
@options.include_notices
@options.writing
def bounces(*, source: Input, filters: Filters, period: Period, include_notices: bool, output: Output) -> int:
    """What failed for good, grouped by recipients' domain, enhanced status code and reply.

    Failures count at the time of the failure. What differs from mail to mail (addresses, hosts, ids, numbers) is taken
    out of the reply, so that equal causes stand together; each line has its earliest example.
    """
    check_names(COLUMNS, output.columns)
    with session("bounces", source, output, period) as this:
        conditions = Conditions()
        conditions.between("r.finished_us", this.since_us, this.until_us)
        conditions.filters(filters, "r")
        roles = "'user', 'notice'" if include_notices else "'user'"
        rows = this.run.engine.rows(FAILURES.format(roles=roles, conditions=conditions.sql), conditions.values)
        answer = Answer(
            "bounces",
            "What failed",
            "recipients",
            "the failure",
            COLUMNS,
            grouped(rows),
            shown=SHOWN,
        )
        return finish(this, [answer], output)


def grouped(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS`, most recipients first; `rows` come in order of time."""
    groups: dict[tuple[Any, ...], Group] = {}
    for domain, outcome, status, code, reply, category, root, finished_us, noticed, queue_id, recipient, sender in rows:
        key = (domain, outcome, status, code, normalised(reply) if reply else None, category)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(finished_us, finished_us, noticed, queue_id, recipient, sender, reply)
        group.last_us = finished_us
        group.recipients += 1
        group.told += noticed
        group.roots.add(root)
    ordered = sorted(groups.items(), key=lambda item: -item[1].recipients)  # stable: then the earliest first
    return [_row(key, group) for key, group in ordered]


def _row(key: tuple[Any, ...], group: Group) -> tuple[Any, ...]:
    whom = (group.sender or "nobody (null sender)") if group.noticed else None
    counts = (group.recipients, len(group.roots), group.first_us, group.last_us, group.told)
    return (*key, *counts, whom, group.queue_id, group.recipient, group.sender, group.reply)
