"""The tables of `mailaudit investigate`, its advice aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.advise import error_texts
from mailaudit.advise.bands import COLUMN as BAND
from mailaudit.advise.bands import TOLD as BANDS
from mailaudit.advise.bands import band
from mailaudit.advise.matrices import FEWEST
from mailaudit.advise.sendings import unimproved
from mailaudit.measure.filters import Filters
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.model.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.advise.matrices import Finding, Provider
    from mailaudit.advise.sendings import Sending
    from mailaudit.advise.volumes import Spike, WarmUp
    from mailaudit.commands.session import Session
    from mailaudit.measure.engine import Row

ENDS = "recipients that reached an end: delivered, bounced, expired"
TIME = "the end: delivery or failure"
ISP = Column("isp", "word", "mailbox provider, by the server that answered, else by the recipient's domain")
_COUNTS = (
    Column("ended", "big", "recipients that reached an end"),
    Column("delivered", "big", "of these, delivered"),
    Column("soft", "big", "of these, failed for another reason than a dead address"),
    Column("hard", "big", "of these, failed because the address is dead"),
)
_RATES = (
    Column("delivery_rate", "real", "share delivered"),
    Column("soft_rate", "real", "share of soft bounces"),
    Column("hard_rate", "real", "share of hard bounces"),
)
_COMPLAINED = Column("complained", "big", "complaints")
RATES = (*_COUNTS, *_RATES, BAND, _COMPLAINED, Column("complaint_rate", "real", "complaints by delivered"),
         Column("open", "big", "accepted in the range and not settled yet"))  # fmt: skip
ISPS = (ISP, *_COUNTS, *_RATES, BAND, _COMPLAINED, Column("complaint_rate", "real", "complaints by delivered"),
        Column("earlier_rate", "real", "delivery rate of the first half of the range"),
        Column("later_rate", "real", "of the second half"),
        Column("trend", "word", "better or worse (95 % intervals that do not meet), same; null: too few"))  # fmt: skip
TREND = (ISP, Column("day", "word", "day in the report's zone"), *_COUNTS, *_RATES)
SENDINGS = (
    Column("sending", "text", "campaign (tags), else sender"),
    Column("day", "word", "day of acceptance"),
    Column("recipients", "big", "recipients, settled or not"),
    *_COUNTS, *_RATES, BAND, _COMPLAINED,
    Column("first", "time", "first message"),
    Column("last", "time", "last message"),
    Column("note", "text", "no improvement after 3 sendings; too few to judge"),
)  # fmt: skip
MESSAGES = (
    Column("kind", "word", "soft or hard"),
    ISP,
    Column("recipients", "big", "recipients whose mail failed so"),
    Column("class", "word", "what kind of trouble: Bloomreach's table, else the cause's name"),
    Column("text", "text", "the reply without addresses, hosts, numbers, ids"),
    Column("action", "text", "what to do"),
    Column("category", "word", "cause"),
    Column("first", "time", "the earliest"),
    Column("last", "time", "the latest"),
    Column("queue_id", "text", "queue id of the earliest"),
    Column("recipient", "text", "its recipient"),
    Column("example", "text", "its reply, whole"),
)
MESSAGES_SHOWN = ("recipients", "kind", "isp", "class", "action", "text", "queue_id")
SPIKES = (
    ISP,
    Column("day", "word", "day of acceptance"),
    Column("recipients", "big", "recipients of that day"),
    Column("usual", "real", "median of the days before, up to 14"),
    Column("days", "int", "how many days these are"),
)
WARM_UP = (
    Column("day", "word", "day of acceptance"),
    ISP,
    Column("planned", "big", "recipients planned, or allowed by the growth factor"),
    Column("sent", "big", "recipients sent to"),
    Column("state", "word", "as planned, over, or under (below 80 % of the plan)"),
)
EVIDENCE = (
    Column("id", "word", "the advice"),
    ISP,
    Column("time", "time", "the failure"),
    Column("queue_id", "text", "queue id (or the provider's message id)"),
    Column("sender", "text", "envelope sender"),
    Column("recipient", "text", "recipient"),
    Column("smtp_code", "int", "reply code"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("category", "word", "cause"),
    Column("reply", "text", "the reply, whole"),
)


@dataclass(frozen=True, slots=True)
class Range:
    """What is looked at, in µs; the messages from `messages_us` on."""

    since_us: int
    until_us: int
    messages_us: int


@dataclass(frozen=True, slots=True)
class Look:
    """What was found."""

    this: Session
    filters: Filters
    span: Range
    totals: Row
    """Delivered, soft, hard, open."""
    providers: Sequence[Provider]
    findings: Sequence[Finding]
    sendings: Sequence[Sending]
    spikes: Sequence[Spike]
    warm_up: Sequence[WarmUp] | None


def shares(delivered: int, soft: int, hard: int) -> tuple[float | None, ...]:
    """The three rates."""
    ended = delivered + soft + hard
    return tuple(number / ended if ended else None for number in (delivered, soft, hard))


def _counts(delivered: int, soft: int, hard: int) -> tuple[object, ...]:
    return (delivered + soft + hard, delivered, soft, hard, *shares(delivered, soft, hard))


def rates(look: Look) -> Answer:
    """The whole, in one row."""
    delivered, soft, hard, waiting = look.totals
    complained = sum(_complaints(look).values())
    row = (
        *_counts(delivered, soft, hard), band(delivered, delivered + soft + hard), complained,
        complained / delivered if delivered else None, waiting,
    )  # fmt: skip
    return Answer("rates", "Delivery rate", ENDS, TIME, RATES, [row], notes=(BANDS,))


def isps(look: Look) -> Answer:
    """Each provider over the range."""
    complained, halves = _complaints(look), _halves(look)
    rows = []
    for one in look.providers:
        number = complained.get(one.name, 0)
        rows.append((
            one.name, *_counts(one.delivered, one.soft, one.hard), band(one.delivered, one.ended), number,
            number / one.delivered if one.delivered else None, *halves[one.name],
        ))  # fmt: skip
    notes = [f"Providers with fewer than {FEWEST} recipients are not judged by the matrices."]
    if any(one.name == "Google" for one in look.providers):
        notes.append("Gmail reports no complaints to senders: see Google Postmaster Tools.")
    return Answer("isps", "Mailbox providers", ENDS, TIME, ISPS, rows, notes=tuple(notes))


def trend(look: Look) -> Answer:
    """Each provider day by day: first those that an advice names, then as in the table of providers."""
    from mailaudit.measure import outcomes  # noqa: PLC0415 (polars)

    affected = [one.name for finding in look.findings for one in finding.providers]
    order = list(dict.fromkeys([*affected, *(one.name for one in look.providers)]))
    found = outcomes.trend(look.this.run.engine, look.span.since_us, look.span.until_us)
    rows = [
        (isp, day, *_counts(delivered, soft, hard))
        for isp, day, delivered, soft, hard in sorted(found, key=lambda row: order.index(row[0]))
    ]
    return Answer("trend", "Mailbox providers day by day", ENDS, TIME, TREND, rows)


def sendings(look: Look) -> Answer:
    """Each sending."""
    poor = unimproved(look.sendings)
    rows = []
    for one in look.sendings:
        note = "no improvement after 3 sendings" if one in poor else "too few to judge" if one.ended < FEWEST else None
        rows.append((
            one.name, one.day, one.recipients, *_counts(one.delivered, one.soft, one.hard), one.band, one.complained,
            one.first_us, one.last_us, note,
        ))  # fmt: skip
    return Answer("sendings", "Sendings", ENDS, "acceptance", SENDINGS, rows)


def messages(look: Look) -> Answer:
    """What receivers said in the last 48 hours."""
    from mailaudit.measure import outcomes  # noqa: PLC0415

    rows = []
    for kind, isp, text, category, action, recipients, first, last, queue_id, recipient, reply in outcomes.messages(
        look.this.run.engine, look.span.messages_us, look.span.until_us
    ):
        known = error_texts.known(reply or "")
        trouble, what = (known.kind, known.action) if known else (category, action)
        rows.append((kind, isp, recipients, trouble, text, what, category, first, last, queue_id, recipient, reply))
    return Answer(
        "messages",
        "What receivers said in the last 48 hours",
        "recipients",
        "the failure",
        MESSAGES,
        rows,
        shown=MESSAGES_SHOWN,
    )


def spikes(look: Look) -> Answer:
    """Days with far more mail than before."""
    rows = [(one.provider, one.day.isoformat(), one.recipients, one.usual, one.days) for one in look.spikes]
    note = "More than twice the median of the days before (at least 3), and at least 100 recipients more."
    return Answer("spikes", "Spikes of volume", "recipients", "acceptance", SPIKES, rows, notes=(note,))


def warm_up(look: Look) -> Answer:
    """The plan beside what was sent."""
    rows = [(one.day.isoformat(), one.provider, one.planned, one.sent, one.state) for one in look.warm_up or ()]
    return Answer("warm_up", "Warm-up", "recipients", "acceptance", WARM_UP, rows)


def evidence(look: Look) -> Answer:
    """The failures behind the matrices' advice."""
    from mailaudit.measure import outcomes  # noqa: PLC0415

    rows = [
        (found.id, *row)
        for found in look.findings
        for row in outcomes.failures(
            look.this.run.engine,
            found.kind,
            [one.name for one in found.providers],
            look.span.since_us,
            look.span.until_us,
        )
    ]
    return Answer("evidence", "The failures behind the advice", "recipients", "the failure", EVIDENCE, rows)


def _complaints(look: Look) -> dict[str, int]:
    from mailaudit.measure import outcomes  # noqa: PLC0415

    some = look.filters != Filters()
    return outcomes.complaints(look.this.run.engine, look.span.since_us, look.span.until_us, of_these=some)


def _halves(look: Look) -> dict[str, tuple[float | None, float | None, str | None]]:
    """Delivery rates of both halves of the range by provider, and whether they surely differ."""
    from mailaudit.measure import outcomes  # noqa: PLC0415

    middle = (look.span.since_us + look.span.until_us) // 2
    engine = look.this.run.engine
    earlier = {one.name: one for one in outcomes.providers(engine, look.span.since_us, middle)}
    later = {one.name: one for one in outcomes.providers(engine, middle, look.span.until_us)}
    return {one.name: _compared(earlier.get(one.name), later.get(one.name)) for one in look.providers}


def _compared(earlier: Provider | None, later: Provider | None) -> tuple[float | None, float | None, str | None]:
    before, after = (None if one is None else one.delivered / one.ended for one in (earlier, later))
    if earlier is None or later is None or min(earlier.ended, later.ended) < FEWEST:
        return before, after, None
    was, now = wilson(earlier.delivered, earlier.ended), wilson(later.delivered, later.ended)
    if was is None or now is None:
        return before, after, None
    return before, after, "worse" if now.below(was) else "better" if was.below(now) else "same"


ALL = (*RATES, *ISPS, *TREND, *SENDINGS, *MESSAGES, *SPIKES, *WARM_UP, *EVIDENCE)
