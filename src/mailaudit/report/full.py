"""The report: sections by name, each with the statistics it shows, in the order in which a page has them.

Each section can be asked for alone; summary, month, day, weekday, hour, host, sender and own_rejects are the pages
of RealSender's statistics: its SMTP error codes are those with which the server itself refused.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailaudit.advise.bands import TOLD
from mailaudit.measure.calendar import WEEKDAYS
from mailaudit.model.page import Chart, Page, Section, troubled
from mailaudit.report import compared, parts, problems, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mailaudit.model.answers import Table
    from mailaudit.report.facts import Facts

DAYS_SHOWN = 100
"""More days than this are drawn as weeks."""
PROVIDERS_SHOWN = 12
_MAIL = (
    "messages", "recipients", "bytes", "mean_size", "delivered", "bounced", "expired", "deferred", "rate", "deferrals",
)  # fmt: skip
_PROVIDERS = (
    "isp", "domains", "recipients", "delivered", "bounced", "expired", "deferred", "rate", "low", "high", "band",
    "deferrals", "delay_p50", "delay_p95",
)  # fmt: skip
_FLOW = "_flow"
_HEAT = "_weekday_hour"


@dataclass(frozen=True, slots=True)
class Part:
    """One section as it is declared: name, title, the statistics it needs, and what makes it from the facts."""

    name: str
    title: str
    reads: tuple[str, ...]
    make: Callable[[Facts, Part], Section]


def page(facts: Facts, wanted: Sequence[str], *, zone_name: str) -> Page:
    """Returns the page with the wanted sections; all, if none is named."""
    made = [part.make(facts, part) for part in PARTS if not wanted or part.name in wanted]
    kept = [s for s in made if s.tables or s.findings or s.figures or s.charts or s.text or s.name in wanted]
    return Page("Mail report", facts.about(zone_name), tuple(kept))


def reads(wanted: Sequence[str]) -> list[str]:
    """Returns the statistics that the wanted sections show."""
    names = (name for part in PARTS if not wanted or part.name in wanted for name in part.reads)
    return list(dict.fromkeys(names))


def tables(made: Page) -> list[Table]:
    """All tables of the page."""
    return [table for section in made.sections for table in section.tables]


def _summary(facts: Facts, part: Part) -> Section:
    found = problems.findings(facts)
    volume = facts.now
    usual = ("delivered", "bounced", "expired", "waiting")
    rare = ("suppressed", "rejected", "discarded", "deleted", "unknown", "pending", "held")
    names = (*usual, *(name for name in rare if getattr(volume, name)))
    outcomes = [(compared.NAMES.get(name, name), getattr(volume, name)) for name in names]
    mix = Chart(
        "share",
        "What became of the recipients",
        tuple(name for name, _ in outcomes),
        (("recipients", tuple(float(number) for _, number in outcomes)),),
        "recipients",
    )
    text = () if troubled(found) else (summary.ALL_WELL,)
    drawn = (mix,) if any(number for _, number in outcomes) else ()
    made = (compared.volume(facts), compared.rates(facts))
    return Section(part.name, part.title, text, found, summary.headline(facts), drawn, made)


def _days(facts: Facts, part: Part) -> Section:
    # Of a year, the first hundred days are nothing to read; who wants a part asks for it.
    table = replace(parts.statistic(facts, "day", ("day", "weekday", *_MAIL)), whole=facts.options.limit is None)
    rows = table.records
    label = "day"
    if len(rows) > DAYS_SHOWN:
        rows, label = _weeks(rows), "week"
    charts = (_stacked("Volume over time, by " + label, rows, "day"),) if rows else ()
    return Section(part.name, part.title, charts=charts, tables=(table,))


def _weeks(rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """The days added up by ISO week."""
    weeks: dict[str, dict[str, object]] = {}
    for row in rows:
        year, week, _ = dt.date.fromisoformat(str(row["day"])).isocalendar()
        name = f"{year}-W{week:02d}"
        sums = weeks.setdefault(name, {"day": name})
        for key in ("delivered", "bounced", "expired", "deferred", "other"):
            sums[key] = _whole(sums.get(key, 0)) + _whole(row[key])
    return list(weeks.values())


def _stacked(title: str, rows: Sequence[dict[str, object]], key: str) -> Chart:
    series = (
        ("delivered", ("delivered",)),
        ("failed", ("bounced", "expired")),
        ("still waiting or other", ("deferred", "other")),
    )
    return Chart(
        "stacked",
        title,
        tuple(str(row[key]) for row in rows),
        tuple((name, tuple(float(sum(_whole(row[k]) for k in keys)) for row in rows)) for name, keys in series),
        "recipients",
    )


def _timed(key: str) -> Callable[[Facts, Part], Section]:
    """A section with one of the calendar's statistics, drawn and listed."""

    def make(facts: Facts, part: Part) -> Section:
        table = parts.statistic(facts, key, (key, *_MAIL))
        rows = table.records
        charts = (_stacked(f"Recipients by {key}", rows, key),) if rows else ()
        return Section(part.name, part.title, charts=charts, tables=(table,))

    return make


def _heat(facts: Facts, part: Part) -> Section:
    answer = facts.tables[_HEAT]
    at = answer.places
    cells = {(str(row[at["weekday"]]), int(row[at["hour"]])): float(row[at["messages"]]) for row in answer.rows}
    series = tuple((day, tuple(cells.get((day, hour), 0.0) for hour in range(24))) for day in WEEKDAYS)
    chart = Chart(
        "heat", "Messages accepted, by day of the week and hour", tuple(f"{hour:02d}" for hour in range(24)), series,
        "messages",
    )  # fmt: skip
    return Section(part.name, part.title, charts=(chart,) if cells else ())


def _listed(key: str, shown: tuple[str, ...]) -> Callable[[Facts, Part], Section]:
    """A section with one statistic."""

    def make(facts: Facts, part: Part) -> Section:
        return Section(part.name, part.title, tables=(parts.statistic(facts, key, shown),))

    return make


def _flows(facts: Facts, part: Part) -> Section:
    return Section(part.name, part.title, tables=(replace(parts.statistic(facts, _FLOW), name=part.name),))


def _isps(facts: Facts, part: Part) -> Section:
    table = parts.isps(facts)
    at = table.places
    rated = [row for row in table.rows if row[at["rate"]] is not None][:PROVIDERS_SHOWN]
    chart = Chart(
        "bands",
        "Delivery rate by mailbox provider",
        tuple(str(row[at["isp"]]) for row in rated),
        (("delivered, per cent", tuple(100 * _real(row[at["rate"]]) for row in rated)),),
        "per cent of delivered, bounced and expired",
        TOLD,
    )
    return Section(part.name, part.title, charts=(chart,) if rated else (), tables=(replace(table, shown=_PROVIDERS),))


def _delays(facts: Facts, part: Part) -> Section:
    total = problems.delay(facts)
    charts: tuple[Chart, ...] = ()
    if total is not None:
        names = (("p50", "half"), ("p90", "90 %"), ("p95", "95 %"), ("p99", "99 %"), ("max", "longest"))
        values = tuple(float(total[name]) for name, _ in names)
        labels = tuple(word for _, word in names)
        charts = (Chart("bars", "Delay: so many deliveries took at most …", labels, (("seconds", values),), "seconds"),)
    return Section(part.name, part.title, charts=charts, tables=(summary.delays(facts),))


def _own_table(make: Callable[[Facts], Table], *shown: str) -> Callable[[Facts, Part], Section]:
    def section(facts: Facts, part: Part) -> Section:
        table = make(facts)
        return Section(part.name, part.title, tables=(replace(table, shown=shown) if shown else table,))

    return section


def _more(facts: Facts, part: Part) -> Section:
    return Section(part.name, part.title, tables=facts.more)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _real(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


PARTS: tuple[Part, ...] = (
    Part("summary", "Summary", ("delay", "isp"), _summary),
    Part("day", "Days of the month", ("day",), _days),
    Part("month", "Monthly history", ("month",), _timed("month")),
    Part("weekday", "Days of the week", ("weekday",), _timed("weekday")),
    Part("hour", "Hours", ("hour",), _timed("hour")),
    Part("heat", "Weekday and hour", (_HEAT,), _heat),
    Part("isp", "Mailbox providers", ("isp",), _isps),
    Part("bounces", "Bounces by cause", (), _own_table(
        parts.bounces, "recipients", "share", "category", "type", "code", "top_domain", "action", "example")),
    Part("reply", "Replies of other servers", ("reply", "enhanced"), lambda facts, part: Section(
        part.name, part.title, tables=(parts.statistic(facts, "reply"), parts.statistic(facts, "enhanced")))),
    Part("deferrals", "Deferrals", (), _own_table(
        parts.deferrals, "lines", "share", "code", "category", "domains", "top_domain", "reply")),
    Part("delay", "Delays", ("delay",), _delays),
    Part("engagement", parts.ENGAGEMENT, ("engagement",), lambda facts, part: Section(
        part.name, part.title, tables=parts.engagement(facts))),
    Part("health", "Health", (), _own_table(
        parts.health, "state", "name", "results", "failures", "deferred", "rate", "last_reply")),
    Part("retries", "Retry policy and greylisting", (), _more),
    Part("host", "Hosts", ("host",), _listed("host", ("host", "address", "organisation", *_MAIL))),
    Part("sender", "Sender e-mail", ("sender",), _listed("sender", ("sender", *_MAIL))),
    Part("sender_domain", "Domains of senders", ("sender_domain",), _listed("sender_domain", ("domain", *_MAIL))),
    Part("recipient_domain", "Domains of recipients", ("recipient_domain",), _listed(
        "recipient_domain", ("domain", *(name for name in _MAIL if name not in ("messages", "mean_size"))))),
    Part("flow", "From domain to domain", (_FLOW,), _flows),
    Part("sasl_user", "Authenticated users", ("sasl_user",), _listed(
        "sasl_user", ("sasl_user", "addresses", "senders", *_MAIL))),
    Part("own_rejects", "SMTP error codes: refused at the door", ("own_rejects",), _listed("own_rejects", ())),
    Part("new", "New in this period", (), _own_table(parts.novelties)),
    Part("quality", "The logs themselves", (), _own_table(
        parts.quality, "path", "format", "lines", "parsed", "noise", "unparsed", "coverage", "first", "last", "year",
        "offset")),
)  # fmt: skip
SECTIONS = tuple(part.name for part in PARTS)
