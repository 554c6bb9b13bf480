"""Counts by any combination of dimensions (`--by day,direction`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from mailaudit.errors import UsageError, nearest
from mailaudit.measure.dimensions import SIZES
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import Question, filled, statements
from mailaudit.model.columns import Column
from mailaudit.model.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailaudit.measure.engine import Row
    from mailaudit.model.columns import Type


Of = Literal["range", "message", "line", "recipient"]
SOURCES: tuple[Of, ...] = ("range", "message", "line", "recipient")
"""What knows the dimensions: the range's narrow table, the message, the line that decided, or all that is told of a
recipient. Each knows what those before it know, and costs more."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What one can count by: the expression on recipients `r`, `moments t` (local time) and what it joins."""

    expression: str
    type: Type
    meaning: str
    join: str = ""
    reads: tuple[str, ...] = ()
    of: Of = "recipient"
    """What knows it; see `SOURCES`."""


_ORGANISATION = "left join organisations {alias} on {alias}.name = r.{column}"
_ISP = """left join isps i on i.relay_host is not distinct from r.relay_host
        and i.recipient_domain is not distinct from r.recipient_domain"""
_PROVIDER = "case when r.direction in ('in', 'internal') then 'local' else i.isp end"
_STREAM = "left join streams str on str.root = r.root"
_LOCAL = "left join moments t on t.quarter_us = r.submitted_us - r.submitted_us % 900000000"


def _size_class(column: str) -> str:
    cases = "".join(f" when {column} < {high} then '{name}'" for (name, _), (_, high) in pairwise(SIZES) if high)
    return f"case when {column} is null then 'unknown'{cases} else '{SIZES[-2][0]}' end"


DIMENSIONS: dict[str, Dimension] = {
    "month": Dimension("t.month", "word", "month of acceptance, YYYY-MM", _LOCAL, ("moments",), of="range"),
    "day": Dimension("t.day", "word", "day of acceptance, YYYY-MM-DD", _LOCAL, ("moments",), of="range"),
    "weekday": Dimension("t.weekday", "word", "day of the week of acceptance", _LOCAL, ("moments",), of="range"),
    "hour": Dimension("t.hour", "int", "hour of acceptance, 0 to 23", _LOCAL, ("moments",), of="range"),
    "host": Dimension("r.host", "word", "host that logged it", of="message"),
    "instance": Dimension("r.instance", "word", "Postfix instance, or the MTA's name", of="message"),
    "service": Dimension("r.service", "word", "service that accepted it", of="message"),
    "client": Dimension("coalesce(r.client_host, r.client_ip)", "text", "client's name, or its address", of="message"),
    "client_ip": Dimension("r.client_ip", "text", "client's address", of="message"),
    "client_organisation": Dimension(
        "oc.organisation",
        "text",
        "registered domain of the client's name",
        _ORGANISATION.format(alias="oc", column="client_host"),
        ("organisations",),
        of="message",
    ),
    "relay": Dimension("r.relay_host", "text", "host that answered", of="line"),
    "relay_ip": Dimension("r.relay_ip", "text", "its address", of="line"),
    "relay_organisation": Dimension(
        "ort.organisation",
        "text",
        "registered domain of the relay",
        _ORGANISATION.format(alias="ort", column="relay_host"),
        ("organisations",),
        of="line",
    ),
    "sender": Dimension(
        "f.folded",
        "text",
        "envelope sender",
        "left join senders f on f.address = r.sender",
        ("senders",),
        of="message",
    ),
    "sender_domain": Dimension("r.sender_domain", "text", "the sender's domain", of="message"),
    "recipient": Dimension("r.recipient", "text", "final recipient", of="line"),
    "recipient_domain": Dimension("r.recipient_domain", "text", "the recipient's domain", of="line"),
    "isp": Dimension(_PROVIDER, "word", "mailbox provider, local or other", _ISP, ("isps",), of="line"),
    "sasl_user": Dimension("r.sasl_user", "text", "authenticated user", of="message"),
    "ip": Dimension(
        "sip.local_ip",
        "text",
        "address that a provider sent from",
        "left join sending_ips sip on sip.root = r.root and sip.recipient_key = r.recipient_key",
        ("sending_ips",),
        of="range",
    ),
    "pool": Dimension(
        "str.pool", "word", "pool of sending addresses, as a provider tells it", _STREAM, ("streams",), of="range"
    ),
    "stream": Dimension(
        "str.stream",
        "word",
        "stream of mail, or configuration set, as a provider tells it",
        _STREAM,
        ("streams",),
        of="range",
    ),
    "tag": Dimension(
        "tag.name",
        "word",
        "each of the sender's tags; mail with several counts under each",
        "left join message_tags tag on tag.root = r.root",
        ("message_tags",),
        of="range",
    ),
    "campaign": Dimension("r.campaign", "word", "the provider's campaign, else the first of the sender's tags"),
    "raised_by": Dimension("r.raised_by", "text", "who had it sent, of providers' events"),
    "direction": Dimension("r.direction", "word", "in, out, internal or undecided", of="range"),
    "outcome": Dimension(
        "w.outcome",
        "word",
        "state at the end of the range",
        "join outcome_words w on w.fate = r.state",
        of="range",
    ),
    "smtp_code": Dimension("r.smtp_code", "int", "reply code of the deciding line"),
    "enhanced_status": Dimension("r.enhanced_status", "word", "enhanced status code of the deciding line"),
    "type": Dimension("r.type", "word", "hard, soft, block, config or info", reads=("causes",)),
    "category": Dimension("r.category", "word", "cause of a failure", reads=("causes",)),
    "program": Dimension("r.program", "word", "program that logged the deciding line"),
    "size": Dimension(_size_class("r.size"), "word", "class of size", of="range"),
    "attempts": Dimension("r.attempts", "int", "attempts that were really made", of="range"),
}

ALIASES = {
    "domain": "recipient_domain",
    "reply": "smtp_code",
    "code": "smtp_code",
    "enhanced": "enhanced_status",
    "status": "outcome",
    "organisation": "relay_organisation",
    "sending_ip": "ip",
}

COUNTED = (
    Column("messages", "big", "different messages"),
    Column("recipients", "big", "recipients"),
    Column("bytes", "big", "sizes of their messages, once for each recipient"),
    Column("delivered", "big", "recipients delivered"),
    Column("bounced", "big", "recipients that bounced"),
    Column("expired", "big", "recipients given up after a time"),
    Column("deferred", "big", "recipients put off and still waiting"),
    Column("other", "big", "recipients in any other state"),
    Column("rate", "real", "delivered of delivered, bounced and expired; null where there are none"),
)
REACTED = (
    Column("opened", "big", "recipients who opened it; machines aside"),
    Column("clicked", "big", "recipients who followed a link"),
    Column("unsubscribed", "big", "recipients who unsubscribed"),
    Column("complained", "big", "recipients who called it spam"),
)
"""What recipients did; null where no source tells of it at all."""
RATES = (
    Column("failure_rate", "real", "bounced and expired, of delivered, bounced and expired"),
    Column("failure_low", "real", "lower end of its 95 % interval (Wilson)"),
    Column("failure_high", "real", "upper end of its 95 % interval"),
    Column("complaint_rate", "real", "complained, of delivered; Gmail reports no complaints"),
    Column("complaint_low", "real", "lower end of its 95 % interval (Wilson)"),
    Column("complaint_high", "real", "upper end of its 95 % interval"),
    Column("open_rate", "real", "opened, of delivered"),
    Column("click_rate", "real", "clicked, of delivered"),
    Column("unsubscribe_rate", "real", "unsubscribed, of delivered"),
)
NOTE_OF_LOGS = (
    "failure_rate: of delivered, bounced and expired. low, high: where the rate lies with 95 % certainty, as far as "
    "so few mails tell."
)
NOTE = f"{NOTE_OF_LOGS} All other rates: of delivered. Gmail reports no complaints."
_UNSHOWN = ("bytes", "rate", "opened", "clicked", "unsubscribed")


def shown(columns: Sequence[Column], *, reactions: bool) -> tuple[str, ...]:
    """The columns for people: who fails and who complains, or where nobody tells of complaints, what became of it."""
    names = [column.name for column in columns if column not in REACTED]
    if reactions:
        return tuple(name for name in (*names, "complained", *(c.name for c in RATES)) if name not in _UNSHOWN)
    return (*names, "failure_low", "failure_high")


def with_rates(at: dict[str, int], *, reactions: bool) -> Callable[[Row], Row]:
    """Adds the columns of `RATES` to a row; `at`: where its columns stand.

    Without `reactions` nobody tells what recipients did, which is not 0.
    """
    first = at["opened"]

    def rated(row: Row) -> Row:
        delivered, failed = row[at["delivered"]], row[at["bounced"]] + row[at["expired"]]
        failing = _rate(failed, delivered + failed)
        if not reactions:
            return (*row[:first], *(None,) * len(REACTED), *failing, *(None,) * 6)
        opened, clicked, unsubscribed, complained = row[first:]
        others = (_rate(part, delivered)[0] for part in (opened, clicked, unsubscribed))
        return (*row, *failing, *_rate(complained, delivered), *others)

    return rated


def _rate(part: int, whole: int) -> tuple[float | None, float | None, float | None]:
    """A share and its interval; none of nothing, nor of more than all: who complains may have got it unknown to us."""
    interval = wilson(part, whole) if part <= whole else None
    return (part / whole, *interval) if interval is not None else (None, None, None)


def question(keys: Sequence[str]) -> Question:
    """Builds the question for a combination of dimensions."""
    names = list(dict.fromkeys(_known(key) for key in keys))
    if not names:
        raise UsageError("nothing to count by", hint=f"one or more of: {', '.join(DIMENSIONS)}")
    picked = [DIMENSIONS[name] for name in names]
    reads = list(dict.fromkeys(read for dimension in picked for read in dimension.reads))
    joins = "\n".join(dict.fromkeys(dimension.join for dimension in picked if dimension.join))
    fields = ", ".join(f'{dimension.expression} as "{name}"' for name, dimension in zip(names, picked, strict=True))
    order = ", ".join(f'"{name}"' for name in names)
    time_first = any("moments" in dimension.reads for dimension in picked)
    sql = filled(statements("by.sql")[0], counted=_counted(picked), keys=order, fields=fields, joins=joins, **FATES)
    return Question(
        name="by_" + "_".join(names),
        title="By " + ", ".join(name.replace("_", " ") for name in names),
        unit="recipients; messages; bytes",
        time="acceptance; states as they stood at the end of the range",
        note="",
        reads=("chosen", "reactions", *reads),
        order=order if time_first else f"recipients desc, {order}",
        columns=(*(Column(name, d.type, d.meaning) for name, d in zip(names, picked, strict=True)), *COUNTED, *REACTED),
        sql=sql,
    )


def _counted(picked: Sequence[Dimension]) -> str:
    """The recipients that are counted, with no more columns than the dimensions need."""
    level = max(SOURCES.index(dimension.of) for dimension in picked)
    return statements("counted.sql")[level - 1] if level else "chosen r"


def _known(key: str) -> str:
    word = key.strip().lower().replace("-", "_")
    name = ALIASES.get(word, word)
    if name not in DIMENSIONS:
        raise UsageError(f"cannot count by {key!r}", hint=nearest(name, DIMENSIONS))
    return name
