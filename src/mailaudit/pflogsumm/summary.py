"""pflogsumm's tables, as they are counted up."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Domain:
    """What was delivered to a domain; delays in seconds."""

    count: int = 0
    bytes: int = 0
    deferrals: int = 0
    delay: float = 0.0
    longest: float = 0.0


Nested = dict[str, Counter[str]]


def _nested() -> Nested:
    return defaultdict(Counter)


@dataclass(slots=True)
class Connections:
    """Sessions of smtpd: how many, how long in all, how long at most."""

    count: int = 0
    seconds: int = 0
    longest: int = 0

    def add(self, seconds: int) -> None:
        """Adds one session."""
        self.count += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)


@dataclass(slots=True)
class Summary:
    """pflogsumm's tables. Days are YYYY-MM-DD by its own idea of the year."""

    totals: Counter[str] = field(default_factory=Counter)
    days: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 5))
    hours: list[list[int]] = field(default_factory=lambda: [[0] * 5 for _ in range(24)])
    day_count: int = 0
    delivery: dict[str, Domain] = field(default_factory=lambda: defaultdict(Domain))
    received: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    senders: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    recipients: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    without_size: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, Any] = field(default_factory=_nested)
    """By program and reason; 1.3.0: by program, host and reason."""
    bounced: Nested = field(default_factory=_nested)
    rejects: dict[str, Nested] = field(default_factory=lambda: defaultdict(_nested))
    warns: dict[str, Nested] = field(default_factory=lambda: defaultdict(_nested))
    holds: dict[str, Nested] = field(default_factory=lambda: defaultdict(_nested))
    discards: dict[str, Nested] = field(default_factory=lambda: defaultdict(_nested))
    unreached: Nested = field(default_factory=_nested)
    warnings: Nested = field(default_factory=_nested)
    fatals: Nested = field(default_factory=_nested)
    panics: Nested = field(default_factory=_nested)
    master: Counter[str] = field(default_factory=Counter)
    sessions: Connections = field(default_factory=Connections)
    sessions_by_hour: dict[int, Connections] = field(default_factory=lambda: defaultdict(Connections))
    sessions_by_day: dict[str, Connections] = field(default_factory=lambda: defaultdict(Connections))
    sessions_by_client: dict[str, Connections] = field(default_factory=lambda: defaultdict(Connections))
    # What 1.3.0 has, too.
    first_day: str = ""
    last_day: str = ""
    expired: Counter[str] = field(default_factory=Counter)
    tls: Nested = field(default_factory=_nested)
    tls_troubles: Nested = field(default_factory=_nested)
    postscreen: Nested = field(default_factory=_nested)
    screened: Connections = field(default_factory=Connections)
    screened_clients: set[str] = field(default_factory=set)

    def session(self, day: str, hour: int, client: str, seconds: int) -> None:
        """Adds a session of smtpd."""
        for counter in (
            self.sessions, self.sessions_by_hour[hour], self.sessions_by_day[day], self.sessions_by_client[client],
        ):  # fmt: skip
            counter.add(seconds)

    def sent_by(self, sender: str, domain: str, size: int) -> None:
        """Adds a message that came in with its size."""
        for table, name, unit in (
            (self.senders, sender, "senders"),
            (self.received, domain, "sending hosts/domains"),
        ):
            self.totals[unit] += name not in table
            table[name][0] += 1
            table[name][1] += size
        self.totals["bytes received"] += size
