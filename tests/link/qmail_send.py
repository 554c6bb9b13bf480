"""A plain model of qmail-send: what it logs, and what became of each recipient.

After the sources (qmail-send.c, qmail-local.c, qmail-remote.c of 1.03 to notqmail): messages are inodes, of which the
lowest free one is given out next; deliveries are numbered from 1 with each start of the daemon; a message is tried
again when its age is the square of (root of its age now + 10 or 20); what failed is told in a notice once all else is
done.  What receivers answer follows from the recipient's name.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

SECOND = 1_000_000
LIFETIME = 604_800 * SECOND
SKIP = {"local": 10, "remote": 20}
SLOTS = {"local": 2, "remote": 3}
HERE = "mx.shop.example"
VIRTUAL = "club.example"
TOO_LONG = "I'm not going to try again; this message has been in the queue too long.\n"
SMTP, NOTICES, USERS = 7791, 7796, 1000
REMOTE = {
    "ok": ("K", "{ip} accepted message.\nRemote host said: 250 2.0.0 Ok: queued as 4F1A2B3C4D\n"),
    "odd_name": ("K", "{ip} accepted message.\nRemote host said: 250 ok <odd_name@far.example> accepted/stored\n"),
    "nobody": (
        "D",
        "{ip} does not like recipient.\nRemote host said: 550 5.1.1 <{to}>: User unknown\nGiving up on {ip}.\n",
    ),
    "lines": (
        "D",
        "{ip} failed after I sent the message.\nRemote host said: 554-5.7.1 No\n554 5.7.1 see http://far.example/why\n",
    ),
    "grey": (
        "Z",
        "{ip} does not like recipient.\nRemote host said: 451 4.7.1 Greylisted, try again later\nGiving up on {ip}.\n",
    ),
    "died": ("Z", "Connected to {ip} but connection died. (#4.4.2)\n"),
    "down": ("Z", "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"),
    "nodns": ("Z", "CNAME lookup failed temporarily. (#4.4.3)\n"),
    "nohost": ("D", "Sorry, I couldn't find any host named gone.example. (#5.1.2)\n"),
    "quoter": ("D", "{ip} failed after I sent the message.\nRemote host said: 550 delivery 1: success: did_1+0+0/\n"),
}
LOCAL = {
    "ann": ("K", "did 1+0+0\n"),
    "prog": ("K", "did 0+0+1\n"),
    "hole": ("K", "did 0+0+0\n"),
    "gone": ("D", "Sorry, no mailbox here by that name. (#5.1.1)\n"),
    "full": ("Z", "mail_quota_is_full, try later\n"),
    "slow": ("Z", "Temporary failure in qmail-lspawn.\n"),
}
FORWARDS = {
    "fwd": ("0+1+0", "ok@far.example"),
    "lost": ("0+1+0", "nobody@far.example"),
    "both": ("1+1+0", "ok@far.example"),
}
PASSING = ("grey", "died", "slow")
"""What is put off once, and then works."""


def safe(text: str) -> str:
    """The text as qmail logs it."""
    return "".join("/" if c == "\n" else c if "!" <= c <= "~" and c != "%" else "_" for c in text)


@dataclass
class Recipient:
    """One recipient of a message."""

    address: str
    channel: str
    shown: str
    tries: int = 0
    done: bool = False
    outcome: str = "pending"
    settled_us: int | None = None
    child: Message | None = None


@dataclass
class Message:
    """One message in the queue."""

    inode: int
    sender: str
    size: int
    uid: int
    qp: int
    born_us: int
    recipients: list[Recipient]
    role: str = "user"
    parent: Message | None = None
    failed: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    dying: dict[str, bool] = field(default_factory=dict)
    seen: bool = False
    ended: bool = False
    accepted_us: int = 0


class Server:
    """The daemon, its queue and a clock of its own."""

    def __init__(self, random: Random, start_us: int, *, crashes: bool = True) -> None:
        self.random, self.now, self.crashes = random, start_us, crashes
        self.lines: list[tuple[int, str]] = []
        self.messages: list[Message] = []
        self.inodes: set[int] = set()
        self.pid, self.number, self.epoch = 4711, 1, 0
        self.active = {"local": 0, "remote": 0}
        self.todo: dict[str, deque[tuple[Message, Recipient]]] = {"local": deque(), "remote": deque()}
        self.stopping = False
        self.events: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.status()

    def say(self, text: str) -> None:
        """Logs a line; lines have rising times."""
        self.now += self.random.randrange(20, 900)
        self.lines.append((self.now, text))

    def status(self) -> None:
        """Logs how many deliveries are under way."""
        ends = " exitasap" if self.stopping else ""
        local, remote = (f"{channel} {self.active[channel]}/{SLOTS[channel]}" for channel in SLOTS)
        self.say(f"status: {local} {remote}{ends}")

    def at(self, time_us: int, act: Callable[[], None]) -> None:
        """Does something then."""
        self.count += 1
        heapq.heappush(self.events, (time_us, self.count, act))

    def run(self, until_us: int) -> None:
        """Lets time pass."""
        while self.events and self.events[0][0] <= until_us:
            time_us, _, act = heapq.heappop(self.events)
            self.now = max(self.now, time_us)
            act()

    # -- messages ------------------------------------------------------------------------------------------------------

    def submit(
        self, sender: str, to: list[str], uid: int = SMTP, role: str = "user", parent: Message | None = None
    ) -> Message:
        """Queues a message, as qmail-queue does: the daemon notices it a moment later."""
        inode = next(number for number in range(93, 1 << 20) if number not in self.inodes)
        self.inodes.add(inode)
        self.pid += self.random.randrange(1, 9)
        message = Message(
            inode,
            sender,
            self.random.randrange(300, 90_000),
            uid,
            self.pid,
            self.now,
            [routed(one) for one in to],
            role,
            parent,
        )
        self.messages.append(message)
        self.at(self.now + self.random.randrange(1_000, 60_000), lambda: self.notice(message))
        return message

    def notice(self, message: Message) -> None:
        """Takes a new message from todo."""
        if self.stopping:
            self.at(self.now + 3 * SECOND, lambda: self.notice(message))
            return
        self.say(f"new msg {message.inode}")
        told = f"bytes {message.size} from <{safe(message.sender)}> qp {message.qp} uid {message.uid}"
        self.say(f"info msg {message.inode}: {told}")
        message.seen, message.accepted_us = True, self.now
        for channel in ("local", "remote"):
            self.look(message, channel)

    def look(self, message: Message, channel: str) -> None:
        """A pass over the recipients of a channel."""
        open_ = [one for one in message.recipients if one.channel == channel and not one.done]
        if not open_ or message.ended or message.waiting.get(channel):
            return
        message.waiting[channel] = len(open_)
        message.dying[channel] = self.now > message.born_us + LIFETIME
        self.todo[channel].extend((message, one) for one in open_)
        self.fill(channel)

    def fill(self, channel: str) -> None:
        """Starts as many deliveries as there is room for."""
        while self.todo[channel] and self.active[channel] < SLOTS[channel] and not self.stopping:
            message, recipient = self.todo[channel].popleft()
            number, epoch = self.number, self.epoch
            self.number += 1
            self.active[channel] += 1
            self.say(f"starting delivery {number}: msg {message.inode} to {channel} {safe(recipient.shown)}")
            self.status()
            self.deliver(message, recipient, number, epoch)

    def deliver(self, message: Message, recipient: Recipient, number: int, epoch: int) -> None:
        """One attempt, which takes its time."""
        took = self.random.randrange(5_000, 4 * SECOND)
        name, text = recipient.address.partition("@")[0], ""
        if recipient.channel == "local" and name in FORWARDS:
            did, target = FORWARDS[name]
            child = self.submit(message.sender, [target], USERS + 7, "hop", message)
            recipient.child = child
            result, text = "K", f"did {did}\nqp {child.qp}\n"
        else:
            result, text = (LOCAL if recipient.channel == "local" else REMOTE).get(name, ("K", "did 1+0+0\n"))
            if name in PASSING and recipient.tries:
                result, text = (LOCAL["ann"]) if recipient.channel == "local" else REMOTE["ok"]
        text = text.format(ip=f"203.0.113.{len(recipient.address)}", to=recipient.address)
        self.at(self.now + took, lambda: self.report(message, recipient, number, epoch, result, text))

    def report(self, message: Message, recipient: Recipient, number: int, epoch: int, result: str, text: str) -> None:
        """The attempt's result."""
        if epoch != self.epoch:
            return  # the daemon that would have heard it is gone
        channel = recipient.channel
        recipient.tries += 1
        if result == "Z" and message.dying[channel]:
            result, text = "D", text + TOO_LONG
        word = {"K": "success", "D": "failure", "Z": "deferral"}[result]
        self.say(f"delivery {number}: {word}: {safe(text)}")
        if result == "Z":
            recipient.outcome = "deferred"
        else:
            recipient.done, recipient.settled_us = True, self.now
            recipient.outcome = "delivered" if result == "K" else "expired" if TOO_LONG in text else "bounced"
            if text == "did 0+0+0\n":
                recipient.outcome = "discarded"
        if result == "D":
            message.failed.append(recipient.address)
        self.active[channel] -= 1
        message.waiting[channel] -= 1
        self.status()
        if not message.waiting[channel]:
            self.passed(message, channel)
        self.fill("local")
        self.fill("remote")
        if self.stopping and not any(self.active.values()):
            self.start()

    def passed(self, message: Message, channel: str) -> None:
        """All recipients of a channel were tried."""
        if any(not one.done for one in message.recipients if one.channel == channel):
            root = math.isqrt((self.now - message.born_us) // SECOND) + SKIP[channel]
            self.at(message.born_us + root * root * SECOND, lambda: self.look(message, channel))
        elif all(one.done for one in message.recipients):
            self.at(self.now, lambda: self.done(message))

    def done(self, message: Message) -> None:
        """Tells the sender what failed, and forgets the message."""
        if message.failed:
            if message.sender == "#@[]":
                self.say(f"triple bounce: discarding bounce/{message.inode}")
            else:
                sender, to = ("", message.sender) if message.sender else ("#@[]", f"postmaster@{HERE}")
                notice = self.submit(sender, [to], NOTICES, "notice", message)
                self.say(f"bounce msg {message.inode} qp {notice.qp}")
        self.say(f"end msg {message.inode}")
        message.ended = True
        self.inodes.discard(message.inode)

    # -- the daemon ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Asks the daemon to end, or lets it die."""
        if self.stopping:
            return
        if self.crashes and self.random.random() < 0.5:
            self.active = {"local": 0, "remote": 0}
            self.start()
        else:
            self.stopping = True
            if not any(self.active.values()):
                self.start()

    def start(self) -> None:
        """A new daemon, which counts from 1 and looks at all that is in the queue."""
        if self.stopping:
            self.say("status: exiting")
        self.stopping = False
        self.epoch += 1
        self.number = 1
        self.now += 2 * SECOND
        for channel in ("local", "remote"):
            self.todo[channel].clear()
        self.status()
        for message in self.messages:
            if message.seen and not message.ended:
                message.waiting.clear()
                for channel in ("local", "remote"):
                    self.at(self.now, lambda message=message, channel=channel: self.look(message, channel))  # type: ignore[misc]
                if all(one.done for one in message.recipients):
                    self.at(self.now, lambda message=message: None if message.ended else self.done(message))  # type: ignore[misc]


def routed(address: str) -> Recipient:
    """Which way an address goes, and how it is shown on that way."""
    domain = address.rpartition("@")[2].lower()
    if domain == HERE:
        return Recipient(address, "local", address)
    if domain == VIRTUAL:
        return Recipient(address, "local", f"{VIRTUAL}-{address}")
    return Recipient(address, "remote", address)


def ends(message: Message) -> Iterator[tuple[Recipient, str | None]]:
    """The final recipients of a message, and as whom they were given where a forward led there."""
    for one in message.recipients:
        if one.child is None or one.address.startswith("both"):
            yield one, None
        if one.child is not None and one.child.seen:
            yield from ((last, one.address) for last, _ in ends(one.child))
        elif one.child is not None and not one.address.startswith("both"):
            yield one, None
