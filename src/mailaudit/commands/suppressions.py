"""`mailaudit suppressions`: which addresses should be left alone, why, and until when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from mailaudit.advise import list_comparison, provider_lists
from mailaudit.advise.cumulative import Rule, simulate
from mailaudit.commands import dates, options, suppression_answers, words
from mailaudit.commands.families import family, titled
from mailaudit.commands.output import check_names, finish
from mailaudit.commands.sections import Command
from mailaudit.commands.session import now, session
from mailaudit.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from mailaudit.commands.options import Input, Output
    from mailaudit.measure.hygiene import Send

TABLES = ("suppressions", "consent", "invalid_contact", "evidence", "simulation", "comparison")
USUAL = Rule()


cumulative = titled(
    "Rule",
    click.option(
        "--count",
        type=words.Words("count", lambda: ("cumulative", "all-soft"), single=True),
        default="cumulative",
        show_default=True,
        metavar="cumulative|all-soft",
        help="Soft bounces that count: those that only repetition makes meaningful (no MX, full mailbox …), or all.",
    ),
    family(
        Rule,
        "rule",
        "Rule",
        click.option("--few", type=words.Number(1, 1000), default=USUAL.few, show_default=True, metavar="N",
                     help="Consecutive soft bounces that suppress within --within."),
        click.option("--within", "within_us", type=words.Length(), default="7d", show_default=True, metavar="TIME",
                     help="From the first of them to the last."),
        click.option("--many", type=words.Number(1, 1000), default=USUAL.many, show_default=True, metavar="N",
                     help="Consecutive soft bounces that suppress at any distance."),
        click.option("--pause", "pause_us", type=words.Length(), default="7d", show_default=True, metavar="TIME",
                     help="How long a temporary suppression lasts, from the last soft bounce."),
    ),
    click.option(
        "--transactional",
        multiple=True,
        metavar="PATTERN",
        help="Mail that is always tried: its sender or one of its tags matches this, with * and ?. May be repeated.",
    ),
)  # fmt: skip

comparison = titled(
    "Comparison",
    click.option(
        "--against",
        "lists",
        multiple=True,
        metavar="FILE",
        help="A provider's own suppression list (Mailgun, SendGrid, SES, Postmark, SparkPost; CSV or JSON) to compare "
        "with. May be repeated.",
    ),
    click.option(
        "--provider",
        type=words.Words("provider", lambda: provider_lists.PROVIDERS, single=True),
        metavar="NAME",
        help="Whose lists these are, if their fields do not tell.",
    ),
)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit suppressions /var/log/mail.log*
  mailaudit suppressions --as-of 2026-05-31 --format csv -o suppress.csv /var/log/mail.log*
  mailaudit suppressions --simulate --table simulation events.jsonl
  mailaudit suppressions --against bounces.json --against complaints.csv events.jsonl
""",
)
@options.reading
@options.as_of
@cumulative
@click.option("--simulate", "simulation", is_flag=True, help="Show which real sends would have been spared.")
@click.option("--watched", is_flag=True, help="Show addresses that have soft bounces and are not suppressed, too.")
@comparison
@options.tables(lambda: TABLES, f"Only these tables: {', '.join(TABLES)}.")
@options.report_zone
@options.writing
def suppressions(  # noqa: PLR0913 (one per option)
    *,
    source: Input,
    as_of: str | None,
    count: str,
    rule: Rule,
    transactional: tuple[str, ...],
    simulation: bool,
    watched: bool,
    lists: tuple[str, ...],
    provider: str | None,
    names: tuple[str, ...],
    tz: dt.tzinfo | None,
    output: Output,
) -> int:
    """Which addresses should be left alone: who, why, since when, until when, and the events that say so.

    Bloomreach's cumulative logic on any log: 3 consecutive soft bounces within 7 days, or 5 at any distance, suppress
    an address for 7 days from the last one; one more after that does for good, at the next attempt. A delivery, an open
    or a click begins anew. A message counts once. Dead addresses and addresses the provider blocks are invalid at once;
    who complained or unsubscribed is listed as consent to revoke.
    """
    check_names(suppression_answers.ALL, output.columns)
    if "simulation" in names:
        simulation = True
    if "comparison" in names and not lists:
        raise UsageError("there is nothing to compare with", hint="name the provider's list with --against FILE")
    listed = [entry for path in lists for entry in provider_lists.read(path, provider)]
    exempt = _pattern(transactional)
    with session("suppressions", source, output, zone=tz) as this:
        from mailaudit.measure import hygiene  # noqa: PLC0415 (polars)

        ends = this.log_ends_us
        at = dates.as_of(as_of or dates.END, this.zone, now(), ends)
        facts = hygiene.facts(this.run.engine, count, (entry.address for entry in listed), exempt)
        standing, spared = simulate(facts, rule, at)
        differences = []
        if lists:
            seen = [fact for fact in facts if fact.time_us <= at]
            differences = list_comparison.compare(listed, {held[0].address: held for held in standing}, seen)
        wanted = names or _usual(output.format, simulation=simulation, comparison=bool(lists))
        made = suppression_answers.Made(this, at, standing, spared, differences, watched=watched)
        return finish(this, [made.answer(name) for name in TABLES if name in wanted], output)


def _usual(form: str, *, simulation: bool, comparison: bool) -> tuple[str, ...]:
    """The tables where none are named: of CSV the one to import, for people not the single events."""
    asked = [name for name, given in (("simulation", simulation), ("comparison", comparison)) if given]
    if form == "csv":
        return ("suppressions", *asked)
    shown = ["suppressions", "consent", "invalid_contact"]
    return (*shown, *(["evidence"] if form in {"json", "jsonl"} else []), *asked)


def _pattern(given: tuple[str, ...]) -> Callable[[Send], bool] | None:
    """Whether a sender or one of the tags matches any of the patterns, in whatever case."""
    if not given:
        return None
    import fnmatch  # noqa: PLC0415 (one option)
    import json  # noqa: PLC0415

    patterns = [re.compile(fnmatch.translate(text.lower())) for text in given]

    def matches(send: Send) -> bool:
        try:
            tags = json.loads(send.tags) if send.tags else []
        except json.JSONDecodeError:
            tags = [send.tags]
        texts = [send.sender, *(tags if isinstance(tags, list) else [tags])]
        return any(pattern.fullmatch(str(text).lower()) for pattern in patterns for text in texts)

    return matches
