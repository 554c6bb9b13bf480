"""Facts about addresses, from all mail that was sent to them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.advise.cumulative import Fact
from mailaudit.measure.causes import causes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from mailaudit.measure.engine import Engine, Row

_DOUBTFUL = "coalesce(d.cumulative, false) or c.suppress in ('repeat', 'now')"
SOFT = {"cumulative": _DOUBTFUL, "all-soft": f"{_DOUBTFUL} or c.type = 'soft' or e.event = 'soft_bounced'"}
"""What counts as a soft bounce, by the word that --count takes."""


@dataclass(frozen=True, slots=True)
class Send:
    """One message to one address, as far as rules about senders look at it."""

    sender: str
    tags: str


def facts(engine: Engine, count: str, also: Iterable[str], exempt: Callable[[Send], bool] | None = None) -> list[Fact]:
    """All facts about addresses that anything speaks against, and about those named in `also` (in lower case)."""
    causes(engine)
    engine.table("asked_about", ("address varchar",), [(address,) for address in dict.fromkeys(also)])
    engine.script("hygiene.sql", soft=SOFT[count])
    spared = _exempt(engine, exempt) if exempt else set()
    rows = engine.rows(
        'select e.time_us, e.source, e."offset", e."row", e.address, e.kind, e.root, e.category, d.reply, e.event, '
        'e.loose from evidence e left join deliveries d on d."row" = e."row" where e.time_us is not null '
        'order by e.time_us, case when e.kind = \'sent\' then 0 else 1 end, e.source, e."offset", e."row", e.kind'
    )
    return list(_facts(rows, spared))


ENDS = ("soft", "invalid")


def _facts(rows: Iterable[Row], spared: Collection[int]) -> Iterator[Fact]:
    """Yields the facts. Where records name no mail (Bloomreach's), a new one begins with a send, or after an end."""
    now: dict[tuple[int, str], int] = {}
    ended: set[int] = set()
    numbers = itertools.count(-1, -1)  # keys of lives are hashes: none of them is so near to 0
    for time_us, source, offset, row, address, kind, root, category, reason, event, loose in rows:
        message, place = root, (source, offset, -1 if row is None else row)
        if loose:
            known = now.get((root, address))
            end = kind in ENDS or event == "delivered"
            if known is None or kind == "sent" or (end and known in ended):
                known = now[root, address] = next(numbers)
                if kind != "sent" and end:
                    yield Fact(time_us, place, address, "sent", known, transactional=root in spared)
            if end:
                ended.add(known)
            message = known
        exempt = kind == "sent" and root in spared
        why = "no reason is given" if reason is None and kind == "invalid" else reason
        yield Fact(time_us, place, address, kind, message, why, category, exempt, place[2])


def _exempt(engine: Engine, exempt: Callable[[Send], bool]) -> set[int]:
    """The messages that are tried whatever is known of the address."""
    found = engine.rows(
        "select s.root, l.sender, max(d.tags) from (select distinct root from evidence where kind = 'sent') s "
        "join life l on l.key = s.root left join deliveries d on d.key = s.root group by s.root, l.sender"
    )
    return {root for root, sender, tags in found if exempt(Send(sender or "", tags or ""))}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands and what it says."""

    source: int
    line: int
    queue_id: str | None
    event: str
    smtp_code: int | None
    enhanced_status: str | None
    reply: str | None


def places(engine: Engine, rows: Collection[int]) -> dict[int, Place]:
    """What stands in these rows of `deliveries`."""
    engine.table("wanted_rows", ('"row" bigint',), [(row,) for row in rows])
    found = engine.rows(
        'select d."row", d.source, d.line, coalesce(l.queue_id, d.provider_message_id, d.message_id), d.event, '
        "d.smtp_code, "
        'd.enhanced_status, d.reply from deliveries d join wanted_rows w on w."row" = d."row" '
        "join life l on l.key = d.key"
    )
    return {row[0]: Place(*row[1:]) for row in found}


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what became of it for one address."""

    queue_id: str | None
    sender: str | None
    outcome: str | None


def messages(engine: Engine, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Message]:
    """The messages of these (message, address in lower case)."""
    engine.table("wanted_messages", ("root bigint", "address varchar"), list(wanted))
    found = engine.rows(
        "select r.root, w.address, coalesce(r.queue_id, r.provider_message_id, r.message_id), r.sender, r.outcome "
        "from recipients r join wanted_messages w on w.root = r.root and w.address = lower(r.recipient)"
    )
    return {(root, address): Message(queue_id, sender, outcome) for root, address, queue_id, sender, outcome in found}
