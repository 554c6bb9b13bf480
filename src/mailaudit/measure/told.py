"""Questions about what senders should be told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.measure.engine import Engine, Row
    from mailaudit.measure.filters import Filters

KINDS = ("failed", "complained", "rejected", "unsubscribed")

_DOOR = """
insert into told
select 'rejected', 'rejected', r.time_us, r.source, r.line, r."offset", r.host, r.recipient, r.recipient_domain, null,
    r.sender, null, r.queue_id, null, r.smtp_code, r.enhanced_status, r.reply, null, null, r.sasl_user, r.client_host,
    r.client_ip, 'rejected', null, null, null
from refusals r
where r.event = 'rejected'
"""
_FIELDS = (
    "kind, outcome, time_us, recipient, sender, subject, queue_id, message_id, smtp_code, enhanced_status, reply, "
    "category, rule, action, source, line"
)


def prepare(engine: Engine, *, rejects: bool) -> None:
    """Makes the table `told`; with `rejects`, of what was refused at the door, too."""
    causes(engine)
    engine.script("told.sql")
    if rejects:
        engine.run(_DOOR)


def told(
    engine: Engine, kinds: Sequence[str], filters: Filters, since_us: int | None, until_us: int | None
) -> list[Row]:
    """What happened in a range, in order of time: the fields above."""
    conditions = Conditions()
    conditions.any_of(("t.kind = ?", [kind]) for kind in kinds)
    conditions.between("t.time_us", since_us, until_us)
    conditions.filters(filters, "t", variables=False)
    return engine.rows(
        f'select {_FIELDS} from told t where {conditions.sql} order by time_us, source, "offset", recipient, kind',
        conditions.values,
    )


def counts(engine: Engine, since_us: int, until_us: int) -> dict[str, int]:
    """How many of each kind in a range, whatever the filters; and of the failed, those that were not tried."""
    found = engine.rows(
        "select kind, cast(count(*) as bigint), "
        "cast(sum(case when outcome = 'suppressed' then 1 else 0 end) as bigint) "
        "from told where time_us >= ? and time_us < ? group by kind",
        [since_us, until_us],
    )
    numbers = dict.fromkeys(KINDS, 0) | {kind: number for kind, number, _ in found}
    return numbers | {"suppressed": sum(suppressed for kind, _, suppressed in found if kind == "failed")}
