"""The summary that cron mails: problems first, then what there was, on one screen of 80 columns after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.advise.bands import WORDS, band
from mailaudit.model.page import Figure, Page, Section, troubled
from mailaudit.model.plurals import counted
from mailaudit.model.times import waited
from mailaudit.report import bands, compared, parts, problems
from mailaudit.report.wording import per_cent, size

if TYPE_CHECKING:
    from mailaudit.model.answers import Table
    from mailaudit.report.facts import Facts

STATISTICS = ("delay", "sender", "host", "isp", "own_rejects", "engagement")
"""The statistics that the summary shows."""
TIMES = ("month", "day", "weekday", "hour")
"""What programs get besides: too long for a mail that is read in a minute."""
ALL_WELL = "Nothing that needs attention."
_MAIL = ("messages", "recipients", "bounced", "expired", "rate")


def page(facts: Facts, *, zone_name: str, title: str = "Mail summary") -> Page:
    """Returns the page for the facts of a period."""
    return Page(
        title,
        facts.about(zone_name),
        tuple(section for section in _sections(facts) if section.tables or section.name == "problems"),
    )


def _sections(facts: Facts) -> tuple[Section, ...]:
    found = problems.findings(facts)
    return (
        Section("problems", "Problems", () if troubled(found) else (ALL_WELL,), found, headline(facts), tables=()),
        Section("volume", "Volume", tables=(compared.volume(facts), compared.rates(facts))),
        Section("bounces", "Bounces by cause", tables=(parts.bounces(facts),)),
        Section("deferrals", "Deferrals and delays", tables=(parts.deferrals(facts), delays(facts))),
        Section(
            "top",
            "Senders, hosts, mailbox providers",
            tables=(
                parts.statistic(facts, "sender", (*_MAIL, "sender")),
                parts.statistic(facts, "host", ("messages", "bounced", "expired", "rate", "address", "host")),
                parts.isps(facts),
            ),
        ),
        Section("engagement", parts.ENGAGEMENT, tables=parts.engagement(facts)),
        Section(
            "own_rejects",
            "Refused at the door",
            tables=(parts.statistic(facts, "own_rejects", ("refused", "share", "sources", "smtp_code", "cause")),),
        ),
        Section("new", "New in this period", tables=(parts.novelties(facts),)),
        Section("health", "Health", tables=(parts.health(facts),)),
        Section("quality", "The logs themselves", tables=(parts.quality(facts),)),
    )


def delays(facts: Facts) -> Table:
    """The quantiles of the whole delay and of its parts."""
    return parts.statistic(facts, "delay", ("part", "recipients", "mean", "p50", "p90", "p95", "p99", "max"))


def headline(facts: Facts) -> tuple[Figure, ...]:
    """The numbers that one looks at first."""
    now = facts.now
    word = band(now.delivered, now.ended)
    if not facts.rated:
        rate = Figure("Delivery rate", "–", "bounce mails alone do not tell what was delivered")
    elif word is None:
        rate = Figure("Delivery rate", "–", "nothing reached an end")
    else:
        note = f"{WORDS[word]}; {problems.headline_interval(facts)}"
        rate = Figure("Delivery rate", per_cent(now.delivered, now.ended), note, bands.LEVELS[word])
    took = problems.delay(facts)
    weight = size(now.bytes) if now.bytes or not now.messages else "size not told"  # webhooks do not tell it
    figures = [
        rate,
        Figure("Messages", str(now.messages), f"{weight}, {counted(now.recipients, 'recipient')}"),
        Figure("Failed", str(now.bounced + now.expired), f"{now.bounced} bounced, {now.expired} expired"),
        Figure("Put off", str(now.deferrals), f"attempts; {counted(now.waiting, 'recipient')} still waiting"),
        Figure("Refused at the door", str(now.refused), "commands and logins"),
    ]
    if took is not None:
        figures.append(
            Figure("Delay", waited(took["p50"], 2), f"half took at most that; 95 %: {waited(took['p95'], 2)}")
        )
    return tuple(figures)


def tables(made: Page, facts: Facts) -> list[Table]:
    """All tables of the page for programs, the problems first."""
    shown = [table for section in made.sections for table in section.tables]
    return [parts.problems(facts), *shown, *(parts.statistic(facts, name) for name in TIMES if name in facts.tables)]
