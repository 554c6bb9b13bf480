"""Tables that pages are made of, each from the facts; statistics that `stats` has, too, are taken as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.advise import bands
from mailaudit.advise.bands import band
from mailaudit.model.answers import Table
from mailaudit.model.columns import Column
from mailaudit.model.intervals import wilson
from mailaudit.model.plurals import counted
from mailaudit.model.times import DAY
from mailaudit.report.chance import counts_differ, rates_differ
from mailaudit.report.problems import findings
from mailaudit.report.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.measure.failing import Failure
    from mailaudit.measure.volume import Volume
    from mailaudit.report.facts import Facts

    Row = tuple[object, ...]

_RATE = (
    Column("rate", "real", "part of the whole"),
    Column("low", "real", "lower end of the rate's 95 % interval (Wilson)"),
    Column("high", "real", "upper end of it"),
    bands.COLUMN,
)
CHANGE = Column("change", "word", "more, less, or no where chance may make the difference; null: not tested")
TOLD = "Called a change only where the 99 % interval leaves out chance; of counts, from a tenth on."
_ALL_TIMES = "received: acceptance; what became of it: when that was; still open: at the end of the period"


def problems(facts: Facts) -> Table:
    """What somebody should act on or look at."""
    rows: list[Row] = [(f.level, f.name, f.text, f.action or None) for f in findings(facts)]
    columns = (
        Column("level", "word", "bad (act now), warning (look), note"),
        Column("name", "word", "which check found it"),
        Column("text", "text", "what was found"),
        Column("action", "text", "what to do about it"),
    )
    return Table("problems", "Problems", "findings", "", columns, rows)


COMPARED: tuple[tuple[str, str], ...] = (
    ("messages", "messages"),
    ("recipients", "recipients"),
    ("bytes", "bytes"),
    ("delivered", "recipients"),
    ("bounced", "recipients"),
    ("expired", "recipients"),
    ("suppressed", "recipients"),
    ("rejected", "recipients"),
    ("discarded", "recipients"),
    ("deleted", "recipients"),
    ("unknown", "recipients"),
    ("waiting", "recipients"),
    ("pending", "recipients"),
    ("held", "recipients"),
    ("deferrals", "attempts"),
    ("refused", "refusals"),
)
NAMES = {"unknown": "ended, unknown how", "waiting": "still waiting", "refused": "refused at the door"}


def volume(facts: Facts) -> Table:
    """How much mail, what became of it, and how that compares with the period before."""
    columns = (
        Column("name", "word", "what is counted"),
        Column("unit", "word", "what is one of it"),
        Column("now", "big", "in the period"),
        Column("before", "big", "in the period before; null if the logs do not hold it"),
        Column("difference", "big", "now less before"),
        Column("relative", "real", "difference as part of before"),
        CHANGE,
    )
    rows = list(_counts(facts.now, facts.before, facts.lengths))
    notes = (facts.why_not_compared,) if facts.before is None else (TOLD, *_by_the_day(*facts.lengths))
    shown = (
        ("name", "now", "unit")
        if facts.before is None
        else ("name", "now", "before", "difference", "relative", "change")
    )
    return Table(
        "volume",
        "Volume",
        "as each line says",
        _ALL_TIMES,
        columns,
        rows,
        shown,
        tuple(filter(None, notes)),
        whole=True,
    )


def _by_the_day(length: int, before: int) -> tuple[str, ...]:
    """A sentence, where the two periods are not equally long; summer time makes no difference."""
    days, days_before = round(length / DAY), round(before / DAY)
    if days == days_before:
        return ()
    return (f"The periods are of {days} and {days_before} days: a change is one of what there was a day.",)


def _counts(now: Volume, before: Volume | None, lengths: tuple[int, int]) -> Iterator[Row]:
    for name, unit in COMPARED:
        value, old = getattr(now, name), None if before is None else getattr(before, name)
        if name == "bytes" and now.messages and not value and not old:
            continue  # nobody told sizes: that is not mail of 0 bytes
        # Bytes are no independent events, and what waits at one moment is none of a period's.
        tested = name not in ("bytes", "waiting", "pending", "held")
        verdict = difference = relative = None
        if old is not None:
            difference, relative = value - old, (value - old) / old if old else None
            if tested:
                verdict = _direction(difference) if counts_differ(value, old, *lengths) else "no"
        yield (NAMES.get(name, name), unit, value, old, difference, relative, verdict)


RATES = (
    ("delivered", "delivered", "ended"),
    ("bounced", "bounced", "ended"),
    ("put off at least once", "delayed", "recipients"),
)


def rates(facts: Facts) -> Table:
    """Rates with their intervals, the band of the delivery rate, and the rates of the period before."""
    now, before = facts.now, facts.before
    rows: list[Row] = []
    for name, part_name, whole_name in RATES:
        part, whole = getattr(now, part_name), getattr(now, whole_name)
        if whole_name == "ended" and not facts.rated:
            continue
        rate = part / whole if whole else None
        old = difference = verdict = None
        if before is not None and getattr(before, whole_name):
            old_part, old_whole = getattr(before, part_name), getattr(before, whole_name)
            old = old_part / old_whole
            if rate is not None:
                difference = rate - old
                verdict = _direction(difference) if rates_differ(part, whole, old_part, old_whole) else "no"
        word = band(part, whole) if name == "delivered" else None
        rows.append((name, part, whole, rate, *(wilson(part, whole) or (None, None)), word, old, difference, verdict))
    columns = (
        Column("name", "word", "which rate"),
        Column("part", "big", "recipients"),
        Column("whole", "big", "of so many: that reached an end (delivered, bounced, expired); put off: of all"),
        *_RATE,
        Column("rate_before", "real", "in the period before; null if the logs do not hold it"),
        Column("rate_change", "real", "rate less rate_before"),
        CHANGE,
    )
    shown = ("name", "part", "whole", "rate", "low", "high", "band")
    if before is not None:
        shown = ("name", "part", "whole", "rate", "band", "rate_before", "change")
    time = "delivered, bounced: when it was settled; put off: acceptance"
    return Table("rates", "Rates", "recipients", time, columns, rows, shown, level_column="band")


def _direction(difference: float) -> str:
    return "more" if difference > 0 else "less"


def bounces(facts: Facts) -> Table:
    """Bounces and expiries by cause, with what to do about each."""
    whole = sum(failure.recipients for failure in facts.failures.causes)
    columns = (
        Column("category", "word", "cause of the failure; null where it was not classified"),
        Column("type", "word", "hard, soft, block, config or info"),
        Column("code", "word", "enhanced status code or reply code, where the cause is not known"),
        Column("recipients", "big", "recipients that bounced or expired"),
        Column("share", "real", "part of all of them"),
        Column("expired", "big", "of which expired"),
        Column("domains", "big", "different domains"),
        Column("top_domain", "text", "the domain with most of them"),
        Column("action", "text", "what to do"),
        Column("example", "text", "the earliest reply, shortened"),
    )
    rows: list[Row] = [_bounce(failure, whole) for failure in facts.failures.causes]
    time = "the failure"
    shown = ("recipients", "share", "type", "category", "action")
    return Table("bounces", "Bounces by cause", "recipients", time, columns, rows, shown=shown, total=len(rows))


def _bounce(failure: Failure, whole: int) -> Row:
    cause = failure.cause
    top = failure.domains.most_common(1)[0][0] or None
    example = shortened(failure.example) if failure.example else None
    return (
        cause.category, cause.type, cause.code, failure.recipients, failure.recipients / whole, failure.expired,
        len(failure.domains), top, cause.action, example,
    )  # fmt: skip


def deferrals(facts: Facts) -> Table:
    """Why mail was put off."""
    found = [reply for reply in facts.replies.replies if reply.kind == "deferred"]
    whole = sum(reply.lines for reply in found)
    columns = (
        Column("code", "word", "enhanced status code or reply code"),
        Column("category", "word", "cause; null where it was not classified"),
        Column("lines", "big", "attempts put off"),
        Column("share", "real", "part of all of them"),
        Column("domains", "big", "different domains"),
        Column("top_domain", "text", "the domain with most of them"),
        Column("reply", "text", "the reply, without what differs from mail to mail"),
        Column("example", "text", "the earliest such reply"),
    )
    rows: list[Row] = [
        (r.code, r.category, r.lines, r.lines / whole, len(r.domains), r.domains.most_common(1)[0][0] or None,
         shortened(r.text), r.example)
        for r in found
    ]  # fmt: skip
    shown = ("lines", "share", "domains", "code", "reply")
    return Table(
        "deferrals", "Deferrals", "attempts put off", "the attempt", columns, rows, shown=shown, total=len(rows)
    )


def novelties(facts: Facts) -> Table:
    """Replies, blocklists and failing domains that the logs had not seen before the period."""
    columns = (
        Column("kind", "word", "reply, blocklist or failing domain"),
        Column("what", "text", "the reply without what differs from mail to mail, the list, the domain"),
        Column("count", "big", "delivery lines; of a domain, recipients that failed"),
        Column("first", "time", "first seen"),
        Column("example", "text", "the reply as it came"),
    )
    rows: list[Row] = []
    notes: tuple[str, ...] = ()
    if facts.has_history:
        rows += [("blocklist", name, count, first_us, None) for name, count, first_us in facts.replies.lists]
        rows += [
            ("reply", shortened(reply.text), reply.lines, reply.first_us, reply.example)
            for reply in facts.replies.replies
            if not reply.before
        ]
        rows += [("failing domain", name, count, first_us, None) for name, count, first_us in facts.failures.domains]
    else:
        notes = ("These logs hold nothing from before the period, so that nothing can be called new.",)
    shown = ("count", "first", "kind", "what")
    return Table("new", "New in this period", "as the kind says", "first seen", columns, rows, shown=shown,
                 notes=notes, total=len(rows))  # fmt: skip


def health(facts: Facts) -> Table:
    """The state of all mail and of the domains that are not well, by the latest results of each."""
    columns = (
        Column(
            "state", "word", "Good, Warning, Bad (fewer than 90 % of the latest results were deliveries) or Unknown"
        ),
        Column("name", "text", "the recipients' domain, or all"),
        Column("results", "big", "latest results that are looked at, 25 at most"),
        Column("failures", "big", "of them no deliveries"),
        Column("deferred", "big", "of the failures, those that will be tried again"),
        Column("rate", "real", "part that was delivered"),
        Column("last_reply", "text", "the latest reply, shortened"),
    )
    shown = [flow for at, flow in enumerate(facts.states) if not at or flow.state not in {"Good", "Unknown"}]
    rows: list[Row] = []
    for flow in shown:
        found = flow.judgement
        reply = shortened(found.last.reply) if found.last is not None and found.last.reply else None
        rows.append((flow.state, flow.name, found.results, found.failures, found.deferred, found.rate, reply))
    names = ("results", "failures", "deferred", "rate", "state", "name")
    well = len(facts.states) - len(shown)
    notes = (f"{counted(well, 'other domain')} good. mailaudit health tells more.",) if well else ()
    return Table(
        "health", "Health: the latest results", "results of attempts", "the attempt", columns, rows, names, notes,
        len(rows), level_column="state",
    )  # fmt: skip


def statistic(facts: Facts, name: str, shown: tuple[str, ...] = ()) -> Table:
    """A table as `stats` has it."""
    table = facts.tables[name]
    rows = list(table.rows)
    if not facts.rated and "rate" in table.places:
        at = table.places["rate"]
        rows = [(*row[:at], None, *row[at + 1 :]) for row in rows]
    return replace(table, name=name, rows=rows, shown=shown)


ENGAGEMENT = "Opened, clicked, unsubscribed, complained"


def engagement(facts: Facts) -> tuple[Table, ...]:
    """What people did with what they got, if a provider tells of any."""
    made = statistic(facts, "engagement", ("recipients", "delivered", "share", "events", "name"))
    return (made,) if made.rows else ()


def isps(facts: Facts) -> Table:
    """Mailbox providers with interval and band of their delivery rates."""
    table = statistic(facts, "isp")
    at = table.places
    rows: list[Row] = []
    for row in table.rows:
        delivered = row[at["delivered"]]
        ended = delivered + row[at["bounced"]] + row[at["expired"]] if facts.rated else 0
        rows.append((*row, *(wilson(delivered, ended) or (None, None)), band(delivered, ended)))
    shown = ("recipients", "delivered", "bounced", "expired", "rate", "band", "isp")
    return replace(table, columns=(*table.columns, *_RATE[1:]), rows=rows, shown=shown, level_column="band")


def quality(facts: Facts) -> Table:
    """How much of each input was understood, and how its times were found."""
    columns = (
        Column("path", "text", "the input"),
        Column("format", "word", "its format"),
        Column("lines", "big", "lines read"),
        Column("parsed", "big", "lines that said something about mail"),
        Column("noise", "big", "lines known to say nothing about mail"),
        Column("unparsed", "big", "lines not understood"),
        Column("coverage", "real", "part of the mail lines that was understood"),
        Column("first", "time", "its first line"),
        Column("last", "time", "its last line"),
        Column("year", "int", "year of stamps that have none"),
        Column("offset", "word", "offset of stamps that have none"),
    )
    rows: list[Row] = [
        (r.path, r.format, r.lines, r.parsed, r.noise, r.unparsed, r.coverage, r.first_us, r.last_us, r.year, r.offset)
        for r in facts.logs.inputs
    ]
    shown = ("lines", "parsed", "noise", "unparsed", "coverage", "path")
    notes = tuple(dict.fromkeys(warning.text for warning in facts.logs.warnings))[:10]
    return Table("quality", "The logs themselves", "lines", "", columns, rows, shown, notes, len(rows))
