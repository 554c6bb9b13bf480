"""Statistics: named tables, and tables by any combination of dimensions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mailaudit.measure import by as combinations
from mailaudit.measure import dimensions, kept, texts
from mailaudit.measure.choose import Choice, Options
from mailaudit.measure.suffixes import registered_domain
from mailaudit.model.answers import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailaudit.measure.engine import Engine, Row

TABLES = (
    "summary",
    "month",
    "day",
    "weekday",
    "hour",
    "host",
    "relay",
    "sender",
    "sender_domain",
    "recipient_domain",
    "isp",
    "own_rejects",
    "reply",
    "enhanced",
    "sasl_user",
    "direction",
    "size",
    "delay",
    "attempts",
    "tls",
)
"""The tables of a whole report, in its order."""

WHOLE = ("summary", "hour", "weekday")
"""Tables that make no sense in part: they are shown whole unless a limit is set."""

MORE = ("host_organisation", "relay_organisation", "own_reject_sources", "tls_peer", "queue", "engagement")
"""Tables that are shown when asked for."""


def prepare(names: Iterable[str]) -> None:
    """Reads what the named tables need besides the mail: their texts and the lists of domains."""
    for name in names:
        texts.question(name)
    dimensions.prepare()


def compute(engine: Engine, names: Iterable[str], options: Options | None = None) -> list[Table]:
    """Answers the named tables for one range and one set of filters."""
    options = options or Options()
    choice = Choice(engine, options)
    asked = [texts.question(name) for name in names]
    makers = choice.longest({name for question in asked for name in question.reads})
    answers = engine.together([*makers, *(partial(answer, choice, question, options) for question in asked)])
    return answers[len(makers) :]


def compute_by(engine: Engine, keys: Sequence[str], options: Options | None = None) -> Table:
    """Answers the table of counts by a combination of dimensions; raises UsageError for one that is unknown."""
    options = options or Options()
    found = answer(Choice(engine, options), combinations.question(keys), options)
    reactions = bool(engine.rows("select 1 from reactions limit 1"))
    return replace(
        found,
        columns=(*found.columns, *combinations.RATES),
        rows=kept.changed(found.rows, combinations.with_rates(found.places, reactions=reactions)),
        notes=(combinations.NOTE if reactions else combinations.NOTE_OF_LOGS,),
        shown=combinations.shown(found.columns, reactions=reactions),
    )


def answer(choice: Choice, asked: texts.Question, options: Options) -> Table:
    """Answers one question from the tables of the choice, with the limits of the options."""
    choice.need(*asked.reads)
    limit = options.limit
    if limit is None and asked.name not in WHOLE:
        limit = options.short
    names = ", ".join(f'"{column.name}"' for column in asked.columns)
    rows: Sequence[Row]
    if limit is None and asked.name not in WHOLE:
        rows = kept.rows(choice.engine, names, asked.sql, asked.order)
        total = len(rows)
    else:
        sql = f"select {names}, cast(count(*) over () as bigint) from (\n{asked.sql}\n) answer order by {asked.order}"
        counted = choice.engine.rows(f"{sql} limit ?", [1 << 40 if limit is None else limit])
        rows = [row[:-1] for row in counted]
        total = counted[0][-1] if counted else 0
    found = Table(
        asked.name,
        asked.title,
        asked.unit,
        asked.time,
        asked.columns,
        rows,
        notes=(asked.note,) if asked.note else (),
        total=total,
        whole=asked.name in WHOLE,
    )
    if not asked.folded:
        return found
    return replace(found, rows=kept.changed(found.rows, partial(_folded, found.places[asked.folded])))


def _folded(at: int, row: Row) -> Row:
    """The row with the registered domain in place of a host's name."""
    return (*row[:at], registered_domain(row[at]) if row[at] else None, *row[at + 1 :])
