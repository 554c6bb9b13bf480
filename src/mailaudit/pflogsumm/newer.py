"""pflogsumm 1.3.0's counters, where they differ from 1.1.5's.

What is known of an id is forgotten when the queue is done with it, so an id that comes back is new. What was refused,
canceled, or never had a size is taken back from what was received.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.pflogsumm import newer_reasons, reasons
from mailaudit.pflogsumm.counting import (
    BOUNCED,
    LISTS,
    REJECTED,
    WORDS,
    Counting,
    reason_in_words,
    seconds,
)

if TYPE_CHECKING:
    from mailaudit.pflogsumm.counting import Line
    from mailaudit.pflogsumm.options import Options
    from mailaudit.pflogsumm.summary import Summary

AFTER = re.compile(
    r"^.*?\[\d+\]:?[ \t]+(?:-\s+)?(?:(?:NOQUEUE|[0-9A-F]+|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]+):[ \t]+)?"
)
"""What stands before the text of a line: tag and queue id."""
TROUBLE = re.compile(r"(?P<what>warning|panic|fatal):\s+(?P<text>.+)$")
CONTENT = re.compile(r"(?P<act>(?:milter-)?reject|hold|discard): (?P<what>header|body|END-OF-MESSAGE) (?P<rest>.*)$")
ARRIVED = re.compile(r"client=(?P<client>.+?)(?:,|$)")
ACCESS = re.compile(r"(?P<act>reject_warning|reject|hold|discard): ")
REFUSAL = re.compile(r"(?:reject_warning|reject|hold|discard): (?P<phase>\S+) from (?P<client>\S+?): (?P<rest>.*)$")
ENCRYPTION = re.compile(r"(?P<what>.*?(?:SSL|STARTTLS).*?)\s+from\s+(?P<client>\S+\[[^\]]+\])(?::\s+(?P<more>.+))?$")
LEFT = re.compile(r"disconnect from (?P<client>.+?)(?: unknown=\d+/\d+)?(?: commands=\d+/\d+)?$")
DELIVERY = re.compile(
    r"to=<(?P<to>[^>]*)>,\s+(?:orig_to=<(?P<first>[^>]*)>,\s+)?relay=(?P<relay>[^,]+),\s+(?:conn_use=[^,]+,\s+)?"
    r"delay=(?P<delay>[^,]+),\s+(?:delays=[^,]+,\s+)?(?:tls=(?P<tls>[^,]+),\s+)?(?:dsn=[^,]+,\s+)?"
    r"status=(?P<status>\S+)(?P<rest>.*)$"
)
QUEUED = re.compile(r"from=<(?P<sender>[^>]*)>, size=(?P<size>\d+)")
UNREACHED = (
    re.compile(r"connect to\s+(?P<where>[^\]]+\]): (?P<why>.+?) \(port \d+\)$"),
    re.compile(r"connect to\s+(?P<where>[^\]]+\]):\d+:\s+(?P<why>.+)$"),
)
PID = re.compile(r"\[(?P<pid>\d+)\]")
NARROW, WIDE, COLUMNS = 64, 66, 80
"""Bytes of a text that is listed, on a page of so many columns."""


@dataclass(slots=True)
class Mail:
    """What is known of a queue id until the queue is done with it."""

    whence: str = ""
    size: int | None = None
    relay: str = ""


class NewerCounting(Counting):
    """Counts line after line, as 1.3.0 does."""

    refusal = REFUSAL

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.mail: defaultdict[str, Mail] = defaultdict(Mail)
        self.sized = False
        self.summary.deferred = defaultdict(lambda: defaultdict(Counter))

    def line(self, line: Line) -> None:
        """Counts one line."""
        self.day, self.hour = line.day, line.hour
        text = AFTER.sub("", line.text, count=1)
        if trouble := TROUBLE.match(text):
            self._said(line.program, trouble["what"], trouble["text"])
        elif line.program == "cleanup":
            self._cleaned(line.word, text)
        elif line.program == "master":
            self.summary.master[text] += 1
        elif line.program in {"smtpd", "postscreen", "pickup"}:
            self._entered(line, text)
        elif delivery := DELIVERY.match(text):
            self._delivery(line, text, delivery)
        elif line.program in {"qmgr", "nqmgr"}:
            self._managed(line.word, text)
        elif line.program == "smtp":
            found = next(filter(None, (pattern.match(text) for pattern in UNREACHED)), None)
            if found:
                where = newer_reasons.host(found["where"], whole=True)
                self.summary.unreached[reasons.lower(found["why"])][where] += 1

    def finish(self) -> Summary:
        """The tables. What never had a size was not received; a log without any sizes tells nothing of that."""
        if self.sized:
            self.summary.totals["received"] -= sum(1 for mail in self.mail.values() if mail.size is None)
        return self.summary

    def _client(self, text: str) -> str:
        return newer_reasons.host(text)

    def _size(self, queue_id: str) -> int:
        return self.mail[queue_id].size or 0

    def _cut(self, text: str, longest: int) -> str:
        if self.options.verbose_msg_detail or not self.options.columns:
            return text
        return reasons.cut(text, longest + self.options.columns - COLUMNS)

    def _said(self, program: str, what: str, text: str) -> None:
        """A warning, or worse."""
        if what != "warning":
            (self.summary.fatals if what == "fatal" else self.summary.panics)[program][text] += 1
            return
        shorter = text if program == "cleanup" else newer_reasons.warning(text)
        if "rdns-warnings" not in self.options.suppress or "does not resolve to address" not in shorter:
            self.summary.warnings[program][self._cut(shorter, WIDE)] += 1

    def _cleaned(self, queue_id: str, text: str) -> None:
        """A decision on headers, body or the whole message, or a message that never came."""
        totals = self.summary.totals
        if text == "removed (canceled)":
            totals["removed (canceled)"] += 1
            totals["received"] -= 1
            self.mail.pop(queue_id, None)
        if found := CONTENT.match(text):
            rest = found["rest"]
            if not self.options.verbose_msg_detail:
                rest = re.sub(r"( from \S+?)?; from=<.*$", "", rest, count=1)
            name = LISTS[found["act"].removeprefix("milter-")]
            totals[WORDS[name]] += 1
            if self.options.reject_detail:
                getattr(self.summary, name)["cleanup"][found["what"]][self._cut(rest, NARROW)] += 1
            totals["received"] -= name == "rejects"
            self.mail.pop(queue_id, None)
            self._add(REJECTED)

    def _entered(self, line: Line, text: str) -> None:
        """A line of what mail comes in by."""
        if line.program == "pickup" and text.startswith(("sender=", "uid=")):
            self._came(line.word, "pickup")
        elif arrived := ARRIVED.match(text):
            self._came(line.word, "pickup" if line.program == "pickup" else self._client(arrived["client"]))
        elif act := ACCESS.match(text):
            self._refused(act["act"], text)
            if act["act"] == "reject":
                self.summary.totals["received"] -= line.word != "NOQUEUE"
                self.mail.pop(line.word, None)
        elif line.program == "smtpd":
            self._connected(line, text)
        elif line.program == "postscreen" and (self.options.pscrn_stats or self.options.pscrn_detail):
            self._screened(line, text)

    def _came(self, queue_id: str, whence: str) -> None:
        super()._came(queue_id, whence)
        self.mail[queue_id].whence = whence

    def _connected(self, line: Line, text: str) -> None:
        if found := ENCRYPTION.match(text):
            what = " ".join(filter(None, (found["what"], found["more"])))
            self.summary.tls_troubles[what][self._client(found["client"])] += 1
        elif self.options.smtpd_stats and (pid := PID.search(line.text)):
            if text.startswith("connect from "):
                self.connected[pid[1]] = line.seconds
            elif (left := LEFT.match(text)) and pid[1] in self.connected:
                took = line.seconds - self.connected.pop(pid[1])
                self.summary.session(self.day, self.hour, self._client(left["client"]), took)

    def _screened(self, line: Line, text: str) -> None:
        """What postscreen does, by client; the end of a session it lets pass counts where its beginning was seen."""
        found = next(filter(None, (action.search(text) for action in newer_reasons.ACTIONS)), None)
        if found is None:
            return
        act, client = found["act"], found["client"]
        session = f"{client}:{found['port']}"
        if act == "CONNECT":
            self.connected[session] = line.seconds
            return
        if act in {"DISCONNECT", "HANGUP", "PASS NEW", "PASS OLD"}:
            begun = self.connected.pop(session, None)
            if begun is None:
                return
            self.summary.screened.add(line.seconds - begun)
            self.summary.screened_clients.add(client)
            if not act.startswith("PASS"):
                return
        if self.options.pscrn_detail:
            self.summary.postscreen[act][client] += 1

    def _reason(self, phase: str, text: str) -> tuple[str, str]:
        if phase in newer_reasons.AT_RECIPIENT:
            return phase, newer_reasons.refusal(text)
        return ("CONNECT", text) if phase == "connect" else super()._reason(phase, text)

    def _whom(self, reason: str, client: str, rest: str, text: str) -> str:
        """Who is listed under the reason: the recipient or the client, and who else was asked for."""
        sender, recipient = self._parties(rest)
        both, add_from = self.options.rej_add_to, self.options.rej_add_from
        whom = self._client(client)
        if reason.startswith("Sender address rejected:"):
            return f"{whom} ({sender} -> {recipient})" if both else f"{whom} (<{sender})"
        if re.match(r"Recipient address rejected:|User unknown(?: |$)", reason):
            return f"{recipient}  ({sender})" if add_from else recipient
        if re.search(r"\d{3} Improper use of SMTP command pipelining;", reason):
            source = re.match(r".+? from (\S+?):", text)
            return source[1] if source else ""
        if reason == "Helo command rejected: Invalid name" or reason_in_words(reason) != reason:
            return f"{whom}  ({sender})" if add_from else whom
        if add_from:
            return f"{whom}  ({sender} -> {recipient})" if both else f"{whom}  (< {sender})"
        return f"{whom}  (> {recipient})" if both else whom

    def _delivery(self, line: Line, text: str, found: re.Match[str]) -> None:
        """One delivery line."""
        relay = re.sub(r":\d+$", "", found["relay"], count=1)
        recipient = self._address((self.options.use_orig_to and found["first"]) or found["to"])
        if self.options.ignore_case:
            relay = reasons.lower(relay)
        domain, delay, status = newer_reasons.domain(recipient), seconds(found["delay"]), found["status"]
        if status == "sent":
            if re.search(r"\(forwarded as [^)]+\)", found["rest"]):
                self.summary.totals["forwarded"] += 1
                self.mail.pop(line.word, None)
                return
            self._delivered(line.word, recipient, domain, delay)
        elif status == "deferred":
            self._waits(line.program, text)
            self._put_off(line.word, domain, delay)
            if line.word in self.mail:
                self.mail[line.word].relay = relay
        elif status == "bounced":
            self._bounced(text, relay)
        if found["tls"]:
            self.summary.tls[found["tls"].partition("/")[0]][newer_reasons.host(relay, whole=True)] += 1

    def _waits(self, program: str, text: str) -> None:
        if not self.options.deferral_detail:
            return
        found = re.search(r", status=deferred \(([^)]+)", text)
        why = found[1] if found else ""
        if self.options.verbose_msg_detail:
            self.summary.deferred[program][why] = self.summary.deferred[program].get(why, 0) + 1
        else:
            host, reason = newer_reasons.deferral(why)
            self.summary.deferred[program][host][reason] += 1

    def _bounced(self, text: str, relay: str) -> None:
        self.summary.totals["bounced"] += 1
        self._add(BOUNCED)
        if self.options.bounce_detail:
            found = re.search(r", status=bounced \((.+)\)", text)
            why = found[1] if found else ""
            shorter = why if self.options.verbose_msg_detail else newer_reasons.said(why, WIDE)
            self.summary.bounced[newer_reasons.host(relay, whole=True)][shorter] += 1

    def _managed(self, queue_id: str, text: str) -> None:
        """A line of the queue manager that is no delivery."""
        if found := QUEUED.match(text):
            self.sized = True
            mail = self.mail[queue_id]
            if mail.size:
                return
            mail.size = int(found["size"])
            if mail.whence:
                sender = self._sender(found["sender"])
                domain = "" if sender == "from=<>" else newer_reasons.domain(sender)
                self.summary.sent_by(sender, domain or mail.whence, mail.size)
        elif text.endswith(", status=expired, returned to sender"):
            self.summary.expired[newer_reasons.host(self.mail[queue_id].relay, whole=True)] += 1
            self.summary.totals["expired"] += 1
        elif text == "removed":
            self.mail.pop(queue_id, None)
