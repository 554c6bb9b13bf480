"""Which messages a word means: a queue id, a Message-ID, an address, or an id in the next server's reply."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailaudit.measure.filters import Conditions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mailaudit.measure.engine import Engine

QUEUE_ID = """
select l.root from lives l where l.queue_id = ?
union
select p.root
from lives l
join edges e on e.child_key = l.key and e.kind = 'notice'
join lives p on p.key = e.parent_key
where l.queue_id = ?
"""
MESSAGE_ID = "select root from lives where message_id = ? or provider_message_id = ? or handed_as = ?"
EVENT_ID = "select l.root from deliveries d join lives l on l.key = d.key where d.event_id = ?"
ADDRESS = """
select root from lives where lower(sender) = ? and role <> 'aborted'
union
select root from recipients where lower(recipient) = ? or lower(original_recipient) = ?
"""
REPLY = "select l.root from deliveries d join lives l on l.key = d.key where d.reply like ? escape '!'"
REFUSED = """
select source, line, time_us, host, program, raw_event, phase, cause, client_host, client_ip, sender, recipient,
    smtp_code, enhanced_status, reply
from refusals
where queue_id is null and (lower(sender) = ? or lower(recipient) = ?)
order by time_us, source, "offset"
"""
_RECIPIENT = 11
"""Which column of `REFUSED` that is."""
ORDER = """
select key from lives where key in ({marks}) and {range}
order by coalesce(accepted_us, first_us), source, "offset"
"""
RECIPIENTS = "select distinct lower(recipient) from recipients where root in ({marks}) and recipient is not null"
LIKE_IT = "select queue_id from lives where lower(queue_id) like ? escape '!' order by queue_id limit 3"
SHORTEST = 5
"""Characters that an id in a reply has at least."""


@dataclass(frozen=True, slots=True)
class Found:
    """The messages by the key of their first life, in order of time, and refusals at the door."""

    roots: Sequence[int] = ()
    refusals: Sequence[tuple[Any, ...]] = field(default=())
    """Rows of `REFUSED`."""
    hint: str | None = None
    outside: bool = False
    """Something of that name is there, but not in the range."""

    def __bool__(self) -> bool:
        return bool(self.roots or self.refusals)


def find(engine: Engine, token: str, since_us: int | None = None, until_us: int | None = None) -> Found:
    """What the token means, by the first of these readings that finds anything; a range is that of the acceptance."""
    word = token.strip()
    plain = word.removeprefix("<").removesuffix(">")
    lower = plain.lower()
    for sql, values in (
        (QUEUE_ID, [word, word]),
        (MESSAGE_ID, [plain, plain, plain]),
        (EVENT_ID, [plain]),
        (ADDRESS, [lower, lower, lower]),
        (REPLY, [f"%{_quoted(word)}%"] if len(word) >= SHORTEST else None),
    ):
        roots = {root for (root,) in engine.rows(sql, values)} if values else set()
        refusals = engine.rows(REFUSED, [lower, lower]) if sql is ADDRESS and "@" in lower else []
        if roots or refusals:
            held = _in_order(engine, roots, since_us, until_us)
            seen = [row for row in refusals if _within(row[2], since_us, until_us)]
            return Found(held, seen, outside=not held and not seen)
    near = [queue_id for (queue_id,) in engine.rows(LIKE_IT, [f"{_quoted(lower)}%"])] if lower else []
    return Found(hint=f"did you mean {' or '.join(near)}?" if near else None)


def recipients(engine: Engine, roots: Sequence[int]) -> set[str]:
    """The addresses in lower case to which these messages went."""
    if not roots:
        return set()
    return {address for (address,) in engine.rows(RECIPIENTS.format(marks=_marks(roots)), list(roots))}


def refused_recipients(found: Found) -> set[str]:
    """The addresses in lower case for which the server refused mail at the door."""
    return {str(row[_RECIPIENT]).lower() for row in found.refusals if row[_RECIPIENT]}


def _quoted(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)


def _in_order(engine: Engine, roots: set[int], since_us: int | None, until_us: int | None) -> list[int]:
    if not roots:
        return []
    conditions = Conditions()
    conditions.between("coalesce(accepted_us, first_us)", since_us, until_us)
    sql = ORDER.format(marks=_marks(roots), range=conditions.sql)
    return [key for (key,) in engine.rows(sql, [*roots, *conditions.values])]


def _within(time_us: int, since_us: int | None, until_us: int | None) -> bool:
    return (since_us is None or time_us >= since_us) and (until_us is None or time_us < until_us)


def _marks(values: Collection[int]) -> str:
    return ", ".join("?" * len(values))
