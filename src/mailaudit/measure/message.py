"""What the tables hold of one message, as `trace` tells it: its lives, deliveries, refusals and endings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailaudit.measure.causes import causes
from mailaudit.model.statuses import translated
from mailaudit.model.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.measure.engine import Engine

_LIVES = """
select key, coalesce(queue_id, handed_as, provider_message_id),
    case when origin = 'provider' then instance else host end, role, depth, first_us, last_us, accepted_us, ended_us,
    sender, size, nrcpt, message_id,
    client_host, client_ip, sasl_user, origin, source, line, subject, raised_by, campaign
from lives
where root = ? or key in (
    select e.child_key from edges e join lives p on p.key = e.parent_key where e.kind = 'notice' and p.root = ?
)
order by depth, first_us, source, "offset"
"""

_EDGES = """
select child_key, parent_key, kind, known_by
from edges
where child_key in ({marks}) and parent_key in ({marks})
order by time_us, child_key
"""

_FACTS = """
select d.key, d.source, d.line, d.time_us, d.program, d.event, d.raw_event, d.recipient, d.original_recipient,
    d.relay_host, d.relay_ip, d.relay_port, d.smtp_code, d.enhanced_status, coalesce(d.reply, d.url),
    coalesce(d.attempted, true), d.delay, d.delay_a, d.delay_b, d.delay_c, d.delay_d, d.tls,
    nullif(d.next_id, ''), d.notice, c.category, c.type
from deliveries d
left join causes c on c."row" = d."row"
where d.key in ({marks})
order by d.time_us, d.source, d."offset", d.recipient
"""

_REFUSED = """
select key, source, line, time_us, event, raw_event, phase, recipient, client_host, client_ip, smtp_code,
    enhanced_status, reply
from refused
where key in ({marks})
order by time_us, source, "offset"
"""

_ENDINGS = """
select recipient, original_recipient, outcome, status, submitted_us, accepted_us, finished_us, attempts, deferrals,
    smtp_code, enhanced_status, reply, relay_host, category, type, event
from recipients
where root = ?
order by recipient
"""


class Life(NamedTuple):
    """One queue id's life (see `measure.derived.LIVES`)."""

    key: int
    queue_id: str | None
    host: str | None
    role: str
    depth: int
    first_us: int
    last_us: int
    accepted_us: int | None
    ended_us: int | None
    sender: str | None
    size: int | None
    nrcpt: int | None
    message_id: str | None
    client_host: str | None
    client_ip: str | None
    sasl_user: str | None
    origin: str | None
    source: int
    line: int
    subject: str | None
    raised_by: str | None
    campaign: str | None

    @property
    def name(self) -> str | None:
        """Its queue id, or the id that the provider or its sender gave it."""
        return self.queue_id or self.message_id


class Edge(NamedTuple):
    """What says that one life follows from another (see `measure.derived.EDGES`)."""

    child_key: int
    parent_key: int
    kind: str
    known_by: int


class Ending(NamedTuple):
    """How it ended, or stands, for one recipient (see `measure.derived.RECIPIENTS`)."""

    recipient: str | None
    original_recipient: str | None
    outcome: str
    status: str
    submitted_us: int
    accepted_us: int | None
    finished_us: int | None
    attempts: int
    deferrals: int
    smtp_code: int | None
    enhanced_status: str | None
    reply: str | None
    relay_host: str | None
    category: str | None
    type: str | None
    event: str | None
    """The deciding one."""

    def told(self, vocabulary: str) -> Ending:
        """The same with the status in the words of a service."""
        return self._replace(status=translated(vocabulary, self.status, self.event, self.type))

    @property
    def open(self) -> bool:
        """True while more may come."""
        return self.outcome in {"deferred", "pending", "held"}

    @property
    def elapsed(self) -> float | None:
        """Seconds from acceptance to the end; None while open, or if the acceptance is not in these logs."""
        if self.finished_us is None or self.accepted_us is None:
            return None
        return (self.finished_us - self.accepted_us) / SECOND


class Fact(NamedTuple):
    """One line about a delivery (see `model.columns.DELIVERIES`)."""

    key: int
    source: int
    line: int
    time_us: int
    program: str | None
    event: str
    raw_event: str | None
    recipient: str | None
    original_recipient: str | None
    relay_host: str | None
    relay_ip: str | None
    relay_port: int | None
    smtp_code: int | None
    enhanced_status: str | None
    reply: str | None
    attempted: bool
    delay: float | None
    delay_a: float | None
    delay_b: float | None
    delay_c: float | None
    delay_d: float | None
    tls: str | None
    next_id: str | None
    notice: str | None
    category: str | None
    type: str | None


class Refusal(NamedTuple):
    """One command refused, or marked, after the message had its queue id (see `model.columns.REFUSALS`)."""

    key: int
    source: int
    line: int
    time_us: int
    event: str
    raw_event: str | None
    phase: str | None
    recipient: str | None
    client_host: str | None
    client_ip: str | None
    smtp_code: int | None
    enhanced_status: str | None
    reply: str | None


def lives(engine: Engine, root: int) -> list[Life]:
    """Returns the lives of the message and of the notices about it, in order; `root` is the key of its first."""
    return [Life(*row) for row in engine.rows(_LIVES, [root, root])]


def edges(engine: Engine, keys: Sequence[int]) -> list[Edge]:
    """Returns how these lives follow from one another, in order of time."""
    return [Edge(*row) for row in engine.rows(_EDGES.format(marks=_marks(keys)), [*keys, *keys])]


def facts(engine: Engine, keys: Sequence[int]) -> list[Fact]:
    """Returns the lines about deliveries of these lives, in order of time, with the causes of failures."""
    causes(engine)
    return [Fact(*row) for row in engine.rows(_FACTS.format(marks=_marks(keys)), keys)]


def refusals(engine: Engine, keys: Sequence[int]) -> list[Refusal]:
    """Returns the commands refused or marked in these lives, in order of time."""
    return [Refusal(*row) for row in engine.rows(_REFUSED.format(marks=_marks(keys)), keys)]


def endings(engine: Engine, root: int, vocabulary: str) -> list[Ending]:
    """Returns how it ended for each recipient of the message; the status is in the words of a service."""
    return [Ending(*row).told(vocabulary) for row in engine.rows(_ENDINGS, [root])]


def _marks(keys: Sequence[int]) -> str:
    return ", ".join("?" * len(keys))
