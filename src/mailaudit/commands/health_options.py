"""The options of `mailaudit health`, as one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mailaudit.advise import levels
from mailaudit.advise.flows import COUNTED
from mailaudit.advise.mail_flow import Limits
from mailaudit.commands import options, words
from mailaudit.commands.families import family, flat
from mailaudit.errors import UsageError

if TYPE_CHECKING:
    from fractions import Fraction

SUBJECTS = ("recipient_domain", "sender_domain", "relay", "isp", "host", "all")
UNITS = ("attempt", "message")
CHECKS = (*COUNTED, "outliers", "all")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is judged, and by which limits."""

    by: str
    unit: str
    window: int
    threshold: Fraction
    warning: Fraction | None
    max_failures: int | None
    group_by: str | None
    group: str | None

    @property
    def limits(self) -> Limits:
        """The limits where a level sets no others."""
        return Limits(self.window, self.threshold, self.warning, self.max_failures)


@dataclass(frozen=True, slots=True)
class Watch:
    """What else is looked at, and when something is said at all."""

    live: bool
    check: tuple[str, ...]
    inactive: int | None
    notify_on_change: bool
    state: str | None

    @property
    def counted(self) -> tuple[str, ...]:
        """The checks that count; a limit for silences makes that one count."""
        found = CHECKS if "all" in self.check else self.check
        return (*found, "inactivity") if self.inactive is not None else tuple(found)


class Percent(click.ParamType["Fraction"]):
    """A per cent: `90`, `99.5`, `90%`."""

    name = "per cent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The number, exactly."""
        if not isinstance(value, str):
            return value
        try:
            return levels.percent(value)
        except UsageError as error:
            self.fail(f"{error.text}: {error.hint}", param, ctx)


rule = family(
    Rule,
    "rule",
    "Judgement",
    options.one_of("--by", SUBJECTS, "recipient_domain", "What is judged by."),
    options.one_of("--unit", UNITS, "attempt",
                   "Results of attempts, or each message's latest state per recipient."),
    click.option("--window", type=words.Number(1, 10_000), default=25, show_default=True, metavar="N",
                 help="How many of the latest results are looked at."),
    click.option("--threshold", type=Percent(), default="90", show_default=True, metavar="PERCENT",
                 help="Success below this is Bad."),
    click.option("--warning", type=Percent(), metavar="PERCENT", help="Success below this is a Warning."),
    click.option("--max-failures", type=words.Number(0), metavar="N",
                 help="More failures than this in the window are Bad, whatever their share."),
    click.option("--group-by", metavar="FILE",
                 help="File with lines `reseller > customer > domain`, each with settings of its own if need be."),
    click.option("--group", metavar="NAME",
                 help="Only this reseller, customer or domain of that file, and what stands below it."),
)  # fmt: skip

watch = family(
    Watch,
    "watch",
    "Watching",
    click.option("--live", is_flag=True, help="Show the latest results one by one."),
    click.option("--check", type=words.Words("check", lambda: CHECKS), multiple=True, callback=flat,
                 metavar="WORD[,WORD…]",
                 help="What makes a warning of a good state, too: inactivity, change, outliers (senders that leave "
                 "their own history), all. Without it, silences and changes are only noted."),
    click.option("--inactive", type=words.Length(), metavar="TIME",
                 help="Warn if the latest result is older than this, e.g. 2h; seen from now, or from --as-of."),
    click.option("--notify-on-change", is_flag=True,
                 help="With --state: print only what changed since the last run, recoveries too; nothing if nothing "
                 "did."),
    options.state,
)  # fmt: skip

mail = family(
    options.Mail,
    "mail",
    "Mail",
    options.mail_to,
    options.mail_from,
    click.option("--outbox", metavar="DIRECTORY",
                 help="With --format eml: a file per message here, each with what its recipients answer for."),
)  # fmt: skip
