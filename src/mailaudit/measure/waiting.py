"""Who still waits at the end of the logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.measure.engine import Engine, Row

_WAITING = """
select queue_id, outcome, submitted_us, size, sender, recipient, recipient_domain, reply
from recipients
where outcome in ('deferred', 'pending', 'held')
    and (role = 'user' or (role = 'notice' and (size is not null or recipient is not null)))
order by submitted_us, source, "offset", recipient
"""


def waiting(engine: Engine) -> list[Row]:
    """Recipients of users' mail and of notices for whom nothing is settled, by time of acceptance.

    Of a notice there must be a line of its own: logs that only tell that it was written (RealSender's) never tell how
    it ended.
    Each: queue id, outcome, acceptance in µs, bytes, sender, recipient, the recipient's domain, the last reply.
    """
    return engine.rows(_WAITING)
