"""What a page is made from: the answers for its range, for the range before, and what is known of the logs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from mailaudit.measure import compare, failing, tables, texts
from mailaudit.measure.causes import causes
from mailaudit.measure.choose import Choice
from mailaudit.measure.extent import silence
from mailaudit.measure.volume import VOLUME, Volume, volume
from mailaudit.model.times import DAY, HOUR
from mailaudit.report.states import states
from mailaudit.report.wording import span, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mailaudit.advise.flows import Flow
    from mailaudit.measure.choose import Options
    from mailaudit.measure.engine import Engine
    from mailaudit.model.answers import Table
    from mailaudit.model.request import InputReport
    from mailaudit.model.request import Warning as InputWarning

LONG_US = 7 * DAY - HOUR
"""A week, though summer time begin in it."""
TOLERANCE = 20
"""A range is covered if the logs reach to within one part in so many of its ends: nights are quiet."""
DRAWN = ("_weekday_hour", "day", "month", "weekday", "hour")
"""Tables that are drawn: a limit of rows is for those who read them, not for the chart, which would tell a part of a
year as all of it."""
NOTICES = "mails"
"""The format of bounce mails: they tell what failed, and hardly anything of what was delivered."""
LONGEST = ("_flow", "sender")
"""Tables that take longest to answer: they come before the others, lest one of them is left alone at the end."""
LOSSES = ("lost", "truncated", "damaged", "unreadable")
"""Kinds of warnings that make totals too low."""


@dataclass(frozen=True, slots=True)
class Logs:
    """What was read."""

    inputs: Sequence[InputReport]
    warnings: Sequence[InputWarning]
    first_us: int | None
    last_us: int | None

    longest_silence_us: int = 0
    """The longest time without a new message, in µs: a night, a weekend."""

    @property
    def holes(self) -> list[InputWarning]:
        """Warnings that say that lines are missing."""
        return [warning for warning in self.warnings if warning.kind in LOSSES]

    @property
    def only_failures(self) -> bool:
        """True if nothing but bounce mails was read: without deliveries there is no rate."""
        formats = {report.format for report in self.inputs if report.parsed}
        return formats == {NOTICES}

    @property
    def not_understood(self) -> list[InputReport]:
        """Inputs of which too little was understood."""
        return [report for report in self.inputs if report.doubtful]


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers a page is made from."""

    options: Options
    since_us: int
    until_us: int
    """The range; where it was left open, that of the logs."""
    logs: Logs
    now: Volume
    before: Volume | None
    """The same for the range before; None if the logs do not hold it."""
    before_range: tuple[int, int] | None
    why_not_compared: str
    """A sentence, where `before` is None."""
    tables: dict[str, Table]
    failures: failing.Failures
    replies: failing.Replies
    """Causes of failures are known; without that they are told apart by code."""
    states: tuple[Flow, ...] = ()
    """Whether mail flows: all of it first, then domains, the worst first."""
    week_earlier: Volume | None = None
    """The same for the same days a week earlier, if the range is shorter than a week and the logs hold them: mail of a
    Sunday is to be measured by other Sundays."""
    more: tuple[Table, ...] = ()
    """Tables made elsewhere: retries."""

    def about(self, zone_name: str) -> tuple[str, ...]:
        """Which period a page is about, and which it is compared with."""
        now = f"{span(self.since_us, self.until_us, self.options.zone)} ({zone_name})"
        if self.before_range is None:
            return (now,)
        return now, f"compared with {span(*self.before_range, self.options.zone)}"

    @property
    def rated(self) -> bool:
        """True if the logs tell of deliveries as well as of failures, so that there are rates."""
        return not self.logs.only_failures

    @property
    def lengths(self) -> tuple[int, int]:
        """How long the range is, and that which it is compared with, in µs."""
        length = self.until_us - self.since_us
        return length, length if self.before_range is None else self.before_range[1] - self.before_range[0]

    @property
    def shorter_than_a_week(self) -> bool:
        """True if the range is less than seven days, so that the days of the week make it differ from that before."""
        return self.lengths[0] < LONG_US

    @property
    def has_history(self) -> bool:
        """True if the logs hold something before the range, so that something can be new."""
        return self.logs.first_us is not None and self.logs.first_us < self.since_us

    @property
    def ends_early_us(self) -> int | None:
        """The last moment of the logs, if they end longer before the range does than they are ever silent."""
        last, usual = self.logs.last_us, max(self.tolerance, self.logs.longest_silence_us)
        return last if last is not None and last + 1 < self.until_us - usual else None

    @property
    def tolerance(self) -> int:
        """How far from its ends the logs may end for the range to be covered, in µs."""
        return (self.until_us - self.since_us) // TOLERANCE


def gather(
    engine: Engine,
    options: Options,
    logs: Logs,
    names: Iterable[str],
    *,
    more: Callable[[Choice], tuple[Table, ...]] | None = None,
) -> Facts:
    """Asks all questions of a page; `names` are the statistics that it shows, `more` makes tables besides."""
    since = options.since_us if options.since_us is not None else logs.first_us or 0
    until = options.until_us if options.until_us is not None else (logs.last_us or 0) + 1
    until = max(until, since + 1)
    range_, why_not = _before(engine, options, logs)
    whole = replace(options, limit=None, short=None)
    before = None
    if range_ is not None:
        before = volume(Choice(engine, replace(whole, since_us=range_[0], until_us=range_[1])))
    choice = Choice(engine, options)
    names = sorted(dict.fromkeys(names), key=lambda name: name not in LONGEST)
    asked = [texts.question(name) for name in names]
    makers = choice.longest({*VOLUME, *(name for question in asked for name in question.reads)})
    # The longest first, so that none of them is left alone at the end; what fails is told by the causes.
    _, now, flows, tables_more, silent_us, *rest = engine.together(
        [
            partial(causes, engine),
            partial(volume, choice),
            partial(states, engine, whole),
            partial(more, choice) if more else tuple,
            partial(silence, engine),
            *makers,
            *(partial(tables.answer, choice, q, whole if q.name in DRAWN else options) for q in asked),
            partial(failing.failures, choice),
            partial(failing.replies, choice),
        ]
    )
    *answers, failures, replies = rest[len(makers) :]
    week_earlier = None
    if range_ is not None and until - since < LONG_US:
        earlier = compare.week_earlier(since, until, options.zone)
        if _held(logs, earlier):
            week_earlier = volume(Choice(engine, replace(whole, since_us=earlier[0], until_us=earlier[1])))
    return Facts(
        options=options,
        since_us=since,
        until_us=until,
        logs=replace(logs, longest_silence_us=silent_us),
        now=now,
        before=before,
        before_range=range_,
        why_not_compared=why_not,
        tables=dict(zip(names, answers, strict=True)),
        failures=failures,
        replies=replies,
        states=tuple(flows),
        more=tables_more,
        week_earlier=week_earlier,
    )


def _before(engine: Engine, options: Options, logs: Logs) -> tuple[tuple[int, int] | None, str]:
    """The range to compare with, or why there is none."""
    if logs.first_us is None:
        return None, "The logs hold no mail."
    if options.since_us is None:
        return None, "The range is all that the logs hold, so there is no period before it."
    range_ = compare.previous(engine, options)
    if range_ is None:
        return None, "The logs hold nothing of this period."
    if _held(logs, range_):
        return range_, ""
    begins = stamp(logs.first_us, options.zone)
    if options.until_us is not None and not _held(logs, (options.since_us, options.until_us)):
        return None, f"The logs begin at {begins}: they hold a part of this period only, so nothing is compared."
    return None, f"The logs begin at {begins}: they do not hold the whole period before, so nothing is compared."


def _held(logs: Logs, range_: tuple[int, int]) -> bool:
    """Tells whether the logs begin early enough to hold the range."""
    return logs.first_us is not None and logs.first_us <= range_[0] + (range_[1] - range_[0]) // TOLERANCE
