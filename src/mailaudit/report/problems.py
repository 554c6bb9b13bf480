"""What somebody should act on or look at: one small check each, in the order in which people should read them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mailaudit.advise.bands import ADVICE, WORDS, band
from mailaudit.model.intervals import wilson
from mailaudit.model.page import Finding
from mailaudit.model.plurals import counted
from mailaudit.model.times import DAY, SECOND, waited
from mailaudit.report import bands
from mailaudit.report.chance import counts_differ, rates_differ
from mailaudit.report.wording import listed, per_cent, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailaudit.advise.mail_flow import Judgement
    from mailaudit.model.page import Level
    from mailaudit.report.facts import Facts

FEW = 20
"""Recipients below which one mailbox provider's rate is not judged."""
NO_PROVIDERS = ("local", "other")
"""Rows of the table of providers that are none."""
SHOWN = 5
OUR_SIDE = ("block", "config")
"""Types of failures that the sending side must cure."""
SLOW_S = 300
"""Seconds that 95 % of the deliveries should not exceed."""
CHANCE = "So few numbers may do that by chance."
COMPLAINTS = (0.001, 0.003)
"""Parts of what was delivered: what Gmail and Yahoo ask senders to stay below, and never to reach."""
STRAY = 0.001
"""Part of what ended that may fail for a cause on this side: single receivers refuse single mails everywhere."""
SEVERAL = 3
"""Messages that must have failed for a flow to be bad: one mail that waits fails as often as it is tried."""
COLLAPSE = 2
"""A count that fell to less than one part in so many is a problem."""


def log_ended(facts: Facts) -> Iterator[Finding]:
    """Tells of a range that the logs do not reach: no mail may mean a dead server, or that the wrong file was read."""
    last, zone = facts.logs.last_us, facts.options.zone
    if last is None:
        yield Finding("bad", "no_mail", "The logs hold no mail at all.", "Check that these are the mail server's logs.")
    elif last < facts.since_us:
        text = f"No mail in this period: the logs end at {stamp(last, zone)}."
        yield Finding("bad", "no_mail", text, "Check that the server runs and logs, and that the newest file is read.")
    elif facts.now.empty:
        yield Finding("bad", "no_mail", "No mail in this period.", "Check that the server runs and accepts mail.")
    elif facts.ends_early_us is not None:
        left = waited((facts.until_us - last) / SECOND, 2)
        text = f"The logs end at {stamp(last, zone)}, {left} before the end of the period."
        yield Finding("warning", "log_ended", text, "The numbers are those of the time before.")


def log_understood(facts: Facts) -> Iterator[Finding]:
    """Tells of inputs that were not understood or have holes: their numbers are not to be relied on."""
    for report in facts.logs.not_understood:
        text = f"{report.path}: only {report.coverage:.1%} of the mail lines were understood."
        yield Finding(
            "bad", "not_understood", text, "Do not rely on the numbers: mailaudit records --unparsed shows why."
        )
    kinds = Counter(warning.kind for warning in facts.logs.holes)
    first = {warning.kind: warning for warning in reversed(facts.logs.holes)}
    for kind, number in kinds.items():
        more = f" ({number - 1} more like this)" if number > 1 else ""
        place = f"{first[kind].source_file}: " if first[kind].source_file else ""
        text = f"{place}{first[kind].text}{more}"
        yield Finding("warning", f"log_{kind}", text, "Totals are too low by an unknown number.")


def delivery_rate(facts: Facts) -> Iterator[Finding]:
    """Tells of a delivery rate below what is healthy."""
    now = facts.now
    word = band(now.delivered, now.ended) if facts.rated else None
    if word not in (bands.INVESTIGATE, bands.NOW):
        return
    rate = f"Delivery rate {per_cent(now.delivered, now.ended)} ({now.delivered} of {now.ended}): {WORDS[word]}."
    if bands.carried(now.delivered, now.ended):
        yield Finding(bands.LEVELS[word], "delivery_rate", rate, ADVICE[word])
    else:
        yield Finding("note", "delivery_rate", f"{rate} {CHANCE}")


def provider_rate(facts: Facts) -> Iterator[Finding]:
    """Tells of mailbox providers that take less than is healthy."""
    low = [
        (isp, delivered, ended)
        for isp, delivered, ended in providers(facts)
        if isp not in NO_PROVIDERS
        and ended >= FEW
        and band(delivered, ended) in (bands.INVESTIGATE, bands.NOW)
        and bands.carried(delivered, ended)
    ]
    if low:
        rates = listed([f"{isp} {per_cent(delivered, ended)}" for isp, delivered, ended in low], SHOWN)
        text = f"Below 98 % at {counted(len(low), 'mailbox provider')}: {rates}."
        worst = any(band(delivered, ended) == bands.NOW for _, delivered, ended in low)
        # One provider is not the whole mail: nobody need act now, unless it takes a good part of it.
        large = any(10 * ended >= facts.now.ended for _, _, ended in low)
        action = "mailaudit bounces --domain DOMAIN lists what its servers answer."
        yield Finding("bad" if worst and large else "warning", "provider_rate", text, action)


def providers(facts: Facts) -> Iterator[tuple[str, int, int]]:
    """Yields each mailbox provider with recipients delivered and recipients that reached an end."""
    answer = facts.tables.get("isp")
    if answer is None or not facts.rated:
        return
    at = answer.places
    for row in answer.rows:
        delivered = row[at["delivered"]]
        yield str(row[at["isp"]]), delivered, delivered + row[at["bounced"]] + row[at["expired"]]


def own_side(facts: Facts) -> Iterator[Finding]:
    """Tells of failures that this side causes: blocks, authentication, configuration."""
    for failure in facts.failures.causes:
        if failure.cause.type in OUR_SIDE:
            domains = listed([name for name, _ in failure.domains.most_common()])
            what = (failure.cause.category or "").replace("_", " ")
            text = f"{counted(failure.recipients, 'recipient')} failed for {what} ({failure.cause.type}): {domains}."
            many = failure.recipients >= FEW
            level: Level = "bad" if failure.cause.type == "block" and many else "warning"
            if not many and not bands.beyond(failure.recipients, facts.now.ended, STRAY):
                level = "note"
            yield Finding(level, f"cause_{failure.cause.category}", text, failure.cause.action or "")


def blocklists(facts: Facts) -> Iterator[Finding]:
    """Tells of blocklists that name this server for the first time."""
    if facts.has_history:
        for name, lines, _ in facts.replies.lists:
            text = (
                f"Blocklist {name} was named in {counted(lines, 'reply', 'replies')}, and never before in these logs."
            )
            yield Finding(
                "bad", "new_blocklist", text, "Look the sending address up there, cure the cause, ask for removal."
            )


def health(facts: Facts) -> Iterator[Finding]:
    """Tells of flows that are bad by the rule of `health`: all mail, or single domains.

    That rule is a monitor's, which looks again after minutes. Of a flow that loses one attempt in ten, every other
    window is bad by it, and so is any domain to which one mail has waited long enough: no problems of a period.
    """
    if not facts.states:
        return
    everything, *domains = facts.states
    if everything.state == "Bad":
        found = everything.judgement
        text = f"Health is bad: {found.failures} of the latest {found.results} attempts failed, 10 % may."
        action = "mailaudit health --live shows them."
        if not _beyond_chance(found):
            yield Finding("note", "health", f"{text} {CHANCE}", action)
        elif found.failed_messages < SEVERAL:
            text = f"{text} They are of {counted(found.failed_messages, 'message')}."
            yield Finding("note", "health", text, action)
        else:
            yield Finding("warning", "health", text, action)
    bad = [flow for flow in domains if flow.state == "Bad"]
    proven = [flow.name for flow in bad if _proven(flow.judgement)]
    if proven:
        text = f"Bad by their latest results: {counted(len(proven), 'domain')}: {listed(proven)}."
        if others := len(bad) - len(proven):
            text = f"{text} {others} more by few results or messages, or by chance."
        yield Finding(
            "warning", "health_domains", text, "mailaudit health --domain DOMAIN --live shows what is answered."
        )


def _proven(found: Judgement) -> bool:
    """Tells whether a bad domain is a problem of the period: of many results and messages, and beyond chance."""
    return found.results >= found.limits.window and found.failed_messages >= SEVERAL and _beyond_chance(found)


def _beyond_chance(found: Judgement) -> bool:
    """Tells whether a flow that may lose as many attempts as the rule allows would hardly ever lose so many."""
    return bands.beyond(found.failures, found.results, float(1 - found.limits.threshold / 100))


def complaints(facts: Facts) -> Iterator[Finding]:
    """Tells of more complaints than large receivers bear."""
    complained, delivered = complained_of(facts)
    if not complained or complained < COMPLAINTS[0] * delivered:
        return
    action = "Stop mail to those who complained: mailaudit log --status complained lists them, and what they got."
    if not delivered or not facts.rated:
        text = f"{counted(complained, 'complaint')}; of how many deliveries is not known."
        yield Finding("note", "complaints", text, action)
        return
    level: Level = "bad" if complained >= COMPLAINTS[1] * delivered else "warning"
    text = (
        f"{counted(complained, 'complaint')} ({per_cent(complained, delivered)} of {delivered} delivered): large "
        "receivers ask for less than 0.1 %, and never 0.3 %."
    )
    if bands.beyond(complained, delivered, COMPLAINTS[0]):
        yield Finding(level, "complaints", text, action)
    else:
        yield Finding("note", "complaints", f"{text} {CHANCE}")


def complained_of(facts: Facts) -> tuple[int, int]:
    """How many recipients complained, as far as providers tell, and to how many mail was delivered."""
    answer = facts.tables.get("engagement")
    rows = [] if answer is None else [row for row in answer.rows if row[0] == "complained"]
    return (rows[0][1], rows[0][3]) if rows else (0, 0)


def waiting(facts: Facts) -> Iterator[Finding]:
    """Tells of mail that has waited for more than a day, whenever it was accepted."""
    now = facts.now
    if now.waiting and now.oldest_us is not None and facts.until_us - now.oldest_us > DAY:
        longest = waited((min(facts.until_us, facts.logs.last_us or facts.until_us) - now.oldest_us) / SECOND, 2)
        text = f"{counted(now.waiting, 'recipient')} still waiting, the oldest for {longest}."
        yield Finding("warning", "waiting", text, "mailaudit queue shows what waits, and for what.")


def slow(facts: Facts) -> Iterator[Finding]:
    """Tells of deliveries that took long."""
    total = delay(facts)
    if total is not None and total["p95"] > SLOW_S:
        text = f"5 % of the deliveries took more than {waited(total['p95'], 2)} (half: {waited(total['p50'], 2)})."
        yield Finding("note", "slow", text)


def delay(facts: Facts) -> dict[str, float] | None:
    """The row of the whole delay; None if nothing was delivered."""
    answer = facts.tables.get("delay")
    if answer is None or not answer.rows or answer.rows[0][0] != "total":
        return None
    return answer.records[0]


def worse(facts: Facts) -> Iterator[Finding]:
    """Tells of what got worse since the period before, where the numbers carry it."""
    now, before = facts.now, facts.before
    if before is None or facts.ends_early_us is not None:
        return
    failed, failed_before = now.ended - now.delivered, before.ended - before.delivered
    if (
        facts.rated
        and rates_differ(failed, now.ended, failed_before, before.ended)
        and _more(failed, now.ended, failed_before, before.ended)
    ):
        text = (
            f"More fails: {per_cent(failed, now.ended)} of what ended, "
            f"{per_cent(failed_before, before.ended)} in the period before."
        )
        yield Finding("warning", "more_failures", text, "See the causes of the bounces, and what is new.")
    if rates_differ(now.delayed, now.recipients, before.delayed, before.recipients) and _more(
        now.delayed, now.recipients, before.delayed, before.recipients
    ):
        text = (
            f"More is put off: {per_cent(now.delayed, now.recipients)} of the recipients, "
            f"{per_cent(before.delayed, before.recipients)} in the period before."
        )
        yield Finding("warning", "more_deferrals", text, "See the reasons under Deferrals.")


def less_mail(facts: Facts) -> Iterator[Finding]:
    """Tells of mail that has nearly stopped; of less than a week, by the same days a week earlier."""
    now, before = facts.now.messages, facts.before
    if before is None or facts.ends_early_us is not None:
        return
    usual, when = before.messages, "in the period before"
    level: Level = "warning"
    if facts.week_earlier is not None:
        usual, when = facts.week_earlier.messages, "at the same time a week earlier"
    elif facts.shorter_than_a_week:
        # A Saturday after a Friday: nothing here tells whether that is usual.
        level = "note"
    if COLLAPSE * now < usual and counts_differ(now, usual):
        text = f"{counted(now, 'message')} after {usual} {when}."
        yield Finding(level, "less_mail", text, "Check that all sources of mail still work.")


def _more(part: int, whole: int, part_before: int, whole_before: int) -> bool:
    return part * whole_before > part_before * whole


CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    log_ended,
    log_understood,
    delivery_rate,
    own_side,
    blocklists,
    provider_rate,
    complaints,
    health,
    worse,
    less_mail,
    waiting,
    slow,
)


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Returns all findings, the worst first."""
    found = [finding for check in CHECKS for finding in check(facts)]
    order = ("bad", "warning", "new", "note", "good")
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def headline_interval(facts: Facts) -> str:
    """The interval of the delivery rate in words; empty without mail."""
    interval = wilson(facts.now.delivered, facts.now.ended)
    return f"95 % interval {interval.low:.2%} to {interval.high:.2%}" if interval else ""
