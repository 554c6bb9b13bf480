"""pflogsumm's counters, line by line: what each counts and what it leaves out.

Everything is kept by queue id, a reused id is the same id, and lines count in the order in which they stand. This is
1.1.5; what 1.3.0 does otherwise is in `newer`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mailaudit.pflogsumm import munging, reasons
from mailaudit.pflogsumm.summary import Summary

if TYPE_CHECKING:
    from mailaudit.pflogsumm.options import Options
    from mailaudit.pflogsumm.summary import Nested

RECEIVED, DELIVERED, DEFERRED, BOUNCED, REJECTED = range(5)
"""The columns of days and hours."""
CONTENT = re.compile(
    r"/cleanup\[\d+\]: .*?\b(?P<act>(?:milter-)?reject|warning|hold|discard): "
    r"(?P<what>header|body|END-OF-MESSAGE) (?P<rest>.*)"
)
ACCESS = re.compile(r"\[\d+\]: \w+: (?P<act>reject_warning|reject|hold|discard): ")
ARRIVED = re.compile(r"\[\d+\]: \w+: client=(?P<client>.+?)(?:,|$)")
QUEUED = re.compile(r"from=<(?P<sender>[^>]*)>, size=(?P<size>\d+)")
DELIVERY = re.compile(
    r"to=<(?P<to>[^>]*)>, (?:orig_to=<[^>]*>, )?relay=(?P<relay>[^,]+), (?:conn_use=[^,]+, )?delay=(?P<delay>[^,]+), "
    r"(?:delays=[^,]+, )?(?:dsn=[^,]+, )?status=(?P<status>\S+)(?P<rest>.*)"
)
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)")
PICKED_UP = re.compile(r": (?:sender|uid)=")
REFUSAL = re.compile(r".* \b(?:reject|reject_warning|hold|discard): (?P<phase>\S+) from (?P<client>\S+?): (?P<rest>.*)")
UNREACHED = (
    re.compile(r".* connect to (?P<where>\S+?): (?P<why>[^;]+); address \S+ port"),
    re.compile(r".* connect to (?P<where>[^\[]+)\[\S+?\]: (?P<why>.+?) \(port \d+\)$"),
)
CONNECTED = re.compile(r"/smtpd\[(?P<pid>\d+)\]: (?P<what>connect|disconnect) from (?P<client>.+)")
LISTS = {"reject": "rejects", "reject_warning": "warns", "warning": "warns", "hold": "holds", "discard": "discards"}
WORDS = {"rejects": "rejected", "warns": "reject warnings", "holds": "held", "discards": "discarded"}


class Line(NamedTuple):
    """A line of Postfix: when by its own clock, which program, the first word after it, the text from the tag on."""

    day: str
    hour: int
    seconds: int
    program: str
    word: str
    text: str


def seconds(text: str) -> float:
    """A delay; what follows the number is left out."""
    number = NUMBER.match(text)
    return float(number[0]) if number else 0.0


class Counting:
    """Counts line after line."""

    refusal = REFUSAL
    """Cuts a refusal into phase, client and the rest."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.summary = Summary()
        self.sizes: dict[str, int] = {}
        self.arrived: dict[str, str] = {}
        self.put_off: set[str] = set()
        self.connected: dict[str, int] = {}
        self.day, self.hour = "", 0

    def days_begin(self, days: list[str]) -> None:
        """Counts the days as they change, lines that count nothing else included."""
        self.summary.day_count += len(days)
        if self.options.zero_fill:
            for day in days:
                self.summary.days[day][REJECTED] += 0

    def line(self, line: Line) -> None:
        """Counts one line."""
        self.day, self.hour = line.day, line.hour
        content = CONTENT.search(line.text) if line.program == "cleanup" else None
        if content:
            self._content(content)
        elif line.word in {"warning", "fatal", "panic"}:
            self._trouble(line)
        elif line.word in LISTS:
            self._refused(line.word, line.text)
        elif line.program == "master":
            self.summary.master[line.text.rpartition(": ")[2]] += 1
        elif line.program in {"smtpd", "postscreen"}:
            self._door(line)
        else:
            self._mail(line)

    def _mail(self, line: Line) -> None:
        """A line of the queue manager, of a delivery agent, or of another program."""
        if queued := QUEUED.search(line.text):
            self._queued(line.word, queued)
        elif delivery := DELIVERY.search(line.text):
            self._tried(line, delivery)
        elif line.program == "pickup" and PICKED_UP.search(line.text):
            self._came(line.word, "pickup")
        elif line.program == "smtp" and self.options.smtp_detail:
            found = next(filter(None, (pattern.match(line.text) for pattern in UNREACHED)), None)
            if found:
                self.summary.unreached[reasons.lower(found["why"])][found["where"]] += 1

    def finish(self) -> Summary:
        """The tables."""
        return self.summary

    def _client(self, text: str) -> str:
        return reasons.client(text)

    def _add(self, column: int) -> None:
        self.summary.days[self.day][column] += 1
        self.summary.hours[self.hour][column] += 1

    def _content(self, found: re.Match[str]) -> None:
        """A decision on headers, body or the whole message; four kinds share one column of days and hours."""
        act, whole = found["act"].removeprefix("milter-"), self.options.verbose_msg_detail
        text = found["rest"]
        if not whole:
            text = re.sub(r"( from \S+?)?; from=<.*", "", text, count=1)
        name = LISTS[act]
        self.summary.totals[WORDS[name]] += 1
        if self.options.reject_detail:
            getattr(self.summary, name)["cleanup"][found["what"]][reasons.cut(text, 64, whole=whole)] += 1
        self._add(REJECTED)

    def _trouble(self, line: Line) -> None:
        table: Nested = getattr(self.summary, {"warning": "warnings", "fatal": "fatals", "panic": "panics"}[line.word])
        text = line.text.rpartition(f"{line.word}: ")[2]
        table[line.program][reasons.cut(text, 66, whole=self.options.verbose_msg_detail)] += 1

    def _door(self, line: Line) -> None:
        if arrived := ARRIVED.search(line.text):
            self._came(line.word, self._client(arrived["client"]))
        elif act := ACCESS.search(line.text):
            self._refused(act["act"], line.text)
        elif self.options.smtpd_stats and (found := CONNECTED.search(line.text)):
            if found["what"] == "connect":
                self.connected[found["pid"]] = line.seconds
            elif found["pid"] in self.connected:
                took = line.seconds - self.connected.pop(found["pid"])
                self.summary.session(self.day, self.hour, self._client(found["client"]), took)

    def _refused(self, act: str, text: str) -> None:
        """One refusal (or warning, hold, discard) by smtpd or postscreen."""
        name = LISTS[act]
        self.summary.totals[WORDS[name]] += 1
        self._add(REJECTED)
        if not self.options.reject_detail:
            return
        found = self.refusal.match(text)
        phase, client, rest = (found["phase"], found["client"], found["rest"]) if found else ("", "", "")
        reason = rest
        if not self.options.verbose_msg_detail:
            phase, reason = self._reason(phase, rest)
        table = getattr(self.summary, name)[phase]
        table[reason_in_words(reason)][self._whom(reason, client, rest, text)] += 1

    def _reason(self, phase: str, text: str) -> tuple[str, str]:
        """The phase under which a refusal is listed, and why it was."""
        return phase, reasons.refusal(phase, text)

    def _parties(self, text: str) -> tuple[str, str]:
        """The sender and the recipient of whom a refusal tells."""
        to = next(filter(None, (re.search(pattern, text) for pattern in RECIPIENT)), None)
        recipient = to[1] if to else "<>"
        given = re.search(r"from=<([^>]+)>", text)
        sender = given[1] if given else "<>"
        if self.options.verp_mung:
            sender = munging.one_of_a_list(sender, self.options.verp_mung)
        if self.options.srs_mung:
            sender = munging.out_of_srs(sender)
        return (reasons.lower(sender), reasons.lower(recipient)) if self.options.ignore_case else (sender, recipient)

    def _whom(self, reason: str, client: str, rest: str, text: str) -> str:
        """Who is listed under the reason: the sender, the recipient or the client."""
        sender, recipient = self._parties(rest)
        if reason.startswith("Sender address rejected:"):
            return sender
        if re.match(r"Recipient address rejected:|User unknown(?: |$)", reason):
            return f"{recipient}  ({sender})" if self.options.rej_add_from else recipient
        if re.search(r"\d{3} Improper use of SMTP command pipelining;", reason):
            source = re.match(r".+? from (\S+?):", text)
            return source[1] if source else ""
        return self._client(client) + (f"  ({sender})" if self.options.rej_add_from else "")

    def _address(self, text: str) -> str:
        """An address as it is counted."""
        if self.options.uucp_mung:
            text = munging.out_of_a_path(text)
        return reasons.lower_domain(text, whole=self.options.ignore_case)

    def _sender(self, text: str) -> str:
        """A sender as it is counted."""
        sender = self._address(text)
        if self.options.verp_mung:
            sender = munging.one_of_a_list(sender, self.options.verp_mung)
        if self.options.srs_mung:
            sender = munging.out_of_srs(sender)
        return sender or "from=<>"

    def _came(self, queue_id: str, whence: str) -> None:
        """A message has begun to arrive."""
        self.summary.totals["received"] += 1
        self._add(RECEIVED)
        self.arrived[queue_id] = whence

    def _queued(self, queue_id: str, found: re.Match[str]) -> None:
        """The first size of an id; it counts as received only if its arrival was seen."""
        if self.sizes.get(queue_id):
            return
        size = self.sizes[queue_id] = int(found["size"])
        whence = self.arrived.pop(queue_id, "")
        if not whence:
            return
        sender = self._sender(found["sender"])
        local, at, rest = sender.partition("@")
        domain = rest if local and at and rest else (sender if whence == "pickup" else whence)
        self.summary.sent_by(sender, domain, size)

    def _tried(self, line: Line, found: re.Match[str]) -> None:
        """One delivery line."""
        recipient = self._address(found["to"])
        local, _, rest = recipient.partition("@")
        domain = rest if local and "@" in recipient else recipient
        delay = seconds(found["delay"])
        totals, status = self.summary.totals, found["status"]
        if status == "sent" and "forwarded as " in found["rest"]:
            totals["forwarded"] += 1
        elif status == "sent":
            self._delivered(line.word, recipient, domain, delay)
        elif status == "deferred":
            self._deferred(line, domain, delay)
        elif status == "bounced":
            totals["bounced"] += 1
            self._add(BOUNCED)
            if self.options.bounce_detail:
                relay = reasons.lower(found["relay"]) if self.options.ignore_case else found["relay"]
                why = re.search(r", status=bounced \((.+)\)", line.text)
                self.summary.bounced[relay][self._short(why, 66)] += 1

    def _put_off(self, queue_id: str, domain: str, delay: float) -> None:
        """An attempt that failed for now."""
        totals = self.summary.totals
        totals["deferrals"] += 1
        totals["deferred"] += queue_id not in self.put_off
        self.put_off.add(queue_id)
        self._add(DEFERRED)
        entry = self.summary.delivery[domain]
        entry.deferrals += 1
        entry.longest = max(entry.longest, delay)

    def _deferred(self, line: Line, domain: str, delay: float) -> None:
        self._put_off(line.word, domain, delay)
        if self.options.deferral_detail:
            why = re.search(r", status=deferred \(([^)]+)", line.text)
            reason = self._short(why, 65)
            if not self.options.verbose_msg_detail:
                reason = reason.removeprefix("connect to ")
            self.summary.deferred[line.program][reason] += 1

    def _short(self, found: re.Match[str] | None, longest: int) -> str:
        text = found[1] if found else ""
        return text if self.options.verbose_msg_detail else reasons.uncoded(reasons.said(text, longest))

    def _size(self, queue_id: str) -> int:
        return self.sizes.get(queue_id, 0)

    def _delivered(self, queue_id: str, recipient: str, domain: str, delay: float) -> None:
        """One delivery to one recipient, of the first size its id had."""
        entry, summary = self.summary.delivery[domain], self.summary
        size = self._size(queue_id)
        summary.totals["recipient hosts/domains"] += entry.count == 0
        summary.totals["recipients"] += recipient not in summary.recipients
        entry.count += 1
        entry.bytes += size
        entry.delay += delay
        entry.longest = max(entry.longest, delay)
        summary.recipients[recipient][0] += 1
        summary.recipients[recipient][1] += size
        summary.totals["delivered"] += 1
        summary.totals["bytes delivered"] += size
        self._add(DELIVERED)
        if not size and not self.options.no_no_msg_size:
            summary.without_size[queue_id] = recipient


RECIPIENT = (r"to=<([^>]+)>", r"\d{3} <([^>]+)>: User unknown ", r"to=<(.*?)(?:[, ]|$)")
"""Where the recipient of a refusal stands, in order."""


def reason_in_words(reason: str) -> str:
    """Reasons that pflogsumm words in its own way."""
    for text, words in (
        (r".*?\d{3} (Improper use of SMTP command pipelining);.*", r"\1"),
        (r".*?\d{3} (Message size exceeds fixed limit);.*", r"\1"),
        (r".*?\d{3} (Server configuration (?:error|problem));.*", r"(Local) \1"),
    ):
        if found := re.fullmatch(text, reason):
            return found.expand(words)
    return reason
