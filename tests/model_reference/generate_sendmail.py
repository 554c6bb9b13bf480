"""Random Sendmail traffic (see `generate`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tests.model_reference.generate import EPOCH, OWN, Mail, World, start_us

if TYPE_CHECKING:
    from tests.model_reference.generate import Log, Plan

BASE60 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
RETRIES_S = (600, 1800, 7200)
SENT = ("Sent (ok dirdel)", "Sent (Ok: queued as 4BEEF1234)", "Sent (Ok (stat=Deferred, dsn=4.0.0; relay=i[10.0.0.5]))",
        "Sent (OK id=1 ), stat=Sent (", "Sent (Empfänger ok)")  # fmt: skip
DEFERRED = ("Deferred: Connection refused by {mx}.", "Deferred: 451 4.7.1 <{to}>: Greylisting, stat=Sent (no)",
            "Deferred: 421 {to} Service not available - too busy", "Deferred")  # fmt: skip
BOUNCED = (
    ("5.1.1", "User unknown"),
    ("5.0.0", "Service unavailable"),
    ("5.1.2", "Host unknown (Name server: {mx}: host not found)"),
)


class Sendmail:
    """One simulation of some Sendmail hosts."""

    def __init__(self, plan: Plan) -> None:
        self.world = World(plan)
        self.rng = self.world.rng
        self.hosts = [f"mx{number}" for number in range(plan.hosts)]

    def log(self) -> Log:
        """The whole log."""
        now = start_us()
        for _ in range(self.world.plan.mails):
            now += int(self.rng.expovariate(1 / self.world.plan.apart_s) * 1_000_000)
            self.world.at(now, self.rng.choice((self.arrive,) * 6 + (self.refuse, self.noise)))
        self.world.run()
        return self.world.log()

    def mail(self, now: int, host: str, sender: str, recipients: list[str], **more: object) -> Mail:
        """A new mail; its id tells the second and the process."""
        number = len(self.world.mails)
        when = EPOCH + dt.timedelta(microseconds=now)
        digits = (when.year - 1900) % 60, when.month - 1, when.day, when.hour, when.minute, when.second
        queue_id = "".join(BASE60[digit] for digit in digits) + BASE60[number // 60 % 60] + BASE60[number % 60]
        queue_id += f"{number % 1_000_000:06}"
        mail = Mail(number, host, "sendmail", queue_id, f"{number}.x@{host}.{OWN}", sender, 500 + number, recipients)
        for name, value in more.items():
            setattr(mail, name, value)
        self.world.mails.append(mail)
        return mail

    def write(self, now: int, mail: Mail, text: str, *, tag: str = "sm-mta", late_s: float = 0) -> None:
        """A line about a mail."""
        self.world.write(now, mail.host, tag, f"{mail.queue_id}: {text}", mail, late_s=late_s)

    def arrive(self, now: int) -> None:
        """A mail by SMTP, or from the local command, which hands it to the daemon."""
        host = self.rng.choice(self.hosts)
        people = list(dict.fromkeys(self.world.address() for _ in range(self.rng.choice((1, 1, 2, 3, 5)))))
        sender = self.world.address(OWN) if self.rng.random() < 0.95 else ""
        if self.rng.random() < 0.25:
            mail = self.mail(now, host, sender, people)
            begin = f"from={sender}, size={mail.size}, class=0, nrcpts={len(people)}, msgid=<{mail.message_id}>"
            self.write(now, mail, f"{begin}, relay=www-data@localhost", tag="sendmail")
            copy = self.mail(now + 300_000, host, sender, people, kind="hop", parent=mail.number)
            copy.message_id, copy.client_host, copy.client_ip = mail.message_id, "localhost", "127.0.0.1"
            self.accept(now + 300_000, copy)
            to = ",".join(people)
            head = f"to={to}, ctladdr={sender} (33/33), delay=00:00:01, xdelay=00:00:01, mailer=relay, pri=35301"
            reply = f"Sent ({copy.queue_id} Message accepted for delivery)"
            relay = "relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0"
            self.write(now + 500_000, mail, f"{head}, {relay}, stat={reply}", tag="sendmail")
            return
        ip = f"192.0.2.{self.rng.randrange(1, 255)}"
        name = self.rng.choice((None, "web7.meadow.example"))
        mail = self.mail(now, host, sender, people, client_ip=ip, client_host=name)
        if self.rng.random() < 0.06:
            begin = f"from=<{sender}>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=[{ip}]"
            self.write(now, mail, f"lost input channel from [{ip}] to MTA after rcpt")
            self.write(now, mail, begin)
            return
        self.accept(now, mail)

    def accept(self, now: int, mail: Mail) -> None:
        """The daemon takes a mail over."""
        relay = f"{mail.client_host} [{mail.client_ip}]" if mail.client_host else f"[{mail.client_ip}]"
        counts = f"size={mail.size}, class=0, nrcpts={len(mail.recipients)}, msgid=<{mail.message_id}>"
        self.write(now, mail, f"from=<{mail.sender}>, {counts}, proto=ESMTP, daemon=MTA, relay={relay}")
        self.world.later(now, 1, lambda then: self.attempt(then, mail, list(mail.recipients), 0))

    def attempt(self, now: int, mail: Mail, left: list[str], tries: int) -> None:
        """One queue run: a line for each group of recipients that share a fate."""
        waiting: list[str] = []
        for group in self.groups(left):
            now += 200_000
            if self.deliver(now, mail, group, tries) == "deferred":
                waiting += group
        if not waiting:
            return
        if tries == 1:
            self.notice(now, mail, "sender notify: Warning: could not send message for past 4 hours")
        if tries < len(RETRIES_S):
            self.world.later(now, RETRIES_S[tries], lambda then: self.attempt(then, mail, waiting, tries + 1))
        else:
            self.notice(now, mail, "sender notify: Cannot send message for 5 days")

    def groups(self, left: list[str]) -> list[list[str]]:
        """Recipients that go in one line."""
        cut = self.rng.randrange(len(left)) + 1
        return [group for group in (left[:cut], left[cut:]) if group]

    def deliver(self, now: int, mail: Mail, group: list[str], tries: int) -> str:
        """One delivery line."""
        draw, mx = self.rng.random(), "mx." + group[0].rpartition("@")[2].lower()
        clock = f"{tries}+02:00:01" if tries > 1 else "00:00:01"
        head = f"to={','.join(f'<{to}>' for to in group)}, delay={clock}, xdelay=00:00:00, mailer=esmtp, pri=52903"
        relay = f"relay={mx}. [198.51.100.32]"
        if draw < 0.1:
            head, relay, dsn, stat = head.replace("mailer=esmtp", "mailer=local"), "", "2.0.0", "Sent"
        elif draw < 0.6 or mail.kind == "notice":
            dsn, stat = "2.0.0", self.rng.choice(SENT)
        elif draw < 0.85:
            reply = "reply=451 4.7.1 later, please, "
            dsn, stat = "4.0.0", self.rng.choice(DEFERRED).format(mx=mx, to=group[0])
            relay += ", " + reply.strip(", ") if self.rng.random() < 0.3 else ""
        else:
            dsn, stat = self.rng.choice(BOUNCED)
            stat = stat.format(mx=mx)
        parts = [head, relay, f"dsn={dsn}", f"stat={stat}"]
        self.write(now, mail, ", ".join(part for part in parts if part), late_s=self.rng.choice((0, 0, 0.1)))
        if dsn[0] == "5":
            self.notice(now + 150_000, mail, f"DSN: {stat}")
        return {"2": "sent", "4": "deferred", "5": "bounced"}[dsn[0]]

    def notice(self, now: int, mail: Mail, why: str) -> None:
        """A notice, which has no `from=` line of its own."""
        if not mail.sender or mail.kind == "notice":
            return
        child = self.mail(now, mail.host, "", [mail.sender], kind="notice", parent=mail.number)
        self.write(now, mail, f"{child.queue_id}: {why}")
        self.world.later(now, 0.5, lambda then: self.attempt(then, child, list(child.recipients), 0))

    def refuse(self, now: int) -> None:
        """A refusal at the door."""
        ip, host = self.world.ip(), self.rng.choice(self.hosts)
        mail = self.mail(now, host, "x@y.example", [], kind="refused")
        rule = (
            f"ruleset=check_rcpt, arg1=<x@y.example>, relay=[{ip}], reject=550 5.7.1 <x@y.example>... Relaying denied"
        )
        self.write(now, mail, self.rng.choice((rule, "<nobody@z.example>... User unknown")))

    def noise(self, now: int) -> None:
        """Lines that say nothing of any mail."""
        ip, host = self.world.ip(), self.rng.choice(self.hosts)
        tls = f"STARTTLS=client, relay=mx.x.example., version=TLSv1.3, verify=FAIL, cipher=X, bits=256/256, addr={ip}"
        self.world.write(now, host, *self.rng.choice((("sm-mta", tls), ("sendmail", "user 33 changed syslog label"))))


def generate(plan: Plan) -> Log:
    """A random Sendmail log."""
    return Sendmail(plan).log()
