"""Tables that pages are made of, each from the facts; statistics that `stats` has, too, are taken as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.advise.bands import band
from mailaudit.model.answers import Table
from mailaudit.model.columns import Column
from mailaudit.model.intervals import wilson
from mailaudit.model.plurals import counted
from mailaudit.report.compared import INTERVAL
from mailaudit.report.problems import findings
from mailaudit.report.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailaudit.advise.flows import Flow
    from mailaudit.measure.failing import Failure
    from mailaudit.report.facts import Facts

    Row = tuple[object, ...]


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
        Column("state", "word", "Good, Warning, Bad (more failures than 25 results may have) or Unknown"),
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
    return Table(
        "health", "Health: the latest results", "results of attempts", "the attempt", columns, rows, names,
        tuple(_provisional(facts.states)), len(rows), level_column="state",
    )  # fmt: skip


def _provisional(states: Sequence[Flow]) -> Iterator[str]:
    """Tells of flows that are well, and of which that is not sure yet, in the words of `health`."""
    if states and states[0].judgement.provisional:
        yield f"All mail is {states[0].state}, but provisional: n={states[0].judgement.results}."
    well = [flow.judgement for flow in states[1:] if flow.state == "Good"]
    if well:
        unsure = sum(judgement.provisional for judgement in well)
        which = f"{unsure} of them " if unsure < len(well) else "all " if unsure > 1 else ""
        few = f", {which}provisional (fewer than {well[0].limits.window} results)" if unsure else ""
        yield f"{counted(len(well), 'other domain')} Good{few}. mailaudit health tells more."


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
    return replace(table, columns=(*table.columns, *INTERVAL), rows=rows, shown=shown, level_column="band")


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
