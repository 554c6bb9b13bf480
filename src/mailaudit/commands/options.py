"""The options, each declared once: a decorator per family, which hands the command one object with the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mailaudit.commands import words
from mailaudit.commands.families import family, flat, titled
from mailaudit.measure.filters import Filters
from mailaudit.model import years
from mailaudit.model.statuses import NAMES, NATIVE, STATUSES
from mailaudit.model.vocabulary import OUTCOMES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from mailaudit.commands.families import Decorator

FORMATS = ("table", "csv", "json", "jsonl", "markdown", "html", "xlsx", "pdf")


def input_formats() -> tuple[str, ...]:
    """The names that --input-format knows: log formats, mails, providers, and the providers' formats by their ids."""
    from mailaudit.formats import formats, providers  # noqa: PLC0415 (only when one is named)

    return (*formats(), "mails", *providers.providers(), *providers.shapes())


@dataclass(frozen=True, slots=True)
class Input:
    """What to read, and how."""

    paths: tuple[str, ...]
    year: int | None
    input_tz: dt.tzinfo | None
    input_format: str | None
    memory: int | None
    verbose: bool
    rules: str | None = None
    unparsed: bool = False
    """Show what nothing understood, too; `live` has no place for it."""


@dataclass(frozen=True, slots=True)
class Output:
    """How to write the answer, and where."""

    format: str
    output: str | None
    columns: tuple[str, ...]
    limit: int | None
    excel_safe: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """Whom a message goes to, whom it comes from, and what its subject is."""

    to: tuple[str, ...]
    mail_from: str | None
    subject: str | None = None
    """None: what the message is about; only some commands have the option."""
    outbox: str | None = None
    """A directory for one file a message, in place of --output; only `health` has the option."""


@dataclass(frozen=True, slots=True)
class Period:
    """Which time to report on, in which zone."""

    since: str | None
    until: str | None
    today: bool
    days: int | None
    tz: dt.tzinfo | None

    @property
    def bounded(self) -> bool:
        """True if it names a beginning or an end."""
        return self.today or (self.days, self.since, self.until) != (None, None, None)


rules = titled(
    "Input",
    click.option(
        "--rules",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="TOML file with rules and provider groups of your own; they go before the built-in ones.",
    ),
)


_how_to_read = (
    click.option(
        "--year", type=words.Number(years.FIRST, years.LAST), metavar="YYYY", help="Year of stamps that have none."
    ),
    click.option("--input-tz", type=words.Zone(), help="Zone of stamps that have none, e.g. Europe/Rome or +02:00."),
    click.option(
        "--input-format",
        type=words.NameOrFile("input format", input_formats, ".toml"),
        metavar="NAME",
        help="Format of the input, if it is not to be recognised: postfix, sendmail, a provider's name or format id, "
        "or a TOML file that declares which column is which.",
    ),
    click.option("--memory", type=words.Size(), help="Memory the run may use, e.g. 512M."),
    click.option("-v", "--verbose", is_flag=True, help="Show how year and zone were decided, and every warning."),
    rules,
)
_unparsed = click.option(
    "--unparsed", is_flag=True, help="Show the lines that nothing understood, too; records shows them alone."
)
_path = click.Path(allow_dash=True, readable=False)  # who may read a log is told where it is opened
_paths = click.argument("paths", nargs=-1, metavar="[PATH…]", type=_path)
_paths_or_stdin = click.argument("paths", nargs=-1, default=("-",), metavar="[PATH…]", type=_path)
reading = family(Input, "source", "Input", _paths, *_how_to_read, _unparsed)
reading_optional = family(Input, "source", "Input", _paths_or_stdin, *_how_to_read, _unparsed)
following = family(Input, "source", "Input", _paths, *_how_to_read)


def _added_formats() -> tuple[str, ...]:
    from mailaudit.writers.formats import added  # noqa: PLC0415 (only for a word that is none of ours)

    return added()


def writing_as(*formats: str) -> Decorator:
    """The options that say how and where to write, for a command with these formats."""
    return family(
        Output,
        "output",
        "Output",
        click.option(
            "--format",
            "format",
            type=words.Words("format", lambda: formats, single=True, more=_added_formats),
            default=formats[0],
            show_default=True,
            metavar="|".join(formats),
            help="How to write the answer.",
        ),
        click.option("-o", "--output", metavar="FILE", help="Write to this file; it appears whole or not at all."),
        click.option(
            "--columns",
            type=words.Words("column", None),
            multiple=True,
            callback=flat,
            metavar="A,B",
            help="Only these columns, in this order.",
        ),
        click.option(
            "--limit",
            type=words.Number(0),
            metavar="N",
            help="At most so many rows a table. Text tables have 20 unless told otherwise, pdf 1000, others all.",
        ),
        click.option(
            "--excel-safe",
            is_flag=True,
            help="With csv: an apostrophe before text that a spreadsheet would run as a formula.",
        ),
    )


writing = writing_as(*FORMATS)
writing_pages = writing_as(*FORMATS, "eml")
writing_report = writing_as("html", *(name for name in FORMATS if name != "html"))

pivot = click.option(
    "--pivot",
    type=words.Words("pivot", lambda: ("to",), single=True),
    metavar="to",
    help="All mail to the addresses of what is found, by address.",
)
report_zone = titled(
    "Output",
    click.option(
        "--tz", type=words.Zone(), help="Zone of the report. Default: the log's if it has one, else the local one."
    ),
)

period = family(
    Period,
    "period",
    "Period",
    click.option("--since", type=words.Moment(), help="From this time on: yesterday, 2026-05, '3 days ago', 48h …"),
    click.option("--until", type=words.Moment(), help="Up to, and not including, this time."),
    click.option("--today", is_flag=True, help="Only today."),
    click.option("--days", type=words.Number(1, 36_500), metavar="N", help="Only the last N days, today included."),
    report_zone,
)


def one_of(name: str, known: tuple[str, ...], default: str | None, meaning: str) -> Decorator:
    """An option with one word of a few."""
    kind = words.Words(name.lstrip("-"), lambda: known, single=True)
    return click.option(name, type=kind, default=default, show_default=True, metavar="|".join(known), help=meaning)


as_of = titled(
    "Period",
    click.option(
        "--as-of",
        type=words.AsOf(),
        metavar="WHEN|end",
        help="Answer as of this moment: a day means its end, `end` that of the logs. Without it, periods such as "
        "--weekly end now, all else with the logs.",
    ),
)
state = click.option(
    "--state",
    metavar="FILE",
    help="Keep here what this run told, so that the next one tells what is new.",
)
last = click.option("--last", type=words.Number(1), metavar="N", help="Only the last N rows.")

mail_to = click.option(
    "--to",
    type=words.Address(),
    multiple=True,
    metavar="ADDRESS",
    help="With --format eml: whom to tell. May be repeated. Without it the message has no To.",
)
mail_from = click.option(
    "--from",
    "mail_from",
    type=words.Address(),
    metavar="ADDRESS",
    help="With --format eml: who tells. Default: mailaudit@ this machine.",
)


def several(name: str, meaning: str, metavar: str, kind: click.ParamType[str] = click.STRING) -> Decorator:
    """An option that may be given several times; one of the values must match."""
    return click.option(name, multiple=True, type=kind, metavar=metavar, help=meaning)


filters = family(
    Filters,
    "filters",
    "Filters",
    several(
        "--sender",
        "Sender contains this; '=TEXT' is it, '@DOMAIN' is of that domain, '<>' is nobody. Filters may be repeated.",
        "TEXT",
    ),
    several("--recipient", "Recipient (final or original) contains this, or is '=TEXT'.", "TEXT"),
    several("--domain", "Recipient's domain is this; '.DOMAIN': this or one below it.", "DOMAIN"),
    several("--host", "Logged by this host.", "HOST"),
    click.option(
        "--status",
        type=words.Status("status", lambda: STATUSES),
        multiple=True,
        callback=flat,
        metavar="WORD[,WORD…]",
        help=f"Status: {' '.join(STATUSES)}.",
    ),
    click.option(
        "--outcome",
        type=words.Words("outcome", lambda: OUTCOMES),
        multiple=True,
        callback=flat,
        metavar="WORD[,WORD…]",
        help="How it ended, whatever the reader did since: the same words but for those of readers.",
    ),
    several(
        "--code",
        "Reply code or enhanced status code: 550, 5.1.1, 4xx, 5.7.x; '550 5.1.1' is both, '=550' has no other.",
        "CODE",
        words.Code(),
    ),
    several("--relay", "Relay's name or address contains this, or is '=TEXT'.", "TEXT"),
    several("--sasl-user", "Authenticated user is this.", "USER"),
    several("--text", "Reply contains this.", "TEXT"),
    several("--raised-by", "Raised by this (part of a) user or sender; see --raised-by-key.", "TEXT"),
    click.option(
        "--raised-by-key",
        default="any",
        show_default=True,
        metavar="any|sender|sasl_user|client|NAME",
        help="What --raised-by looks at; NAME: the sender's own variable or tag of this name; any: the usual ones "
        "(raised_by, user …), else the authenticated user, else the sender.",
    ),
)


vocabulary = click.option(
    "--vocabulary",
    type=words.Words("vocabulary", lambda: NAMES, single=True),
    default=NATIVE,
    show_default=True,
    metavar="|".join(NAMES),
    is_eager=True,  # --status asks for it
    help="In whose words the status is told: ours, Blocks Online's or Bloomreach's; log --status takes them, too.",
)


def tables(known: Callable[[], tuple[str, ...]], meaning: str) -> Decorator:
    """`--table`, with the names a command has."""
    return click.option(
        "--table",
        "names",
        type=words.Words("table", known),
        multiple=True,
        callback=flat,
        metavar="NAME[,NAME…]",
        help=meaning,
    )


no_collapse = click.option(
    "--no-collapse", is_flag=True, help="Show each pass through a content filter as a message of its own."
)
include_rejects = click.option("--include-rejects", is_flag=True, help="Show what the server refused at the door, too.")
include_notices = click.option(
    "--include-notices", is_flag=True, help="Show notices (bounces, delay warnings, receipts) the server made, too."
)
policy = click.option(
    "--policy",
    "policy_word",
    default="auto",
    show_default=True,
    metavar="normal|bulk|auto|FILE",
    help="Retry policy to compare with; auto: the one that the log shows, if it is a known one.",
)
raw = click.option(
    "--raw",
    is_flag=True,
    help="Show the log lines themselves: of the mail chosen; log without a filter shows every line of the range.",
)
explain = click.option("--explain", is_flag=True, help="Show under each line the command that lists what it counts.")
