"""Sendmail, read line by line with dictionaries: receptions, deliveries, notices and refusals."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from tests.model_reference.facts import Fact, Life, Model, Refusal, bare, reply_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.model_reference.syslog import Line

QUEUE_ID = re.compile(r"[0-9A-Za-x]{8}\d{5,7}|[A-Z]{3}\d{5}")
WITH_ID = re.compile(rf"(?P<id>{QUEUE_ID.pattern}): (?P<text>.*)", re.DOTALL)
TAGS = {"sendmail", "MTA", "MSP"}

FROM = re.compile(
    r"from=(?P<sender>.*?)(?:, size=(?P<size>\d+), class=-?\d+, nrcpts=(?P<nrcpts>\d+)(?:, msgid=(?P<msgid>.*?))?"
    r"(?:, bodytype=[^,]*)?(?:, proto=[^,]*)?(?:, daemon=[^,]*)?(?:, tls_verify=[^,]*)?(?:, auth=[^,]*)?"
    r", relay=(?P<relay>.*))?$",
    re.DOTALL,
)
FROM_RELAY = re.compile(r"(?:(?P<host>\S+) )?\[(?:IPv6:)?(?P<ip>[^\]]*)\](?: \(may be forged\))?$")
TO = re.compile(
    r"to=(?P<to>(?:\"(?:[^\"\\]|\\.)*\"[^,\s]*|<(?:\"(?:[^\"\\]|\\.)*\"[^>]*|[^>]*)>|[^,\s]*)"
    r"(?:,(?:\"(?:[^\"\\]|\\.)*\"[^,\s]*|<(?:\"(?:[^\"\\]|\\.)*\"[^>]*|[^>]*)>|[^,\s]+))*)"
    r"(?:, ctladdr=(?P<ctladdr>.*?) \(\d+/\d+\))?(?:, delay=(?P<delay>[\d+:]+))?(?:, xdelay=[\d+:]+)?"
    r"(?:, mailer=(?P<mailer>[^,]*))?(?:, pri=\d+)?(?:, relay=(?P<relay>[^,]*))?(?:, dsn=(?P<dsn>[\d.]+))?"
    r"(?:, reply=(?P<reply>.*?))?(?:, ntries=\d+)?, stat=(?P<stat>.*)$",
    re.DOTALL,
)
ONE = re.compile(r"\"(?:[^\"\\]|\\.)*\"[^,\s]*|<(?:\"(?:[^\"\\]|\\.)*\"[^>]*|[^>]*)>|[^,\s]+")
TO_RELAY = re.compile(r"(?P<host>\S*?)\.?(?: ?\[(?:IPv6:)?(?P<ip>[^\]]*)\])?$")
NOTICE = re.compile(
    rf"(?P<id>{QUEUE_ID.pattern}): (?P<how>DSN|return to sender|sender notify|postmaster notify): (?P<why>.*)$",
    re.DOTALL,
)
ACCEPTED_AS = re.compile(rf"Sent \((?P<id>{QUEUE_ID.pattern}) Message accepted for delivery\)")
QUEUED_AS = re.compile(r"Sent \(Ok: queued as (?P<id>\w+)\)")
GAVE_UP = re.compile(r"Cannot send message (?:for|within)|Message could not be delivered for")
LOST = re.compile(
    r"lost input channel from|collect: (?:premature EOM|.*, status=)|timeout waiting for input from \S+ during message"
)
RULESET = re.compile(
    r"ruleset=(?P<rule>\w+)(?:, arg1=(?P<arg>.*?))?(?:, arg2=.*?)?, relay=(?P<relay>.*?), "
    r"(?P<action>reject|discard|quarantine)(?:=(?P<reply>.*))?$",
    re.DOTALL,
)
PHASES = {
    "check_rcpt": "RCPT",
    "check_mail": "MAIL",
    "check_relay": "CONNECT",
    "check_data": "DATA",
    "check_eom": "EOM",
}
NETWORK = {"esmtp", "smtp", "relay", "dsmtp", "smtp8", None}
LOOPBACK = {"127.0.0.1", "::1", "0:0:0:0:0:0:0:1"}


def short(ip: str | None) -> str | None:
    """The address as RFC 5952 writes it."""
    return str(ipaddress.ip_address(ip)) if ip else ip


class Reader:
    """Reads lines in the order of the file; a Sendmail queue id has one life."""

    def __init__(self) -> None:
        self.model = Model()
        self.current: dict[tuple[str, str], Life] = {}

    def read(self, lines: Iterable[Line]) -> Model:
        """The model of a whole log, with submissions tied to the daemon's copy and notices to their parents."""
        for line in lines:
            if QUEUE_ID.fullmatch(line.tag):
                self.line(line, line.tag, line.body)
                continue
            if line.tag not in TAGS and not line.tag.startswith("sm-"):
                continue
            found = WITH_ID.match(line.body)
            if found:
                self.line(line, found["id"], found["text"])
            elif line.body.startswith("NOQUEUE: "):
                self.refuse(line, None, line.body[9:])
            else:
                self.model.count("no queue id")
        self.tie()
        return self.model

    def life(self, line: Line, queue_id: str) -> Life:
        """The life a line belongs to."""
        key = (line.host, queue_id)
        life = self.current.get(key)
        if life is None:
            life = Life(len(self.model.lives), line.host, "sendmail", queue_id, line.time_us, line.number)
            self.model.lives.append(life)
            self.current[key] = life
        life.first_us = min(life.first_us, line.time_us)
        life.last_us = max(life.last_us, line.time_us)
        return life

    def line(self, line: Line, queue_id: str, text: str) -> None:
        """One line with a queue id."""
        if text.startswith("from="):
            self.on_from(line, queue_id, text)
        elif text.startswith("to=") and (found := TO.match(text)):
            self.on_to(line, queue_id, found)
        elif found := NOTICE.match(text):
            self.on_notice(line, queue_id, found)
        elif text.startswith("done;"):
            self.model.count("done")
            life = self.life(line, queue_id)
            life.ended_us, life.end_word = line.time_us, "done"
        else:
            self.refuse(line, queue_id, text)

    def on_from(self, line: Line, queue_id: str, text: str) -> None:
        """A reception; without recipients, one that came to nothing."""
        found = FROM.match(text)
        if not found:
            self.model.unparsed.append((line.number, text))
            return
        self.model.count("from")
        life = self.life(line, queue_id)
        life.sender = bare(found["sender"])
        life.origin = "smtp"
        life.size = int(found["size"]) if found["size"] else None
        life.nrcpt = int(found["nrcpts"]) if found["nrcpts"] else None
        life.message_id = bare(found["msgid"]) if found["msgid"] else None
        if life.nrcpt == 0 or life.size == 0 or life.aborted:
            life.aborted = True
            return
        life.accepted_us = line.time_us
        relay = FROM_RELAY.match(found["relay"] or "")
        if relay:
            life.client_host, life.client_ip = relay["host"], short(relay["ip"])
        elif found["relay"] and found["relay"].endswith("@localhost"):
            life.origin = "local"
        self.fact(life, line, "accepted", "from")

    def on_to(self, line: Line, queue_id: str, found: re.Match[str]) -> None:
        """A delivery line: one fact for each of its recipients."""
        life = self.life(line, queue_id)
        stat, dsn, mailer = found["stat"], found["dsn"], found["mailer"]
        event = self.event(stat, dsn, mailer)
        reason = self.reason(stat)
        remembered = event == "deferred" and (found["reply"], reason) == (None, None)
        remembered = remembered or (event == "deferred" and (reason or "").startswith("Connection "))
        reply = found["reply"] or reason
        self.model.count(f"to: {event}")
        for address in ONE.findall(found["to"]):
            fact = self.fact(life, line, event, stat.partition(":")[0].partition(" (")[0])
            fact.recipient = address.strip('"') if address.startswith('"|') else bare(address)
            if mailer in {"prog", "*file*"} and found["ctladdr"]:
                fact.original_recipient = bare(found["ctladdr"])
            relay = TO_RELAY.match(found["relay"]) if found["relay"] else None
            fact.relay_host = mailer if relay is None and mailer not in NETWORK else None
            if relay:
                fact.relay_host, fact.relay_ip = relay["host"].strip("[]") or None, short(relay["ip"])
            fact.delay = seconds(found["delay"]) if found["delay"] else None
            fact.enhanced_status, fact.reply = dsn, reply
            fact.smtp_code = reply_code(reply or "")
            # A host that is remembered as down is not asked again: its name stands there without an address.
            fact.attempted = stat != "queued" and not (remembered and relay and relay["ip"] is None)
            accepted = ACCEPTED_AS.match(stat) or QUEUED_AS.match(stat)
            fact.next_id = accepted["id"] if accepted else None

    @staticmethod
    def reason(stat: str) -> str | None:
        """What follows `Sent` or `Deferred`, or the whole of any other word."""
        if stat.startswith("Sent"):
            return stat.removeprefix("Sent").strip().removeprefix("(").removesuffix(")") or None
        return stat.removeprefix("Deferred").removeprefix(": ").removeprefix("queued") or None

    @staticmethod
    def event(stat: str, dsn: str | None, mailer: str | None) -> str:
        """What a `stat=` means: the program's own word first, then the class of dsn=."""
        if stat.startswith("Sent"):
            return "discarded" if mailer == "discard" else "delivered"
        if stat.startswith("Deferred"):
            return "deferred"
        if stat == "queued":
            return "pending"
        if GAVE_UP.match(stat):
            return "expired"
        return {"2": "delivered", "4": "deferred"}.get((dsn or "5")[0], "bounced")

    def on_notice(self, line: Line, queue_id: str, found: re.Match[str]) -> None:
        """A notice was made; `Cannot send message` says besides that the message was given up."""
        life = self.life(line, queue_id)
        why, how = found["why"], found["how"]
        self.model.count(f"{how}: {why.partition(' (')[0]}")
        notice = "success" if why.startswith("Return receipt") else "failure"
        if why.startswith("Warning: "):
            notice = "delay"
        if GAVE_UP.match(why):
            self.fact(life, line, "expired", why).reply = why
        fact = self.fact(life, line, "notified", how)
        fact.notice, fact.next_id, fact.reply = notice, found["id"], why
        child = self.life(line, found["id"])
        if child.parent is None and child is not life:
            child.parent, child.kind = life, "notice"
            child.sender = "" if child.sender is None else child.sender
            life.children.append(child)

    def refuse(self, line: Line, queue_id: str | None, text: str) -> None:
        """What was refused at the door; every other line only counts as seen."""
        rule = RULESET.match(text)
        unknown = re.match(r"(<.*>)\.\.\. User unknown$", text)
        if queue_id and LOST.match(text):
            life = self.life(line, queue_id)
            life.aborted = life.accepted_us is None
        if not rule and not unknown:
            self.model.count("other")
            return
        client = FROM_RELAY.match(rule["relay"]) if rule else None
        reply = (rule["reply"] or "") if rule else "User unknown"
        code = re.match(r"([245]\d\d)(?: (\d\.\d+\.\d+))?", reply)
        self.model.count("refused")
        life = self.life(line, queue_id) if queue_id else None
        recipient = bare(rule["arg"]) if rule and rule["rule"] == "check_rcpt" and rule["arg"] else None
        self.model.refusals.append(
            Refusal(
                line.number, line.offset, line.time_us, line.tag, queue_id, life, "rejected",
                rule["action"] if rule else "user unknown",
                PHASES.get(rule["rule"], "OTHER") if rule else "RCPT",
                client["host"] if client else None, short(client["ip"]) if client else None,
                bare(rule["arg"]) if rule and rule["rule"] == "check_mail" and rule["arg"] else None,
                bare(unknown[1]) if unknown else recipient,
                int(code[1]) if code else None, code[2] if code else None, reply,
            )
        )  # fmt: skip

    @staticmethod
    def fact(life: Life, line: Line, event: str, raw_event: str) -> Fact:
        """A new fact of a life."""
        fact = Fact(life, line.number, line.offset, line.time_us, line.tag, event, raw_event)
        life.facts.append(fact)
        return fact

    def tie(self) -> None:
        """Ties a local submission to the copy that the daemon took over."""
        for life in self.model.lives:
            for fact in life.facts:
                if fact.event != "delivered" or not fact.next_id:
                    continue
                child = self.current.get((life.host, fact.next_id))
                if child is not None and child is not life and self.same_mail(life, child, fact):
                    fact.event = "relayed"
                    if child.parent is None:
                        child.parent, child.kind = life, "hop"
                        life.children.append(child)
                elif fact.relay_ip in LOOPBACK:
                    fact.event = "relayed"
            life.aborted = life.aborted and not life.facts
        for life in self.model.lives:
            if life.accepted_us is None and not life.facts and life.kind != "notice":
                life.aborted = True

    @staticmethod
    def same_mail(life: Life, child: Life, fact: Fact) -> bool:
        """Whether the id in a reply is this server's own: the Message-ID agrees, or the relay is this host."""
        if life.message_id is not None and child.message_id is not None:
            return life.message_id == child.message_id
        return fact.relay_ip in LOOPBACK


def seconds(delay: str) -> float:
    """`1+02:03:04` as seconds."""
    days, _, clock = delay.rpartition("+")
    hours, minutes, rest = (int(part) for part in clock.split(":"))
    return float(int(days or 0) * 86_400 + hours * 3600 + minutes * 60 + rest)


def read(lines: Iterable[Line]) -> Model:
    """The model of a Sendmail log."""
    return Reader().read(lines)


def names(text: str) -> Iterator[str]:
    """The recipients of a `to=` value."""
    return (bare(one) for one in ONE.findall(text))
