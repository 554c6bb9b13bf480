"""Mail that was put off: every attempt at it, the warnings, and the recipients it was for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailaudit.measure.causes import causes
from mailaudit.measure.filters import Conditions
from mailaudit.measure.prepare import FATES
from mailaudit.measure.texts import filled
from mailaudit.model.vocabulary import TRIES

if TYPE_CHECKING:
    import polars as pl

    from mailaudit.measure.choose import Choice
    from mailaudit.measure.engine import Engine

_ATTEMPTS = f"""
select t.root, t.key, t.recipient_key, t.time_us, c."row" is not null as greylisted
from story t
left join (select "row" from causes where category = 'greylisted') c on c."row" = t."row" and t.event = 'deferred'
where (t.tried = 1 or t.stands = 0) and t.event in {TRIES!r} and exists (
    select 1 from settled s where s.root = t.root and s.recipient_key = t.recipient_key and s.deferrals > 0
)
order by t.time_us, t."row"
"""
"""The attempts for every recipient that was put off at least once; a line that hands the mail on is one, too."""

_WARNED = """
select l.root, d.time_us, l.accepted_us
from deliveries d
join lives l on l.key = d.key
where d.event = 'notified' and d.notice = 'delay'
"""

_GAVE_UP = """
select (s.finished_us - l.accepted_us) / 1000000.0
from settled s
join life l on l.key = s.root
where s.fate = {expired} and l.accepted_us is not null and s.finished_us is not null
"""

_RETRIED = """
select r.root, r.recipient_key, r.queue_id, r.recipient, r.sender, r.outcome, r.submitted_us, r.accepted_us,
    r.finished_us, r.attempts, r.deferrals
from recipients r
where r.role in ('user', 'hop') and r.deferrals > 0 and {conditions}
order by r.submitted_us, r.source, r."offset", r.recipient
"""
_RETRIED_NAMELESS = """
select r.root, r.recipient_key, o.outcome, r.submitted_us, l.accepted_us,
    r.finished_us, r.attempts, r.deferrals
from selected r
join life l on l.key = r.root
join outcome_words o on o.fate = r.fate
where r.role in ('user', 'hop') and r.deferrals > 0 and {conditions}
order by r.submitted_us, r.root, r.recipient_key
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the logs tell of mail that was put off."""

    attempts: pl.DataFrame
    """Each attempt for a recipient that was put off at least once, in order of time: `root`, `key`, `recipient_key`,
    `time_us`, and whether it was put off by greylisting, `greylisted`."""
    warnings: list[tuple[int, int, int | None]]
    """Of each notice of a delay: the message, when it was written, and when the mail was accepted."""


def tried(engine: Engine) -> Tried:
    """The attempts of every recipient that was put off, and the warnings."""
    causes(engine)
    return Tried(engine.frame(_ATTEMPTS), engine.rows(_WARNED))


def gave_up(engine: Engine) -> list[float]:
    """The seconds from acceptance to giving up, of each recipient whose mail expired."""
    return [seconds for (seconds,) in engine.rows(filled(_GAVE_UP, **FATES))]


def recipients(engine: Engine, conditions: Conditions, told: Tried) -> pl.DataFrame:
    """The recipients who were put off, with their attempts.

    One row each: message and recipient, outcome, acceptance, end, and how often it was tried; `times_us`, the times of
    the attempts in order; `greylisted_us`, the first of them that was put off by greylisting; `warned_us`, when the
    sender was first warned; and `end_us`, the end, or the last attempt while open. All times in µs of UTC.
    """
    return _with_attempts(engine.frame(_RETRIED.format(conditions=conditions.sql), conditions.values), told)


def nameless(choice: Choice, told: Tried) -> pl.DataFrame:
    """The same without queue ids and addresses, which cost more to find than all the rest."""
    choice.need("selected")
    conditions = Conditions()
    conditions.between("r.submitted_us", choice.options.since_us, choice.options.until_us)
    sql = _RETRIED_NAMELESS.format(conditions=conditions.sql)
    return _with_attempts(choice.engine.frame(sql, conditions.values), told)


def _with_attempts(found: pl.DataFrame, told: Tried) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 (loaded long before)

    time = pl.col("time_us")
    tries = told.attempts.group_by("root", "recipient_key").agg(
        time.alias("times_us"), time.filter(pl.col("greylisted")).first().alias("greylisted_us")
    )
    warnings = pl.DataFrame(told.warnings, ("root", "warned_us", "accepted_us"), orient="row").cast(pl.Int64)
    return (
        found.join(tries, on=("root", "recipient_key"), how="left", maintain_order="left")
        .join(warnings.group_by("root").agg(pl.col("warned_us").min()), on="root", how="left", maintain_order="left")
        .with_columns(end_us=pl.coalesce("finished_us", pl.col("times_us").list.max(), "submitted_us"))
    )
