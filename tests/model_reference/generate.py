"""Random mail logs, the same bytes for the same seed, with a record of which line belongs to which mail.

A simulation: mails arrive, hold a queue id, are tried and retried, bounce, are forwarded or filtered, and leave; every
step writes the lines that the real programs write. What logs do to their readers is done here on purpose: ids come
back seconds after they were freed, lines overtake one another a little, mails began before the log and end after it,
some lines are lost, and replies, HELO names and headers pretend to be other lines.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
START = dt.datetime(2025, 3, 3, 8, 0, tzinfo=dt.UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

REPLIES = (
    "250 2.0.0 Ok: queued as 4BEEF1234",
    "250 2.0.0 OK  1766558489 h04lvwzfgsvor61kteubvgr6.164 - gsmtp",
    "250 2.6.0 <a@b.example> [InternalId=4, Hostname=X.prod.outlook.com] 8659 bytes in 0.7, 5.9 KB/sec Queued mail",
    "250 ok (status=deferred (no)); to=<x@decoy.example>, relay=decoy, delay=1, dsn=4.0.0, status=bounced (decoy)",
    "250 Danke schön, (angenommen",
    "250 2.0.0 from=<fake@decoy.example>, size=1, nrcpt=1 (queue active)",
    "250 2.0.0 sender non-delivery notification: ABCDEF01",
    "250 ) :) removed",
)
DEFERRALS = (
    "host {mx}[{ip}] said: 450 4.7.1 <{to}>: Recipient address rejected: Greylisted (in reply to RCPT TO command)",
    "connect to {mx}[{ip}]:25: Connection timed out",
    "delivery temporarily suspended: connect to {mx}[{ip}]:25: Connection refused",
    "lost connection with {mx}[{ip}] while receiving the initial server greeting",
    "host {mx}[{ip}] said: 421 4.3.2 try later; status=sent (250 ok) (in reply to end of DATA command)",
    "Host or domain name not found. Name service error for name={mx} type=MX: Host not found, try again",
)
BOUNCES = (
    "host {mx}[{ip}] said: 550-5.1.1 no such user 550 5.1.1 see https://x.example/?p=1 (in reply to RCPT TO command)",
    "host {mx}[{ip}] said: 554 5.7.1 ((( status=sent (250 Ok) to=<nobody@x.example>, relay=fake (in reply to DATA)",
    'unknown user: "nobody"',
    "mail for {mx} loops back to myself",
)
DOMAINS = ("alder.example", "birch.example", "cedar.example", "Dogwood.Example", "elder.co.example")
TAME = slice(0, 3)
"""The part of each list that pretends nothing."""
PEOPLE = ("anna", "ben", "carla", "d'arc", "Elif", "f+tag=1", "jürgen", '"two words"', '"a,b>c"', "x=y")
OWN = "meadow.example"


@dataclass(slots=True)
class Mail:
    """One mail while it held one queue id."""

    number: int
    host: str
    instance: str
    queue_id: str
    message_id: str
    sender: str
    size: int
    recipients: list[str]
    client_host: str | None = None
    client_ip: str | None = None
    sasl_user: str | None = None
    kind: str = "user"
    parent: int | None = None


@dataclass(slots=True)
class Entry:
    """One line: when it happened, when it was written, and whose it is."""

    time_us: int
    written_us: int
    order: int
    host: str
    tag: str
    text: str
    mail: int | None


@dataclass(slots=True)
class Log:
    """The bytes of a log, the mail number of each line (None: of no mail), and the mails."""

    data: bytes
    owners: list[int | None]
    mails: list[Mail]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to generate."""

    seed: int = 0
    mails: int = 60
    hosts: int = 1
    ids: int = 12
    """Queue ids that a host has; few of them come back soon."""
    apart_s: float = 20.0
    """Mean time between arrivals."""
    lost: float = 0.02
    """Share of the `removed` lines that are missing."""
    cut: float = 0.1
    """Share of lines missing at either end."""
    rfc3339: bool = True
    crlf: bool = False
    hostile: bool = True
    """Replies, addresses and HELO names that pretend to be something else."""


@dataclass
class World:
    """The clock, the random numbers and the lines of one simulation."""

    plan: Plan
    rng: random.Random = field(init=False)
    entries: list[Entry] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    agenda: list[tuple[int, int, Callable[[int], None]]] = field(default_factory=list)
    planned: int = 0

    def pick(self, texts: Sequence[T]) -> T:
        """One of the texts; only of the tame ones, if nothing is to be hostile."""
        return self.rng.choice(texts if self.plan.hostile else texts[TAME])

    def __post_init__(self) -> None:
        self.rng = random.Random(self.plan.seed)  # noqa: S311 - mail, not secrets

    def at(self, time_us: int, step: Callable[[int], None]) -> None:
        """Plans a step."""
        self.planned += 1
        heapq.heappush(self.agenda, (time_us, self.planned, step))

    def later(self, now: int, seconds: float, step: Callable[[int], None]) -> None:
        """Plans a step some seconds from now."""
        self.at(now + int(seconds * 1_000_000), step)

    def run(self) -> None:
        """Goes through the agenda."""
        while self.agenda:
            time_us, _, step = heapq.heappop(self.agenda)
            step(time_us)

    def write(self, now: int, host: str, tag: str, text: str, mail: Mail | None = None, *, late_s: float = 0) -> None:
        """Writes a line; `late_s` lets lines written after it overtake it."""
        number = mail.number if mail else None
        written = now + int(late_s * 1_000_000)
        tag = f"{tag}[{self.rng.randrange(100, 99999)}]"
        self.entries.append(Entry(now, written, len(self.entries), host, tag, text, number))

    def address(self, domain: str | None = None) -> str:
        """Somebody's address."""
        return f"{self.pick(PEOPLE)}@{domain or self.rng.choice(DOMAINS)}"

    def ip(self) -> str:
        """An address of the documentation ranges."""
        if self.rng.random() < 0.2:
            return f"2001:db8::{self.rng.randrange(1, 9999):x}"
        return f"198.51.100.{self.rng.randrange(1, 255)}"

    def log(self) -> Log:
        """The lines in the order in which they were written, cut at both ends."""
        entries = sorted(self.entries, key=lambda entry: (entry.written_us, entry.order))
        cut = int(len(entries) * self.plan.cut)
        entries = entries[cut : len(entries) - cut]
        end = "\r\n" if self.plan.crlf else "\n"
        stamp = rfc3339 if self.plan.rfc3339 else traditional
        text = end.join(f"{stamp(entry.time_us)} {entry.host} {entry.tag}: {entry.text}" for entry in entries)
        ending = end if self.rng.random() < 0.8 else ""
        return Log((text + ending).encode(), [entry.mail for entry in entries], self.mails)


def rfc3339(time_us: int) -> str:
    """2025-03-03T08:00:00.123456+00:00."""
    return (EPOCH + dt.timedelta(microseconds=time_us)).isoformat(timespec="microseconds")


def traditional(time_us: int) -> str:
    """`Mar  3 08:00:00`, of UTC."""
    when = EPOCH + dt.timedelta(microseconds=time_us)
    return f"{MONTHS[when.month - 1]} {when.day:2} {when:%H:%M:%S}"


def start_us() -> int:
    """The beginning of all generated logs."""
    return (START - EPOCH) // dt.timedelta(microseconds=1)
