"""Postfix, read line by line with dictionaries: lives of queue ids, what happened to them, and what was refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.model_reference.facts import Fact, Life, Model, Refusal, bare, reply_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.model_reference.syslog import Line

SHORT_ID = re.compile(r"[0-9A-F]{6,16}")
WITH_ID = re.compile(r"(?P<id>[0-9A-Za-z]{6,20}): (?P<text>.*)", re.DOTALL)
NOT_AN_ID = {
    "warning",
    "fatal",
    "error",
    "panic",
    "connect",
    "statistics",
    "NOQUEUE",
    "lost",
    "timeout",
    "disconnect",
    "Deleted",
    "Requeued",
}
LOOPBACK = {"127.0.0.1", "::1"}
SILENCE_US = 5 * 86_400 * 1_000_000
"""Postfix's queue lifetime: a short id that is silent for longer has been given out again, unless it is on hold."""
LATE_US = 60 * 1_000_000
"""A process may flush its line this long after the id was freed."""
DISORDER_US = 5 * 1_000_000
"""Lines of one life may overtake one another by this."""

ADDRESS = r'<(?:"(?:[^"\\]|\\.)*"[^>]*|[^>]*)>'
CLIENT = re.compile(r"client=(?P<name>.*?)\[(?P<ip>[^\]]*)\](?::\d+)?(?=,|$)")
ORIG_CLIENT = re.compile(r", orig_client=(?P<name>.*?)\[(?P<ip>[^\]]*)\]")
SASL_USER = re.compile(r", sasl_username=(?P<user>[^,]*)")
ORIG_QUEUE_ID = re.compile(r", orig_queue_id=(?P<id>\w+)")
PICKUP = re.compile(rf"uid=\d+ from=(?P<sender>{ADDRESS}|\S*)(?: orig_id=(?P<orig>\w+))?")
ACTIVE = re.compile(rf"from=(?P<sender>{ADDRESS}|[^,]*), size=(?P<size>\d+), nrcpt=(?P<nrcpt>\d+) \(queue active\)")
EXPIRED = re.compile(rf"from=(?P<sender>{ADDRESS}|[^,]*), status=(?P<word>(?:force-)?expired), returned to sender")
DELIVERY = re.compile(
    rf"to=(?P<to>{ADDRESS}|[^,]*)(?:, orig_to=(?P<orig>{ADDRESS}|[^,]*))?, relay=(?P<relay>.*?)"
    r"(?:, conn_use=\d+)?, delay=(?P<delay>[^,]+)(?:, delays=(?P<delays>[^,]+))?(?:, tls=[^,]*)?"
    r"(?:, dsn=(?P<dsn>[\d.]+))?, status=(?P<word>\S+)(?: \((?P<reply>.*))?$",
    re.DOTALL,
)
RELAY = re.compile(r"(?P<host>.*?)\[(?P<ip>[^\]]*)\](?::(?P<port>\d+))?$")
NOTICE = re.compile(r"(?:sender|postmaster) (?P<what>non-delivery|delay|delivery status) notification: (?P<id>\w+)$")
ACTION = re.compile(
    r"(?P<action>(?:milter-|proxy-)?(?:reject|reject_warning|warning|hold|discard|redirect|accept)"
    r"|filter|delay|hangup|info): (?P<where>[A-Za-z-]+)(?P<text>.*)$",
    re.DOTALL,
)
FROM_CLIENT = re.compile(r" from (?P<name>[^\s\[]*)\[(?P<ip>[^\]]*)\](?::\d+)?[:;]")
QUEUED_AS = re.compile(r"queued as (\w+)")
FORWARDED_AS = re.compile(r"forwarded as (\w+)$")

EVENTS = {"sent": "delivered", "deferred": "deferred", "bounced": "bounced", "SOFTBOUNCE": "deferred"}
NOTICES = {"non-delivery": "failure", "delay": "delay", "delivery status": "success"}


class Reader:
    """Reads lines in the order of the file and keeps the current life of every queue id."""

    def __init__(self) -> None:
        self.model = Model()
        self.current: dict[tuple[str, str, str], Life] = {}
        self.named: dict[tuple[str, str], list[Life]] = {}

    def read(self, lines: Iterable[Line]) -> Model:
        """The model of a whole log, with hops, forwarded copies and notices tied to their parents."""
        for line in lines:
            parts = line.tag.lstrip("/").split("/")
            if parts[0].startswith("postfix") and len(parts) > 1:
                self.line(line, parts)
        self.tie()
        return self.model

    def line(self, line: Line, parts: list[str]) -> None:
        """One line of a Postfix daemon."""
        daemon = parts[-1]
        if line.body.startswith("NOQUEUE: "):
            self.refuse(line, line.body[9:], None, None)
            return
        found = WITH_ID.match(line.body)
        if not found or found["id"] in NOT_AN_ID:
            self.model.count(f"{daemon}: no queue id")
            return
        queue_id, text = found["id"], found["text"]
        handler = getattr(self, "on_" + daemon.replace("-", "_"), None)
        if daemon in {"smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard"} or text.startswith(
            "to="
        ):
            self.on_delivery(line, parts, queue_id, text)
        elif daemon == "smtpd" or text.startswith("client="):
            self.on_smtpd(line, parts, queue_id, text)
        elif handler:
            handler(line, parts, queue_id, text)
        else:
            self.model.count(f"{daemon}: other")

    # Lives

    def life(self, line: Line, parts: list[str], queue_id: str, *, birth: str = "", message_id: str = "") -> Life:
        """The life a line belongs to; `birth` names the kind of line that can begin one: origin or message-id."""
        key = (line.host, parts[0], queue_id)
        life = self.current.get(key)
        if life is None or self.begins(life, line, birth, message_id):
            life = Life(len(self.model.lives), line.host, parts[0], queue_id, line.time_us, line.number)
            self.model.lives.append(life)
            self.current[key] = life
            self.named.setdefault((line.host, queue_id), []).append(life)
            life.only_identified = birth == "message-id"
        else:
            life.only_identified = False
        life.first_us = min(life.first_us, line.time_us)
        life.last_us = max(life.last_us, line.time_us)
        return life

    @staticmethod
    def begins(life: Life, line: Line, birth: str, message_id: str) -> bool:
        """Whether this line opens a new life of a queue id that has one."""
        pause = line.time_us - life.last_us
        if birth == "origin":
            # The Message-ID may have overtaken the `client=` of its own life by a moment.
            return not (life.only_identified and pause <= DISORDER_US)
        if birth == "message-id":
            if life.ended_us is not None:
                return True
            if life.message_id is not None:
                return life.message_id != message_id
            return life.origin is None and pause > DISORDER_US
        if life.ended_us is not None:
            return line.time_us - life.ended_us > LATE_US
        return pause > SILENCE_US and not life.held and bool(SHORT_ID.fullmatch(life.queue_id))

    # Kinds of lines

    def on_smtpd(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """smtpd: `client=` opens a transaction, everything else with an id is an action on it."""
        client = CLIENT.match(text)
        if not client:
            self.refuse(line, text, queue_id, self.life(line, parts, queue_id))
            return
        self.model.count("smtpd: client")
        life = self.life(line, parts, queue_id, birth="origin")
        life.origin = "smtp"
        client = ORIG_CLIENT.search(text) or client
        life.client_host = None if client["name"] == "unknown" else client["name"]
        life.client_ip = client["ip"]
        life.service = parts[1] if len(parts) > 2 else None
        user = SASL_USER.search(text)
        life.sasl_user = user["user"] if user else None
        previous = ORIG_QUEUE_ID.search(text)
        life.previous_id = previous["id"] if previous else None

    def on_pickup(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """pickup: a local submission."""
        found = PICKUP.match(text)
        if not found:
            self.model.unparsed.append((line.number, text))
            return
        self.model.count("pickup: uid")
        life = self.life(line, parts, queue_id, birth="origin")
        life.origin = "local"
        life.previous_id = found["orig"]
        if life.sender is None:
            life.sender = bare(found["sender"])

    def on_cleanup(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """cleanup: the Message-ID, and header and body checks."""
        if text.startswith("message-id="):
            self.model.count("cleanup: message-id")
            message_id = bare(text[11:].strip())
            life = self.life(line, parts, queue_id, birth="message-id", message_id=message_id)
            life.message_id = message_id
        elif text.startswith("resent-message-id="):
            self.life(line, parts, queue_id)
        else:
            self.refuse(line, text, queue_id, self.life(line, parts, queue_id))

    def on_qmgr(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """qmgr: entered the active queue, gave up, left the queue."""
        life = self.life(line, parts, queue_id)
        active, expired = ACTIVE.match(text), EXPIRED.match(text)
        if active:
            self.model.count("qmgr: queue active")
            life.sender = bare(active["sender"])
            if life.size is None:
                life.accepted_us = life.accepted_us or line.time_us
                life.size, life.nrcpt = int(active["size"]), int(active["nrcpt"])
                self.fact(life, line, "accepted", "queue active")
        elif expired:
            self.model.count("qmgr: expired")
            if life.sender is None:
                life.sender = bare(expired["sender"])
            self.fact(life, line, "expired", expired["word"])
        elif text == "removed":
            self.model.count("qmgr: removed")
            life.ended_us, life.end_word = line.time_us, "removed"
        else:
            self.model.count("qmgr: other")

    def on_postsuper(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """postsuper: what the operator did."""
        life = self.life(line, parts, queue_id)
        self.model.count(f"postsuper: {text}")
        if text == "removed":
            life.ended_us, life.end_word = line.time_us, "deleted"
            self.fact(life, line, "deleted", "removed")
        elif text == "placed on hold":
            life.held = True
            self.fact(life, line, "held", text)
        elif text == "released from hold":
            life.held = False
            self.fact(life, line, "released", text)
        elif text == "requeued":
            life.ended_us, life.end_word = line.time_us, "requeued"

    def on_bounce(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """bounce: a notice about this message was queued under another id."""
        found = NOTICE.match(text)
        if not found:
            self.model.count("bounce: other")
            return
        self.model.count(f"bounce: {found['what']}")
        life = self.life(line, parts, queue_id)
        fact = self.fact(life, line, "notified", found["what"])
        fact.notice, fact.next_id = NOTICES[found["what"]], found["id"]

    on_defer = on_trace = on_bounce

    def on_delivery(self, line: Line, parts: list[str], queue_id: str, text: str) -> None:
        """A delivery agent: one recipient, one attempt (or a decision without one)."""
        found = DELIVERY.match(text)
        if not found:
            self.model.count(f"{parts[-1]}: no to=")
            return
        life = self.life(line, parts, queue_id)
        word = found["word"]
        reply = (found["reply"] or "").removesuffix(")")
        event = EVENTS.get(word, "other")
        if event == "delivered":
            if parts[-1] == "discard":
                event = "discarded"
            elif FORWARDED_AS.match(reply):
                event = "expanded"
        fact = self.fact(life, line, event, word)
        fact.recipient = bare(found["to"])
        fact.original_recipient = bare(found["orig"]) if found["orig"] else None
        self.relay(fact, found["relay"])
        fact.delay = float(found["delay"])
        fact.enhanced_status = found["dsn"]
        suspended = reply.startswith("delivery temporarily suspended")
        fact.reply, fact.smtp_code = reply, None if suspended else reply_code(reply)
        fact.attempted = event != "other" and not suspended
        if event == "expanded":
            fact.next_id = FORWARDED_AS.match(reply)[1]
        elif event == "delivered" and (queued := QUEUED_AS.findall(reply)):
            fact.next_id = queued[-1]
        self.model.count(f"{parts[-1]}: {word}")

    @staticmethod
    def relay(fact: Fact, relay: str) -> None:
        """Takes `host[ip]:port` apart."""
        if relay == "none":
            return
        found = RELAY.match(relay)
        if not found:
            fact.relay_host = relay
            return
        fact.relay_host, fact.relay_ip = found["host"] or None, None if "/" in found["ip"] else found["ip"]
        fact.relay_port = int(found["port"]) if found["port"] else None

    def refuse(self, line: Line, text: str, queue_id: str | None, life: Life | None) -> None:
        """An access or content action: reject, hold, discard, warning …."""
        found = ACTION.match(text)
        if not found:
            self.model.count("smtpd/cleanup: other")
            return
        action, rest = found["action"], found["text"]
        self.model.count(f"action: {action}")
        tail = rest[rest.rfind("; from=") :] if "; from=" in rest else ""
        sender = re.search(rf"from=({ADDRESS})", tail)
        recipient = re.search(rf" to=({ADDRESS})", tail)
        client = FROM_CLIENT.search(rest)
        reply = rest[: rest.rfind("; from=")] if tail else rest
        code = re.search(r": ([245]\d\d) (?:(\d\.\d+\.\d+) )?", reply)
        kind = action.removeprefix("milter-").removeprefix("proxy-")
        if life is not None and kind in {"hold", "discard"}:
            event = "held" if kind == "hold" else "discarded"
            life.held = life.held or event == "held"
            if event == "held" and line.tag.endswith("/cleanup"):  # it has the whole message
                life.accepted_us = life.accepted_us or line.time_us
            fact = self.fact(life, line, event, action)
            fact.recipient = bare(recipient[1]) if recipient else None
            fact.reply = tail.rpartition(">: ")[2] if ">: " in tail else None
            life.sender = bare(sender[1]) if sender and life.sender is None else life.sender
        self.model.refusals.append(
            Refusal(
                line.number, line.offset, line.time_us, line.tag, queue_id, life,
                "rejected" if kind == "reject" else "other", action, found["where"],
                (client["name"] or None) if client else None, client["ip"] if client else None,
                bare(sender[1]) if sender else None, bare(recipient[1]) if recipient else None,
                int(code[1]) if code else None, code[2] if code else None, reply,
            )
        )  # fmt: skip

    @staticmethod
    def fact(life: Life, line: Line, event: str, raw_event: str) -> Fact:
        """A new fact of a life."""
        fact = Fact(life, line.number, line.offset, line.time_us, line.tag, event, raw_event)
        life.facts.append(fact)
        return fact

    # Ties between lives

    def tie(self) -> None:
        """Ties hops, forwarded copies and notices to the life they come from, and marks what never was a mail."""
        for life in self.model.lives:
            if life.previous_id:
                parent = self.nearest(life.host, life.previous_id, life.first_us, life.message_id)
                if parent is not None and parent is not life:
                    self.adopt(parent, life, "hop")
        for life in self.model.lives:
            for fact in life.facts:
                if fact.next_id:
                    self.tie_next(life, fact)
        for life in self.model.lives:
            life.aborted = life.accepted_us is None and not life.facts and life.ended_us is None

    def tie_next(self, life: Life, fact: Fact) -> None:
        """What a fact names by `next_id`: a hop, a forwarded copy or a notice, if it is in this log."""
        same = None if fact.event == "notified" else life.message_id
        child = self.nearest(life.host, fact.next_id or "", fact.time_us, same)
        if child is life:
            child = None
        if fact.event == "notified":
            if child is not None and child.origin is None:
                self.adopt(life, child, "notice")
        elif fact.event == "expanded":
            if child is not None:
                self.adopt(life, child, "forward")
        elif child is not None and self.same_mail(life, child, fact):
            self.adopt(life, child, "hop")
            fact.event = "relayed"
        elif fact.relay_ip in LOOPBACK:
            fact.event = "relayed"

    @staticmethod
    def same_mail(life: Life, child: Life, fact: Fact) -> bool:
        """Whether a reply's `queued as` names this child: another server can have used the same id."""
        if child.previous_id:
            return child.previous_id == life.queue_id
        if life.message_id is not None and child.message_id is not None:
            return child.origin is not None and life.message_id == child.message_id
        return fact.relay_ip in LOOPBACK

    def nearest(self, host: str, queue_id: str, time_us: int, message_id: str | None) -> Life | None:
        """The life of that id which is nearest in time, of those with that Message-ID if there is one."""
        lives = self.named.get((host, queue_id), [])
        same = [life for life in lives if message_id is not None and life.message_id == message_id]
        return min(same or lives, key=lambda life: abs(life.first_us - time_us), default=None)

    @staticmethod
    def adopt(parent: Life, child: Life, kind: str) -> None:
        """Makes one life the child of another, once, and never in a circle."""
        above: Life | None = parent
        while above is not None:
            if above is child:
                return
            above = above.parent
        if child.parent is None:
            child.parent, child.kind = parent, kind
            parent.children.append(child)


def read(lines: Iterable[Line]) -> Model:
    """The model of a Postfix log."""
    return Reader().read(lines)
