"""Another program's way of counting, asked for with `--profile`: pflogsumm's report for people, its tables as data."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

from mailaudit.commands import unparsed
from mailaudit.commands.output import finish
from mailaudit.commands.remarks import note
from mailaudit.commands.session import INPUT_IN_DOUBT, now, request, session
from mailaudit.errors import UsageError, nearest
from mailaudit.measure.filters import Filters
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column
from mailaudit.pflogsumm import options as theirs
from mailaudit.writers import destination
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from mailaudit.commands.options import Input, Output, Period
    from mailaudit.pflogsumm.options import Options
    from mailaudit.pflogsumm.summary import Summary

STDIN = "-"
TRAFFIC = ("received", "delivered", "deferred", "bounced", "rejected")
UNIT = "lines, ids and bytes, as pflogsumm defines each"
TIME = "as the stamps say"


def known(profile: str, text: str | None, period: Period, filters: Filters) -> Options:
    """What the options ask of pflogsumm; raises UsageError for what it cannot do."""
    name, _, version = profile.partition("=")
    if name != "pflogsumm":
        raise UsageError(f"unknown profile {profile!r}", hint=nearest(name, ["pflogsumm"]))
    if version and version not in theirs.VERSIONS:
        raise UsageError(f"pflogsumm {version} is not known", hint=nearest(version, theirs.VERSIONS))
    asked = theirs.read(text or "", version or theirs.VERSIONS[0])
    if filters != Filters():
        raise UsageError("pflogsumm has no filters", hint="without --profile, stats has")
    if period.today and not (period.since or period.until):
        return replace(asked, day="today")
    if (period.since, period.until) == ("yesterday", "today"):
        return replace(asked, day="yesterday")
    if period.since or period.until or period.days:
        raise UsageError(
            "pflogsumm counts a whole log, today or yesterday",
            hint="--today, or --since yesterday --until today; without --profile, stats takes any range",
        )
    return asked


def run(source: Input, output: Output, period: Period, asked: Options, *, explain: bool) -> int:
    """Writes pflogsumm's report; its tables, for formats of data; with `explain` why the numbers differ from ours."""
    destination.check(output.output)
    if output.format == "table" and not explain:
        unparsed.check(source, "pflogsumm's report")
        return report(source, output, period, asked)
    with session("stats", source, output) as this:
        from mailaudit.measure import pflogsumm  # noqa: PLC0415

        answers: list[Answer] = [*pflogsumm.answers(this.run.engine)]
        if asked.version != theirs.VERSIONS[0]:
            del answers[:]  # they are 1.1.5's
        if not explain and STDIN not in source.paths:
            found, _, _ = counted(source, period, asked)
            answers = [*tables(found, asked), *answers[1:]]
        if not answers:
            raise UsageError("differences are explained for pflogsumm 1.1.5, and standard input can be read once only")
        return finish(this, answers, output)


def counted(source: Input, period: Period, asked: Options) -> tuple[Summary, int, int]:
    """The tables, how many lines have a head that pflogsumm knows, and how many there are."""
    from mailaudit.pflogsumm import lines  # noqa: PLC0415 (polars)

    return lines.summarise(request(source), asked, here(period))


def here(period: Period) -> dt.datetime:
    """The present, as a clock of the report's zone or of this machine shows it."""
    return now().astimezone(period.tz)


def report(source: Input, output: Output, period: Period, asked: Options) -> int:
    """Writes pflogsumm's own report."""
    found, known_lines, total = counted(source, period, asked)
    from mailaudit.pflogsumm import layout  # noqa: PLC0415 (polars)

    with destination.opened(output.output) as out:
        for line in layout.report(found, asked, here(period)):
            out.write(f"{neutral(line)}\n")
        if asked.mailq:
            out.writelines(f"{line}\n" for line in queue_listing())
    if total and not known_lines and not asked.day:
        note("no line begins as pflogsumm expects it; without --profile, mailaudit reads more kinds of logs")
        return INPUT_IN_DOUBT
    return 0


def queue_listing() -> list[str]:
    """What the machine's own `mailq` says, as pflogsumm puts it at the end of its report."""
    program = shutil.which("mailq")
    if program is None:
        return ["", "Current Mail Queue", "------------------", "mailq is not in PATH"]
    done = subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 (no shell)
    said = (done.stdout or done.stderr).decode("utf-8", "replace")
    return ["", "Current Mail Queue", "------------------", *(neutral(line) for line in said.splitlines())]


def tables(found: Summary, asked: Options) -> Iterator[Answer]:
    """pflogsumm's tables under the names of its sections; numbers are whole."""
    names = [*TRAFFIC[:2], "forwarded", "deferred", "deferrals", "bounced", "rejected", "reject warnings", "held",
             "discarded", "bytes received", "bytes delivered", "senders", "sending hosts/domains", "recipients",
             "recipient hosts/domains"]  # fmt: skip
    if asked.newer:
        at = names.index("rejected")
        names[at:at] = ["removed (canceled)", "expired"]
    title = f"Grand totals as pflogsumm {asked.version} counts them"
    columns = (_word("name", "the total, in pflogsumm's words"), _count("value", "as pflogsumm counts it"))
    yield _answer("grand_totals", title, columns, [(name, found.totals[name]) for name in names])
    traffic = tuple(_count(name, f"{name} in this time") for name in TRAFFIC)
    days = [(day, *found.days[day]) for day in sorted(found.days)]
    yield _answer(
        "per_day_traffic", "Per-day traffic", (_word("date", "day, by its own idea of the year"), *traffic), days
    )
    hours = [(hour, *row) for hour, row in enumerate(found.hours)]
    yield _answer("per_hour_traffic", "Per-hour traffic, of all days", (_count("hour", "0 to 23"), *traffic), hours)
    yield _answer("message_delivery", "Host/Domain summary: message delivery", DELIVERY, [
        (name, d.count, d.bytes, d.deferrals, d.delay / d.count if d.count else 0.0, d.longest)
        for name, d in sorted(found.delivery.items(), key=lambda item: (-item[1].count, -item[1].bytes, item[0]))
    ])  # fmt: skip
    for name, title, pairs in (
        ("messages_received", "Host/Domain summary: messages received", found.received),
        ("senders", "Senders", found.senders),
        ("recipients", "Recipients", found.recipients),
    ):
        named = (Column("name", "text", "domain or address"), _count("messages", "how many"), _count("bytes", "sizes"))
        rows = [(key, *row) for key, row in sorted(pairs.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))]
        yield _answer(name, title, named, rows)
    sizeless = (Column("queue_id", "text", "queue id"), Column("recipient", "text", "its last recipient"))
    yield _answer("no_size_data", "Messages with no size data", sizeless, sorted(found.without_size.items()))
    for name, title, table in details(found, asked):
        yield _answer(name, title, DETAIL, ordered(table))


def details(found: Summary, asked: Options) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """The sections of what went wrong."""
    yield "message_deferral_detail", "Message deferral detail", found.deferred
    yield "message_bounce_detail", "Message bounce detail (by relay)", found.bounced
    if asked.newer:
        yield "message_expired_detail", "Message expired detail (by relay)", found.expired
    yield "message_reject_detail", "Message reject detail", found.rejects
    yield "message_reject_warning_detail", "Message reject warning detail", found.warns
    yield "message_hold_detail", "Message hold detail", found.holds
    yield "message_discard_detail", "Message discard detail", found.discards
    if asked.newer:
        yield "smtp_tls_levels", "SMTP TLS levels (by relay)", found.tls
        yield "smtp_exceptions", "SMTP exceptions", found.unreached
        yield "postscreen_actions", "postscreen actions", found.postscreen
    else:
        yield "smtp_delivery_failures", "SMTP delivery failures", found.unreached
    yield "warnings", "Warnings", found.warnings
    yield "fatal_errors", "Fatal errors", found.fatals
    yield "panics", "Panics", found.panics
    yield "master_daemon_messages", "Master daemon messages", {"master": found.master}


def ordered(table: Mapping[str, object]) -> list[tuple[str | None, str | None, str, int]]:
    """Groups and reasons in the order of their names, rows of each by count."""
    return sorted(_flat(table), key=_by_count)


def _flat(table: Mapping[str, object], *above: str) -> Iterator[tuple[str | None, str | None, str, int]]:
    for name, value in table.items():
        if isinstance(value, int):
            group, reason = (*above, None, None)[:2]
            yield group, reason, name, value
        elif isinstance(value, dict):
            yield from _flat(value, *above, name)


def _by_count(row: tuple[str | None, str | None, str, int]) -> tuple[str, str, int, str]:
    group, reason, text, count = row
    return group or "", reason or "", -count, text


def _word(name: str, meaning: str) -> Column:
    return Column(name, "word", meaning)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "big", meaning)


DELIVERY = (
    Column("name", "text", "domain of recipients"),
    _count("sent", "deliveries"),
    _count("bytes", "their sizes"),
    _count("defers", "attempts put off"),
    Column("mean_delay", "real", "seconds, of deliveries"),
    Column("longest", "real", "seconds, of deliveries and deferrals"),
)
DETAIL = (
    _word("group", "program, relay or phase"),
    Column("reason", "text", "reason of a refusal, or host that mail waits for; null where there is none"),
    Column("text", "text", "the reason, or whom it befell"),
    _count("count", "lines"),
)


def _answer(name: str, title: str, columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]]) -> Answer:
    return Answer(name, title, UNIT, TIME, columns, rows, total=len(rows))
