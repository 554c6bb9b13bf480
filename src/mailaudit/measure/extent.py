"""How far the logs reach, when they are silent, and what they hold that can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine, Row

_GAPS = """
select before_us, time_us, (time_us - before_us) / 1000000.0
from (
    select time_us, lag(time_us, 1, null) over (order by time_us) as before_us
    from (
        select time_us from deliveries
        union all select first_us from lives
        union all select last_us from lives
        union all select time_us from refusals
    ) moments
) pairs
where time_us - before_us >= ?
order by time_us - before_us desc, time_us
"""
_SILENCE = """
select max(first_us - before_us)
from (select first_us, lag(first_us, 1, null) over (order by first_us, key) as before_us from life)
"""
_CONTENTS = """
select
    (select count(*) from recipients where role = 'user'),
    (select count(*) from recipients where role = 'user' and outcome in ('bounced', 'expired')),
    (select count(*) from recipients where role = 'user' and deferrals > 0),
    (select count(*) from recipients where role = 'user' and outcome in ('deferred', 'pending', 'held')),
    (select count(*) from refusals where event = 'rejected'),
    coalesce(
        (select min(coalesce(queue_id, provider_message_id, message_id)) from recipients
            where role = 'user' and outcome in ('bounced', 'expired', 'deferred')),
        (select min(coalesce(queue_id, provider_message_id, message_id)) from recipients where role = 'user')
    )
"""


class Span(NamedTuple):
    """The first and the last moment of all lives, in µs; None if there is none."""

    first_us: int | None
    last_us: int | None


class Contents(NamedTuple):
    """Recipients of users' mail, and refusals at the door, by what can be asked of them."""

    recipients: int
    failed: int
    """Bounced or expired."""
    put_off: int
    """Put off at least once."""
    still_open: int
    refused: int
    example: str | None
    """The id of a message to trace; of one that met trouble, if there is any."""


def span(engine: Engine) -> Span:
    """From when to when the logs tell of messages."""
    return Span(*engine.rows("select min(first_us), max(last_us) from lives")[0])


def last_us(engine: Engine) -> int | None:
    """The last moment of all lives and refusals, in µs; None if there are none."""
    rows = engine.rows("select max(last_us) from lives union all select max(time_us) from refusals")
    return max((at_us for (at_us,) in rows if at_us is not None), default=None)


def tells_of_mail(engine: Engine) -> bool:
    """True if there is any message, or any refusal at the door."""
    return bool(engine.rows("select 1 from lives limit 1") or engine.rows("select 1 from refusals limit 1"))


def gaps(engine: Engine, least_us: int) -> list[Row]:
    """Times of at least this length without any fact about mail: begin and end in µs, seconds; the longest first."""
    return engine.rows(_GAPS, [least_us])


def silence(engine: Engine) -> int:
    """The longest time in µs without a new message; 0 if there are none."""
    return int(engine.rows(_SILENCE)[0][0] or 0)


def contents(engine: Engine) -> Contents:
    """How much there is of what can be asked."""
    return Contents(*engine.rows(_CONTENTS)[0])
