"""What the reference keeps: lives of queue ids, facts about them, refusals at the door."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

REPLY_CODE = re.compile(r"(?:^|said: |refused to talk to me: |command: )([245]\d\d)(?=[ -]|$)")


@dataclass(slots=True)
class Life:
    """One mail while it had one queue id."""

    number: int
    host: str
    instance: str
    queue_id: str
    first_us: int
    first_line: int
    last_us: int = 0
    accepted_us: int | None = None
    ended_us: int | None = None
    end_word: str | None = None
    service: str | None = None
    sender: str | None = None
    size: int | None = None
    nrcpt: int | None = None
    message_id: str | None = None
    client_host: str | None = None
    client_ip: str | None = None
    sasl_user: str | None = None
    origin: str | None = None
    previous_id: str | None = None
    held: bool = False
    only_identified: bool = False
    aborted: bool = False
    facts: list[Fact] = field(default_factory=list)
    parent: Life | None = None
    kind: str = ""
    children: list[Life] = field(default_factory=list)

    @property
    def role(self) -> str:
        """user, hop (also a forwarded copy), notice, probe (of an address), or aborted (nothing was ever queued)."""
        if any(fact.raw_event in {"deliverable", "undeliverable"} for fact in self.facts):
            return "probe"
        if self.kind == "notice":
            return "notice"
        if self.parent is not None:
            return "hop"
        if (
            self.origin is None and self.sender == ""
        ):  # one that logs show from its midst on is hardly ever anything else
            return "notice"
        return "aborted" if self.aborted else "user"


@dataclass(slots=True)
class Fact:
    """One thing a line says of a life, mostly of one recipient of it."""

    life: Life
    line: int
    offset: int
    time_us: int
    program: str
    event: str
    raw_event: str
    recipient: str | None = None
    original_recipient: str | None = None
    relay_host: str | None = None
    relay_ip: str | None = None
    relay_port: int | None = None
    smtp_code: int | None = None
    enhanced_status: str | None = None
    reply: str | None = None
    attempted: bool = False
    delay: float | None = None
    next_id: str | None = None
    notice: str | None = None


@dataclass(slots=True)
class Refusal:
    """One refusal or warning at the door."""

    line: int
    offset: int
    time_us: int
    program: str
    queue_id: str | None
    life: Life | None
    event: str
    raw_event: str
    phase: str
    client_host: str | None
    client_ip: str | None
    sender: str | None
    recipient: str | None
    smtp_code: int | None
    enhanced_status: str | None
    reply: str


@dataclass(slots=True)
class Model:
    """Everything one log says."""

    lives: list[Life] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unparsed: list[tuple[int, str]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        """Notes that a line of this kind was seen."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1


def reply_code(reply: str) -> int | None:
    """The first three-digit reply code where a reply can begin."""
    found = REPLY_CODE.search(reply)
    return int(found[1]) if found else None


def bare(address: str) -> str:
    """An address or Message-ID without its angle brackets."""
    return address[1:-1] if address.startswith("<") and address.endswith(">") else address
