"""Random Postfix traffic (see `generate`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model_reference.generate import BOUNCES, DEFERRALS, OWN, REPLIES, Mail, World, start_us

if TYPE_CHECKING:
    from tests.model_reference.generate import Log, Plan

APART_S = 7.0
"""An id is free for at least this long before it is given out again."""
RETRIES_S = (300, 900, 3600, 14_400)
INSTANCES = ("postfix", "postfix", "postfix", "postfix-out")
DECOY_HELO = (
    "friend",
    "host.example",
    "[192.0.2.1]",
    "x; from=<a@decoy.example> to=<b@decoy.example> proto=SMTP helo=<y>",
    "[10.0.0.1",
    "host[1.2.3.4]",
)


class Postfix:
    """One simulation of some Postfix hosts."""

    def __init__(self, plan: Plan) -> None:
        self.world = World(plan)
        self.rng = self.world.rng
        self.hosts = [f"mx{number}" for number in range(plan.hosts)]
        pool = [f"{self.rng.randrange(0xF4240):05X}{self.rng.randrange(16**5):X}" for _ in range(plan.ids)]
        self.free: dict[tuple[str, str], list[tuple[int, bool, str]]] = {
            (host, instance): [(0, True, queue_id) for queue_id in pool]
            for host in self.hosts
            for instance in set(INSTANCES)
        }
        self.spare = 0

    def log(self) -> Log:
        """The whole log."""
        now = start_us()
        for _ in range(self.world.plan.mails):
            now += int(self.rng.expovariate(1 / self.world.plan.apart_s) * 1_000_000)
            self.world.at(now, self.rng.choice((self.arrive,) * 8 + (self.noise, self.refuse)))
        self.world.run()
        return self.world.log()

    # Queue ids

    def take(self, now: int, place: tuple[str, str], *, announced: bool) -> str:
        """A queue id that nobody holds, one that was used before if there is one.

        An aborted transaction leaves no mark, so a mail that no `client=` announces cannot be told from it: not here.
        """
        ready = [entry for entry in self.free[place] if entry[0] <= now and (announced or entry[1])]
        if not ready:
            self.spare += 1
            return f"{self.rng.randrange(0xF4240):05X}{0xA0000 + self.spare:X}"
        chosen = max(ready) if self.rng.random() < 0.7 else self.rng.choice(ready)
        self.free[place].remove(chosen)
        return chosen[2]

    def give_back(self, now: int, mail: Mail, *, aborted: bool = False) -> None:
        """Frees the id, some seconds from now."""
        self.free[mail.host, mail.instance].append((now + int(APART_S * 1_000_000), not aborted, mail.queue_id))

    def mail(self, now: int, place: tuple[str, str], sender: str, recipients: list[str], **more: object) -> Mail:
        """A new mail with an id of its own."""
        number = len(self.world.mails)
        queue_id = self.take(now, place, announced=more.get("kind") not in {"notice", "forward"})
        message_id = str(more.pop("message_id", "") or f"{number}.{self.rng.randrange(10**9)}@{place[0]}.{OWN}")
        mail = Mail(number, *place, queue_id, message_id, sender, self.rng.randrange(500, 90_000), recipients)
        for name, value in more.items():
            setattr(mail, name, value)
        self.world.mails.append(mail)
        return mail

    def write(self, now: int, mail: Mail, program: str, text: str, *, late_s: float = 0) -> None:
        """A line about a mail."""
        self.world.write(now, mail.host, f"{mail.instance}/{program}", f"{mail.queue_id}: {text}", mail, late_s=late_s)

    # Arrival

    def arrive(self, now: int) -> None:
        """A mail from outside, from a user, or from the local command."""
        place = (self.rng.choice(self.hosts), self.rng.choice(INSTANCES))
        people = [self.world.address() for _ in range(self.rng.choice((1, 1, 1, 2, 3, 6)))]
        sender = "" if self.rng.random() < 0.05 else self.world.address(OWN)
        if self.rng.random() < 0.2:
            mail = self.mail(now, place, sender, list(dict.fromkeys(people)))
            self.write(now, mail, "pickup", f"uid=33 from=<{sender}>")
            self.queue(now, mail)
            return
        ip = self.world.ip()
        name = self.rng.choice(("unknown", f"host{ip[-1]}.isp.example"))
        mail = self.mail(now, place, sender, list(dict.fromkeys(people)), client_ip=ip)
        mail.client_host = None if name == "unknown" else name
        program, extra = "smtpd", ""
        if self.rng.random() < 0.3:
            mail.sasl_user = self.world.address(OWN).strip('"').replace(",", "")
            program, extra = "submission/smtpd", f", sasl_method=PLAIN, sasl_username={mail.sasl_user}"
        # cleanup may be quicker at the log than smtpd
        refused = self.rng.random() < 0.1
        late_s = 0.105 if not refused and self.rng.random() < 0.1 else 0
        self.write(now, mail, program, f"client={name}[{ip}]{extra}", late_s=late_s)
        if refused:
            helo = self.world.pick(DECOY_HELO)
            reject = f"550 5.1.1 <no@{OWN}>: Recipient address rejected: User unknown; from=<{sender}> to=<no@{OWN}>"
            self.write(now, mail, program, f"reject: RCPT from {name}[{ip}]: {reject} proto=ESMTP helo=<{helo}>")
        fate = self.rng.random()
        if fate < 0.05:
            self.world.write(now, place[0], f"{place[1]}/smtpd", f"lost connection after RCPT from {name}[{ip}]")
            self.give_back(now, mail, aborted=True)
        else:
            self.queue(now, mail, held=fate < 0.08)

    def queue(self, now: int, mail: Mail, *, held: bool = False) -> None:
        """cleanup, then the queue manager; or a header check."""
        self.write(now + 100_000, mail, "cleanup", f"message-id=<{mail.message_id}>")
        fields = f"from=<{mail.sender}> to=<{mail.recipients[-1]}> proto=ESMTP helo=<x>"
        if self.rng.random() < 0.05:
            text = "header Subject: seen" + "; from=<a@decoy.example> to=<b@decoy.example>" * self.world.plan.hostile
            text += " from local"
            self.write(now + 110_000, mail, "cleanup", f"warning: {text}; {fields}: seen")
        if held:
            act = self.rng.choice(("hold", "discard", "reject"))
            self.write(now + 120_000, mail, "cleanup", f"{act}: header Subject: pills from x[192.0.2.9]; {fields}: no")
            if act == "hold":
                self.world.later(now, self.rng.choice((60, 3600, 8 * 86_400)), lambda then: self.release(then, mail))
            else:
                self.give_back(now + 200_000, mail)
            return
        self.world.later(now, 0.8, lambda then: self.active(then, mail, list(mail.recipients), 0))

    def release(self, now: int, mail: Mail) -> None:
        """The operator lets a held mail go, or deletes it."""
        if self.rng.random() < 0.5:
            self.write(now, mail, "postsuper", "removed")
            self.world.write(now, mail.host, "postfix/postsuper", "Deleted: 1 message")
            self.give_back(now, mail)
            return
        self.write(now, mail, "postsuper", "released from hold")
        self.world.later(now, 0.8, lambda then: self.active(then, mail, list(mail.recipients), 0))

    # Delivery

    def active(self, now: int, mail: Mail, left: list[str], tries: int) -> None:
        """One run through the active queue."""
        self.write(now, mail, "qmgr", f"from=<{mail.sender}>, size={mail.size}, nrcpt={len(left)} (queue active)")
        filtered = mail.kind == "user" and tries == 0 and mail.number % 5 == 0
        if filtered:
            self.filter(now, mail)
            return
        waiting, failed, end = [], [], now
        for recipient in left:
            end += self.rng.randrange(50_000, 900_000)
            outcome = self.attempt(end, mail, recipient, tries)
            waiting += [recipient] if outcome == "deferred" else []
            failed += [recipient] if outcome == "bounced" else []
        end += 10_000
        if failed:
            self.notice(end, mail, "non-delivery", "bounce")
        if waiting and tries < len(RETRIES_S):
            if tries == 1 and mail.sender:
                self.notice(end, mail, "delay", "bounce")
            self.world.later(end, RETRIES_S[tries], lambda then: self.active(then, mail, waiting, tries + 1))
            return
        if waiting:
            self.write(end, mail, "qmgr", f"from=<{mail.sender}>, status=expired, returned to sender")
            self.notice(end, mail, "non-delivery", "bounce")
        self.remove(end, mail)

    def remove(self, now: int, mail: Mail) -> None:
        """The mail leaves the queue; the line about it may be lost."""
        if self.rng.random() >= self.world.plan.lost:
            self.write(now + 20_000, mail, "qmgr", "removed")
        self.give_back(now, mail)

    def attempt(self, now: int, mail: Mail, recipient: str, tries: int) -> str:
        """One delivery line; it may be written after lines of later events."""
        late_s = self.rng.uniform(0, 1.5) if self.rng.random() < 0.15 else 0
        ip = self.world.ip()
        domain = recipient.rpartition("@")[2].lower()
        mx = f"mx.{domain}"
        draw = self.rng.random()
        if mail.kind == "user" and draw < 0.04:
            self.forward(now, mail, recipient)
            return "sent"
        sent = 0.3 if tries > 1 else 0.6
        outcome = "sent" if draw < sent or mail.kind == "notice" else "deferred" if draw < 0.9 else "bounced"
        program, relay, dsn = (
            "smtp",
            f"{mx}[{ip}]:25",
            {"sent": "2.0.0", "deferred": "4.7.1", "bounced": "5.1.1"}[outcome],
        )
        texts = {"sent": REPLIES, "deferred": DEFERRALS, "bounced": BOUNCES}[outcome]
        reply = self.world.pick(texts).format(mx=mx, ip=ip, to=recipient)
        if not reply.startswith(("250", "host")):
            relay = "none"
        if reply.startswith("delivery temporarily"):
            program = "error"
        if outcome == "sent" and draw < 0.07:
            program, relay, reply = (
                "local",
                "local",
                self.rng.choice(("delivered to mailbox", "delivered to command: x")),
            )
        orig = self.first_given(mail, recipient)
        reuse = ", conn_use=2" if self.rng.random() < 0.1 else ""
        tls = ", tls=TLSv1.3/X25519" if self.world.plan.hostile and self.rng.random() < 0.03 else ""
        head = f"to=<{recipient}>{orig}, relay={relay}{reuse}, delay={tries * 900 + 1.5}, delays=0.1/0/0.2/1.2{tls}"
        self.write(now, mail, program, f"{head}, dsn={dsn}, status={outcome} ({reply})", late_s=late_s)
        return outcome

    def first_given(self, mail: Mail, recipient: str) -> str:
        """What every line about a recipient says of the address that the sender gave."""
        return f", orig_to=<alias@{OWN}>" if (mail.number + len(recipient)) % 10 == 0 else ""

    def child(self, now: int, mail: Mail, recipients: list[str], kind: str, sender: str, message_id: str) -> Mail:
        """A mail made here from another one; only its Message-ID announces it."""
        place = (mail.host, mail.instance)
        child = self.mail(now, place, sender, recipients, kind=kind, parent=mail.number, message_id=message_id)
        self.write(now, child, "cleanup", f"message-id=<{child.message_id}>")
        self.world.later(now, 0.5, lambda then: self.active(then, child, list(recipients), 1))
        return child

    def notice(self, now: int, mail: Mail, what: str, program: str) -> None:
        """A bounce or a warning to the sender."""
        if not mail.sender:
            return
        child = self.child(now, mail, [mail.sender], "notice", "", "")
        self.write(now, mail, program, f"sender {what} notification: {child.queue_id}")

    def forward(self, now: int, mail: Mail, recipient: str) -> None:
        """local(8) sends a copy on."""
        copy = self.child(now, mail, [self.world.address()], "forward", mail.sender, mail.message_id)
        orig = self.first_given(mail, recipient)
        head = f"to=<{recipient}>{orig}, relay=local, delay=0.3, delays=0.2/0.1/0/0.03, dsn=2.0.0, status=sent"
        self.write(now + 50_000, mail, "local", f"{head} (forwarded as {copy.queue_id})")

    def filter(self, now: int, mail: Mail) -> None:
        """The content filter hands the mail back under another id, before its own delivery line is written."""
        place = (mail.host, mail.instance)
        back = self.mail(now, place, mail.sender, mail.recipients, kind="hop", parent=mail.number)
        back.message_id, back.client_host, back.client_ip = mail.message_id, "localhost", "127.0.0.1"
        orig = f", orig_queue_id={mail.queue_id}" if self.rng.random() < 0.5 else ""
        self.write(now + 200_000, back, "smtpd", f"client=localhost[127.0.0.1]{orig}")
        self.queue(now + 250_000, back)
        reply = f"250 2.0.0 from MTA(smtp:[127.0.0.1]:10027): 250 2.0.0 Ok: queued as {back.queue_id}"
        for recipient in mail.recipients:
            head = f"to=<{recipient}>, relay=127.0.0.1[127.0.0.1]:10025, delay=0.9, delays=0.2/0.4/0/0.2, dsn=2.0.0"
            self.write(now + 500_000, mail, "scan/smtp", f"{head}, status=sent ({reply})")
        self.remove(now + 600_000, mail)

    # What is of no mail

    def refuse(self, now: int) -> None:
        """A refusal before any queue id."""
        ip, host = self.world.ip(), self.rng.choice(self.hosts)
        name = self.rng.choice(("unknown", "host.isp.example"))
        who = "from=<a@b.example> to=<x@y.example> proto=ESMTP"
        text = self.rng.choice(
            (
                f"554 5.7.1 <x@y.example>: Relay access denied; {who} helo=<h>",
                (
                    f"554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.example; a; "
                    f"{who} helo=<; from=<q@decoy.example>>"
                ),
                f"450 4.1.8 <a@b.example>: Sender address rejected: Domain not found; {who} helo=<h>",
            )
        )
        act = self.rng.choice(("reject", "reject", "reject_warning"))
        self.world.write(now, host, "postfix/smtpd", f"NOQUEUE: {act}: RCPT from {name}[{ip}]: {text}")

    def noise(self, now: int) -> None:
        """Lines that say nothing of any mail."""
        ip, host = self.world.ip(), self.rng.choice(self.hosts)
        texts: tuple[tuple[str, str], ...] = (
            ("postfix/smtpd", f"connect from unknown[{ip}]"),
            ("postfix/smtpd", f"disconnect from unknown[{ip}] ehlo=1 quit=1 commands=2"),
            ("postfix/anvil", f"statistics: max connection rate 3/60s for (smtp:{ip}) at Mar  3 02:04:14"),
            ("postfix/smtp", f"connect to mx.alder.example[{ip}]:25: Connection refused"),
            ("postfix/qmgr", "warning: status=sent (decoy), to=<x@decoy.example>"),
            ("dovecot", "imap-login: Login: user=<anna>, method=PLAIN"),
            ("CRON", "pam_unix(cron:session): session opened for user root"),
        )
        self.world.write(now, host, *self.rng.choice(texts))


def generate(plan: Plan) -> Log:
    """A random Postfix log."""
    return Postfix(plan).log()
