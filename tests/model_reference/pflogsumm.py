"""pflogsumm 1.1.5's numbers, counted from its definitions: what each one counts and what it leaves out.

The numbers are raw; pflogsumm prints large ones in `k` and `m`, and hours as means over the days.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = re.compile(
    r"(?:(?P<month>[A-Z][a-z]{2})  ?(?P<day>\d{1,2}) (?P<hour>\d\d):\d\d:\d\d"
    r"|\d{4}-(?P<imonth>\d\d)-(?P<iday>\d\d)T(?P<ihour>\d\d):\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z))"
    r" \S+ (?P<rest>.+)"
)
PROGRAM = re.compile(r"postfix(?:/(?:smtps|submission))?/(?P<program>[^\[:]*).*?: (?P<id>[^:\s]+)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CONTENT = re.compile(
    r"/cleanup\[\d+\]: .*?\b(?:milter-)?(?P<act>reject|warning|hold|discard): (?:header|body|END-OF-MESSAGE) "
)
ACCESS = re.compile(r"\[\d+\]: \w+: (?P<act>reject_warning|reject|hold|discard): ")
ARRIVED = re.compile(r"\[\d+\]: \w+: client=(?P<client>.+?)(?:,|$)")
QUEUED = re.compile(r"from=<(?P<sender>[^>]*)>, size=(?P<size>\d+)")
DELIVERY = re.compile(
    r"to=<(?P<to>[^>]*)>, (?:orig_to=<[^>]*>, )?relay=[^,]+, (?:conn_use=[^,]+, )?delay=(?P<delay>[^,]+), "
    r"(?:delays=[^,]+, )?(?:dsn=[^,]+, )?status=(?P<status>\S+)(?P<rest>.*)"
)
PICKED_UP = re.compile(r": (?:sender|uid)=")
ACTS = {"reject": "rejected", "reject_warning": "reject warnings", "warning": "reject warnings",
        "hold": "held", "discard": "discarded"}  # fmt: skip
RECEIVED, DELIVERED, DEFERRED, BOUNCED, REJECTED = range(5)
UNITS = ("received", "delivered", "forwarded", "deferred", "deferrals", "bounced", "rejected", "reject warnings",
         "held", "discarded", "bytes received", "bytes delivered", "senders", "sending hosts/domains", "recipients",
         "recipient hosts/domains")  # fmt: skip


@dataclass(slots=True)
class Domain:
    """What was delivered to a domain; delays in seconds."""

    count: int = 0
    bytes: int = 0
    deferrals: int = 0
    delay: float = 0.0
    longest: float = 0.0


@dataclass(slots=True)
class Summary:
    """pflogsumm's tables, by its own titles. Days are (month, day); columns of days and hours are its five."""

    totals: Counter[str] = field(default_factory=Counter)
    days: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 5))
    hours: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 5))
    day_changes: int = 0
    delivery: dict[str, Domain] = field(default_factory=lambda: defaultdict(Domain))
    received: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    senders: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    recipients: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    without_size: dict[str, str] = field(default_factory=dict)


class Counting:
    """Counts line by line; everything is kept by queue id, and a reused id is the same id."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.sizes: dict[str, int] = {}
        self.arrived: dict[str, str] = {}
        self.deferred: set[str] = set()
        self.day = (0, 0)
        self.hour = 0

    def line(self, text: str) -> None:
        """Counts one line."""
        head = HEAD.match(text)
        if not head:
            return
        rest = head["rest"]
        found = PROGRAM.match(rest)
        if not found:
            return
        self.date(head)
        program, queue_id = found["program"], found["id"]
        if program == "cleanup" and (content := CONTENT.search(rest)):
            self.refused(content["act"])
        elif queue_id in {"warning", "fatal", "panic"} or program == "master":
            return
        elif program in {"smtpd", "postscreen"}:
            self.door(rest, queue_id)
        elif queued := QUEUED.search(rest):
            self.queued(queue_id, queued)
        elif delivery := DELIVERY.search(rest):
            self.tried(queue_id, delivery)
        elif program == "pickup" and PICKED_UP.search(rest):
            self.came(queue_id, "pickup")

    def date(self, head: re.Match[str]) -> None:
        """Takes the day and hour as written; days are counted where they change."""
        if head["month"]:
            day = (MONTHS.index(head["month"]) + 1, int(head["day"]))
        else:
            day = (int(head["imonth"]), int(head["iday"]))
        if day[1] != self.day[1]:
            self.summary.day_changes += 1
            self.day = day
        self.hour = int(head["hour"] or head["ihour"])

    def add(self, column: int) -> None:
        """Adds one to the day's and the hour's column."""
        self.summary.days[self.day][column] += 1
        self.summary.hours[self.hour][column] += 1

    def refused(self, act: str) -> None:
        """Rejections, warnings, holds and discards stand in one column of days and hours."""
        self.summary.totals[ACTS[act]] += 1
        self.add(REJECTED)

    def door(self, rest: str, queue_id: str) -> None:
        """An arriving message, or an answer of the access rules."""
        arrived = ARRIVED.search(rest)
        if arrived:
            self.came(queue_id, folded(arrived["client"]))
        elif act := ACCESS.search(rest):
            self.refused(act["act"])

    def came(self, queue_id: str, whence: str) -> None:
        """A message has begun to arrive."""
        self.summary.totals["received"] += 1
        self.add(RECEIVED)
        self.arrived[queue_id] = whence

    def queued(self, queue_id: str, found: re.Match[str]) -> None:
        """The first size of an id; it counts as received only if its arrival was seen."""
        if self.sizes.get(queue_id):
            return
        size = self.sizes[queue_id] = int(found["size"])
        whence = self.arrived.pop(queue_id, None)
        if whence is None:
            return
        sender = lower_domain(found["sender"]) or "from=<>"
        domain = sender.partition("@")[2] or (sender if whence == "pickup" else whence)
        for table, name, unit in (
            (self.summary.senders, sender, "senders"),
            (self.summary.received, domain, "sending hosts/domains"),
        ):
            self.summary.totals[unit] += name not in table
            table[name][0] += 1
            table[name][1] += size
        self.summary.totals["bytes received"] += size

    def tried(self, queue_id: str, found: re.Match[str]) -> None:
        """One delivery line."""
        recipient = lower_domain(found["to"])
        name = recipient.partition("@")[2] if recipient.partition("@")[0] else ""
        domain = name or recipient
        delay = float(found["delay"])
        totals = self.summary.totals
        if found["status"] == "sent" and "forwarded as " in found["rest"]:
            totals["forwarded"] += 1
        elif found["status"] == "sent":
            self.delivered(queue_id, recipient, domain, delay)
        elif found["status"] == "deferred":
            totals["deferrals"] += 1
            totals["deferred"] += queue_id not in self.deferred
            self.deferred.add(queue_id)
            self.add(DEFERRED)
            entry = self.summary.delivery[domain]
            entry.deferrals += 1
            entry.longest = max(entry.longest, delay)
        elif found["status"] == "bounced":
            totals["bounced"] += 1
            self.add(BOUNCED)

    def delivered(self, queue_id: str, recipient: str, domain: str, delay: float) -> None:
        """One delivery to one recipient, of the first size its id had."""
        entry = self.summary.delivery[domain]
        size = self.sizes.get(queue_id, 0)
        self.summary.totals["recipient hosts/domains"] += entry.count == 0
        self.summary.totals["recipients"] += recipient not in self.summary.recipients
        entry.count += 1
        entry.bytes += size
        entry.delay += delay
        entry.longest = max(entry.longest, delay)
        self.summary.recipients[recipient][0] += 1
        self.summary.recipients[recipient][1] += size
        self.summary.totals["delivered"] += 1
        self.summary.totals["bytes delivered"] += size
        self.add(DELIVERED)
        if not size:
            self.summary.without_size[queue_id] = recipient


def lower_domain(address: str) -> str:
    """An address with everything from its first `@` on in lower case."""
    local, at, domain = address.partition("@")
    return local + at + domain.lower() if domain else address


def folded(client: str) -> str:
    """A client's name without its leftmost labels: two are kept, three for `xx.xx`; its address if it has no name."""
    name, _, address = client.partition("[")
    if name in {"", "unknown"}:
        return address.partition("]")[0]
    found = re.match(r"(.*)\.([^.]+)\.([^.]{3}|[^.]{2,3}\.[^.]{2})$", name)
    return f"{found[2]}.{found[3]}".lower() if found else name


def summarise(lines: Iterable[str]) -> Summary:
    """The numbers of a whole log."""
    counting = Counting()
    for text in lines:
        counting.line(text)
    return counting.summary
