"""Writes a realistic mail log of any size, the same bytes for the same options, at some 100,000 lines a second.

    python tests/benchmarks/traffic.py --lines 1000000 --output mail.log [--rfc3339] [--sendmail]

The mix is that of a company's server on the Internet: one line in four belongs to a client that was turned away, most
mail comes in and goes to mailboxes by LMTP, users and scripts send out, a part of it waits and is tried again for
hours, some of it bounces and makes a notice. Messages interleave; queue ids are short.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import random
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = dt.datetime(2025, 11, 3, tzinfo=dt.UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 13, 12, 11, 9, 10, 12, 11, 10, 8, 6, 5, 4, 4, 3, 2)
PER_HOUR = 1000
"""Messages in an average hour."""
HOST = "mx1"
OWN = ("example.com", "example.org", "shop.example.net")
NAMES = ("anna", "ben", "carla", "david", "elena", "frank", "giulia", "hans", "ines", "john", "karin", "luca", "maria")
BIG = {
    "gmail.com": "gmail-smtp-in.l.google.com",
    "outlook.com": "outlook-com.olc.protection.outlook.com",
    "yahoo.com": "mta5.am0.yahoodns.net",
    "gmx.de": "mx00.gmx.net",
}
SENT = (
    "250 2.0.0 OK  {n} {h}-{h}.{n} - gsmtp",
    (
        "250 2.6.0 <{h}@mx1> [InternalId={n}, Hostname=DB9.namprd12.outlook.com] {n} bytes in 0.285, 96.285 KB/sec "
        "Queued mail for delivery -> 250 2.1.5"
    ),
    "250 2.0.0 Ok: queued as {h}",
    "250 ok dirdel",
    "250 OK id=1{h}-0000131-C047",
)
DEFERRED = (
    ("4.7.1", ("host {mx}[{ip}] said: 450 4.7.1 <{to}>: Recipient address rejected: Greylisted, see "
              "http://postgrey.example/help.html (in reply to RCPT TO command)")),
    ("4.4.1", "connect to {mx}[{ip}]:25: Connection timed out"),
    ("4.2.2", ("host {mx}[{ip}] said: 452-4.2.2 The recipient's inbox is out of storage space. Please direct the "
              "452-4.2.2 recipient to 452 4.2.2  https://support.example/?p=OverQuotaTemp {h} - gsmtp (in reply to "
              "RCPT TO command)")),
    ("4.4.2", "lost connection with {mx}[{ip}] while receiving the initial server greeting"),
    ("4.4.3", "Host or domain name not found. Name service error for name={mx} type=MX: Host not found, try again"),
    ("4.3.2", "delivery temporarily suspended: connect to {mx}[{ip}]:25: Connection timed out"),
)  # fmt: skip
BOUNCED = (
    ("5.1.1", ("host {mx}[{ip}] said: 550-5.1.1 The email account that you tried to reach does not exist. Please try "
              "550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. "
              "550 5.1.1  https://support.example/?p=NoSuchUser {h} - gsmtp (in reply to RCPT TO command)")),
    ("5.7.1", ("host {mx}[{ip}] said: 550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact "
              "your Internet service provider since part of their network is on our block list (S3140). "
              "[{h}.prod.protection.outlook.com] (in reply to MAIL FROM command)")),
    ("5.4.4", "Host or domain name not found. Name service error for name={mx} type=A: Host not found"),
)  # fmt: skip
REJECTED = (
    "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.example.org; https://zen.example.org/q/{ip}",
    "450 4.7.1 Client host rejected: cannot find your hostname, [{ip}]",
    "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table",
    "554 5.7.1 <{to}>: Relay access denied",
    "504 5.5.2 <user>: Helo command rejected: need fully-qualified hostname",
)
STAT = {"sent": "Sent", "deferred": "Deferred", "bounced": "User unknown"}
FATES = (("sent", 0.9), ("deferred", 0.97), ("bounced", 1.0))


class Traffic:
    """A calendar of messages and a heap of lines that are still to come."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - mail, not secrets
        self.heap: list[tuple[float, int, str]] = []
        self.count = 0
        rng = self.rng
        domains = [f"{rng.choice(NAMES)}-{n}.example" for n in range(3000)]
        self.domains = rng.choices(domains, [1 / (n + 2) for n in range(3000)], k=8000) + list(BIG) * 2000
        self.people = [f"{rng.choice(NAMES)}.{rng.choice(NAMES)}{n}" for n in range(2000)]
        self.users = [f"{rng.choice(NAMES)}.{rng.choice(NAMES)}@{rng.choice(OWN)}" for _ in range(400)]
        clients = [(f"mail{n}.{rng.choice(domains)}" if n % 4 else "unknown", self.ip()) for n in range(5000)]
        self.clients = rng.choices(clients, [1 / (n + 1) for n in range(5000)], k=20_000)
        self.pids = [str(rng.randrange(1000, 99_999)) for _ in range(64)]

    def ip(self) -> str:
        """Some address."""
        bits = self.rng.getrandbits(24)
        return f"198.{18 + (bits & 1)}.{bits >> 8 & 255}.{bits >> 16 & 255}"

    def at(self, when: float, program: str, text: str) -> None:
        """Puts a line on the heap."""
        self.count += 1
        heapq.heappush(self.heap, (when, self.count, f"{program}[{self.pids[self.count & 63]}]: {text}"))

    def fill(self, text: str, **known: str) -> str:
        """A reply with its random parts."""
        bits = self.rng.getrandbits(48)
        return text.format(h=f"{bits:012X}", n=str(bits % 99_999), **known)

    def queue_id(self) -> str:
        """A short Postfix id; practically never the same twice."""
        bits = self.rng.getrandbits(40)
        return f"{bits & 0xFFFFF:05X}{0x10000 + (bits >> 20 & 0xFFFFF):X}"

    def address(self) -> tuple[str, str]:
        """Somebody elsewhere, and the domain."""
        domain = self.rng.choice(self.domains)
        return f"{self.rng.choice(self.people)}@{domain}", domain

    def size(self) -> int:
        """Bytes of a message."""
        return int(self.rng.lognormvariate(9.4, 1.5)) + 400

    def lines(self, lines: int, message: Callable[[float], None], stamp: Callable[[int], str]) -> Iterator[str]:
        """The log."""
        now, written, second, head = START.timestamp(), 0, 0, ""
        while written < lines:
            now += self.rng.expovariate(PER_HOUR * HOURS[int(now // 3600) % 24] / 6.25 / 3600)
            message(now)
            while self.heap and self.heap[0][0] <= now and written < lines:
                when, _, text = heapq.heappop(self.heap)
                if int(when) != second:
                    second, head = int(when), stamp(int(when))
                yield f"{head} {HOST} {text}\n"
                written += 1

    # Postfix

    def postfix(self, now: float) -> None:
        """One client or message."""
        draw = self.rng.random()
        if draw < 0.45:
            self.turned_away(now, draw)
        elif draw < 0.75:
            self.inbound(now)
        else:
            self.outbound(now)

    def turned_away(self, now: float, draw: float) -> None:
        """A client that gets nowhere."""
        name, ip = self.rng.choice(self.clients)
        self.at(now, "postfix/smtpd", f"connect from {name}[{ip}]")
        if draw < 0.3:
            sender, to = self.address()[0], self.rng.choice(self.users)
            text = self.fill(self.rng.choice(REJECTED), ip=ip, to=to)
            who = f"from=<{sender}> to=<{to}> proto=ESMTP helo=<{name}>"
            self.at(now + 0.3, "postfix/smtpd", f"NOQUEUE: reject: RCPT from {name}[{ip}]: {text}; {who}")
        else:
            self.at(now + 0.3, "postfix/smtpd", f"lost connection after AUTH from {name}[{ip}]")
        self.at(now + 0.5, "postfix/smtpd", f"disconnect from {name}[{ip}] ehlo=1 mail=1 rcpt=0/1 commands=2/3")

    def accept(self, now: float, program: str, sender: str, extra: str = "") -> str:
        """The lines of a message coming in."""
        (name, ip), queue_id = self.rng.choice(self.clients), self.queue_id()
        self.at(now, program, f"connect from {name}[{ip}]")
        if self.rng.random() < 0.5:
            cipher = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
            self.at(now + 0.1, program, f"Anonymous TLS connection established from {name}[{ip}]: {cipher}")
        self.at(now + 0.2, program, f"{queue_id}: client={name}[{ip}]{extra}")
        message_id = f"{self.rng.getrandbits(64):x}.{int(now)}@{sender.partition('@')[2]}"
        self.at(now + 0.3, "postfix/cleanup", f"{queue_id}: message-id=<{message_id}>")
        self.at(now + 0.6, program, f"disconnect from {name}[{ip}] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 commands=7")
        return queue_id

    def active(self, now: float, queue_id: str, sender: str, size: int, left: int) -> None:
        """In the active queue."""
        self.at(now, "postfix/qmgr", f"{queue_id}: from=<{sender}>, size={size}, nrcpt={left} (queue active)")

    def inbound(self, now: float) -> None:
        """To a mailbox here."""
        sender = self.address()[0]
        queue_id = self.accept(now, "postfix/smtpd", sender)
        self.active(now + 0.4, queue_id, sender, self.size(), 1)
        to, delay = self.rng.choice(self.users), 0.1 + self.rng.random()
        relay = "relay=mail.example.com[private/dovecot-lmtp]"
        head = f"{queue_id}: to=<{to}>, {relay}, delay={delay:.2f}, delays={delay / 2:.2f}/0.01/0.02/{delay / 3:.2f}"
        reply = f"250 2.0.0 <{to}> {self.rng.getrandbits(72):018x} Saved"
        self.at(now + 0.4 + delay, "postfix/lmtp", f"{head}, dsn=2.0.0, status=sent ({reply})")
        self.at(now + 0.5 + delay, "postfix/qmgr", f"{queue_id}: removed")

    def outbound(self, now: float) -> None:
        """From a user or a script to the world."""
        sender = self.rng.choice(self.users)
        queue_id = self.accept(now, "postfix/smtpd", sender, f", sasl_method=PLAIN, sasl_username={sender}")
        many = self.rng.random()
        people = [self.address() for _ in range(1 if many < 0.9 else 3 if many < 0.99 else 15)]
        self.deliver(now + 0.5, queue_id, sender, self.size(), people)

    def deliver(self, arrived: float, queue_id: str, sender: str, size: int, left: list[tuple[str, str]]) -> None:
        """Tries, waits, tries again, gives up."""
        when, wait, failed, last = arrived, 300.0, False, arrived
        for attempt in range(10):
            self.active(when, queue_id, sender, size, len(left))
            waiting = []
            for to, domain in left:
                last = max(last, when + 0.2 + self.rng.random() * 3)
                status = self.attempt(last, last - arrived, queue_id, to, domain, attempt)
                failed |= status == "bounced"
                if status == "deferred":
                    waiting.append((to, domain))
            if not waiting:
                break
            left = waiting
            when, wait = last + wait + self.rng.random() * 60, min(wait * 2, 4000)
        else:
            self.at(last + 0.1, "postfix/qmgr", f"{queue_id}: from=<{sender}>, status=expired, returned to sender")
            failed = True
        if failed:
            notice = self.queue_id()
            self.at(last + 0.2, "postfix/cleanup", f"{notice}: message-id=<{int(last)}.{notice}@{HOST}.example.com>")
            self.at(last + 0.2, "postfix/bounce", f"{queue_id}: sender non-delivery notification: {notice}")
            self.active(last + 0.3, notice, "", size + 2000, 1)
            head = f"{notice}: to=<{sender}>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0"
            self.at(last + 0.4, "postfix/local", f"{head}, status=sent (delivered to mailbox)")
            self.at(last + 0.5, "postfix/qmgr", f"{notice}: removed")
        self.at(last + 0.5, "postfix/qmgr", f"{queue_id}: removed")

    def fate(self, attempt: int) -> str:
        """How an attempt ends; who was put off once tends to be put off again."""
        draw = self.rng.random() * (1 if attempt == 0 else 1.9)
        return next((word for word, limit in FATES if draw < limit), "deferred")

    def attempt(self, now: float, delay: float, queue_id: str, to: str, domain: str, attempt: int) -> str:
        """One delivery line."""
        status = self.fate(attempt)
        mx = BIG.get(domain, f"mx.{domain}")
        ip = f"198.18.{len(mx)}.{len(domain)}"
        if status == "sent":
            dsn, text = "2.0.0", self.rng.choice(SENT)
        else:
            dsn, text = self.rng.choice(DEFERRED if status == "deferred" else BOUNCED)
        relay = f"{mx}[{ip}]:25" if text.startswith(("250", "host")) else "none"
        program = "postfix/error" if text.startswith("delivery temp") else "postfix/smtp"
        reply = self.fill(text, mx=mx, ip=ip, to=to)
        head = f"{queue_id}: to=<{to}>, relay={relay}, delay={delay:.1f}, delays={max(delay - 2, 0):.1f}/0.01/0.7/1.2"
        self.at(now, program, f"{head}, dsn={dsn}, status={status} ({reply})")
        return status

    # Sendmail

    def sendmail(self, now: float) -> None:
        """One message of a Sendmail server."""
        when = dt.datetime.fromtimestamp(now, dt.UTC)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
        clock = ((when.year - 1900) % 60, when.month - 1, when.day, when.hour, when.minute, when.second)
        self.count += 1
        queue_id = "".join(digits[part] for part in clock) + f"{self.count % 100:02}{self.count % 90_000:06}"
        sender, (name, ip) = self.rng.choice(self.users), self.rng.choice(self.clients)
        to, domain = self.address()
        mx = BIG.get(domain, f"mx.{domain}")
        if self.rng.random() < 0.15:
            rule = f"ruleset=check_rcpt, arg1=<{to}>, relay={name} [{ip}], reject=550 5.7.1 <{to}>... Relaying denied"
            self.at(now, "sm-mta", f"{queue_id}: {rule}")
            return
        relay = f"proto=ESMTP, daemon=MTA, relay={name} [{ip}]"
        counts = f"size={self.size()}, class=0, nrcpts=1, msgid=<{self.rng.getrandbits(64):x}@{domain}>"
        self.at(now, "sm-mta", f"{queue_id}: from=<{sender}>, {counts}, {relay}")
        after, wait = 1.0, 600.0
        for attempt in range(8):
            status = self.fate(attempt)
            dsn = {"sent": "2.0.0", "deferred": "4.4.1", "bounced": "5.1.1"}[status]
            more = {"sent": f" (OK {queue_id} accepted)", "deferred": f": Connection refused by {mx}."}.get(status, "")
            hours, rest = divmod(int(after), 3600)
            delay = f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
            head = f"to=<{to}>, ctladdr=<{sender}> (1001/1001), delay={delay}, xdelay=00:00:01, mailer=esmtp, pri=1200"
            text = f"{head}, relay={mx}. [198.18.1.2], dsn={dsn}, stat={STAT[status]}{more}"
            self.at(now + after, "sm-mta", f"{queue_id}: {text}")
            if status != "deferred":
                break
            after, wait = after + wait, min(wait * 2, 7200)


def traditional(second: int) -> str:
    """`Nov  3 08:00:00`, of UTC."""
    when = dt.datetime.fromtimestamp(second, dt.UTC)
    return f"{MONTHS[when.month - 1]} {when.day:2} {when:%H:%M:%S}"


def rfc3339(second: int) -> str:
    """2025-11-03T08:00:00.123456+00:00."""
    return f"{dt.datetime.fromtimestamp(second, dt.UTC):%Y-%m-%dT%H:%M:%S}.{second * 7919 % 1_000_000:06}+00:00"


def write(path: Path, lines: int, *, iso: bool = False, sendmail: bool = False) -> None:
    """Writes a log."""
    traffic = Traffic()
    message = traffic.sendmail if sendmail else traffic.postfix
    with path.open("w", encoding="utf-8") as file:
        file.writelines(traffic.lines(lines, message, rfc3339 if iso else traditional))


def main() -> None:
    """Writes the log that the options describe."""
    parser = argparse.ArgumentParser(description="Writes a realistic mail log, the same for the same options.")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rfc3339", action="store_true", help="stamps with year and zone")
    parser.add_argument("--sendmail", action="store_true", help="Sendmail instead of Postfix")
    options = parser.parse_args()
    write(options.output, options.lines, iso=options.rfc3339, sendmail=options.sendmail)


if __name__ == "__main__":
    main()
