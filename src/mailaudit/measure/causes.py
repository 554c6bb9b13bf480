"""Why deliveries failed: one verdict for each row of `deliveries` that tells of a failure.

Made when a question needs it, and once: numbers that do not ask for causes do not wait for them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mailaudit.classify.providers import services
from mailaudit.model.columns import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from mailaudit.classify.ruleset import Ruleset
    from mailaudit.measure.engine import Engine

CAUSES = Table(
    "causes",
    "Why it failed: one row for each row of deliveries that tells of a failure, a deferral or a complaint.",
    (
        Column("row", "big", "the row of deliveries"),
        Column("category", "word", "kind of cause, one of 44"),
        Column("type", "word", "hard, soft, block, config or info"),
        Column("party", "word", "who can put it right"),
        Column(
            "permanence", "word", "permanent, transient or success, by the first digit of the code; null without one"
        ),
        Column("confidence", "word", "high, medium, low or none"),
        Column("rule", "word", "rule that decided; null if none did"),
        Column("suppress", "word", "now, repeat (after repeated failures) or never"),
        Column("retry", "word", "no, later or after_fix"),
        Column("action", "word", "what to do next"),
        Column("list", "word", "block list, or receiver's token, that the reply names"),
        Column("template", "word", "the reply without addresses, hosts, numbers, ids and URLs"),
    ),
)

FAILED = (
    "deferred",
    "bounced",
    "soft_bounced",
    "hard_bounced",
    "expired",
    "rejected",
    "enqueue_failed",
    "preblocked",
    "suppressed",
    "unsubscribed",
    "complained",
    "auto_reply",
    "other",
)
"""Events that have a cause."""

DECIDED = {
    "complained": "complaint",
    "unsubscribed": "unsubscribed",
    "auto_reply": "auto_reply",
    "preblocked": "suppressed",
    "suppressed": "suppressed",
}
"""Events that are their own cause, whatever the text beside them."""

KEPT = ("unsubscribed", "complaint")
"""Causes that the words may give to mail that was not sent because of a list."""

GRADED = ("hard_bounced", "soft_bounced")
"""Events with which a provider says whether it is final."""

SILENT = {"expired": "expired", "enqueue_failed": "mailer_error"}
"""The cause of events that have neither reply nor code."""

_FIELDS = ("reply", "smtp_code", "enhanced_status", "relay_host", "event", "bounce_class", "program")
"""What a verdict depends on. The event only where it decides, the program only where it is a provider."""

_SAID = """
create or replace table said as
select *, cast(row_number() over () as integer) as verdict
from (
    select distinct
        reply, smtp_code, enhanced_status, relay_host, bounce_class,
        {program} as program, {event} as event
    from deliveries d
    where event in ({failed}) and (
        reply is not null or smtp_code is not null or enhanced_status is not null or bounce_class is not null
        or event in ({deciding}, {silent})
    ) and (event <> 'other' or smtp_code >= 400)
)
"""

_EVENT = """
    case
        when d.event in ({deciding}) then d.event
        when d.event in ({silent}) and d.reply is null and d.smtp_code is null and d.bounce_class is null then d.event
    end"""

_CAUSES = """
create or replace table causes as
select d."row", v.* exclude (verdict)
from deliveries d
join said s on {same} and s.event is not distinct from {event}
    and s.program is not distinct from {program}
join verdicts v on v.verdict = s.verdict
where d.event in ({failed}) and (d.event <> 'other' or d.smtp_code >= 400)
"""

_REFUSED = """
create or replace table said as
select *, cast(row_number() over () as integer) as verdict
from (
    select distinct
        reply, smtp_code, enhanced_status, cast(null as varchar) as relay_host, cast(null as varchar) as event,
        cast(null as varchar) as bounce_class, cast(null as varchar) as program
    from refusals
    where event = 'rejected' and (reply is not null or smtp_code is not null)
)
"""

_REFUSAL_CAUSES = """
create or replace table refusal_causes as
select d."row", v.category, v.type
from refusals d
join said s on {same}
join verdicts v on v.verdict = s.verdict
where d.event = 'rejected'
"""


def causes(engine: Engine, ruleset: Ruleset | None = None) -> None:
    """Makes the table `causes` unless it is there, and puts category and type into `recipients`.

    The rules are those given, else those of the engine (a user's own before ours), else ours.
    """
    with _MAKING:
        if not _there(engine, "causes"):
            _make(engine, ruleset)


_MAKING = threading.Lock()
"""Questions are asked two at a time (`Engine.together`); the first that needs the causes makes them for both."""


def _make(engine: Engine, ruleset: Ruleset | None) -> None:
    pieces = {
        "failed": _quoted(FAILED),
        "deciding": _quoted((*DECIDED, *GRADED)),
        "silent": _quoted(SILENT),
        "same": _same("reply", "smtp_code", "enhanced_status", "relay_host", "bounce_class"),
    }
    pieces["event"] = _EVENT.format(**pieces)
    pieces["program"] = (
        f"case when d.bounce_class is not null or d.program in ({_quoted(services())}) then d.program end"
    )
    engine.run(_SAID.format(**pieces))
    _judge(engine, ruleset)
    engine.run(_CAUSES.format(**pieces))
    _forget(engine)
    engine.script("classified.sql")


def refusal_causes(engine: Engine, ruleset: Ruleset | None = None) -> None:
    """Makes the table `refusal_causes` unless it is there: category and type of what was refused at the door here."""
    with _MAKING:
        if _there(engine, "refusal_causes"):
            return
        engine.run(_REFUSED)
        _judge(engine, ruleset)
        engine.run(_REFUSAL_CAUSES.format(same=_same("reply", "smtp_code", "enhanced_status")))
        _forget(engine)


def _there(engine: Engine, name: str) -> bool:
    return bool(engine.rows("select 1 from duckdb_tables() where table_name = ?", [name]))


def _forget(engine: Engine) -> None:
    engine.run("drop table said")
    engine.run("drop table verdicts")


PART = 200_000
"""Different replies that are judged at once: memory stays flat however many there are."""


def _judge(engine: Engine, ruleset: Ruleset | None) -> None:
    """Makes the table `verdicts` for the table `said`."""
    from mailaudit.classify.ruleset import ours  # noqa: PLC0415 (the rules are read only now)

    rules = ruleset or engine.ruleset or ours()
    (count,) = engine.rows("select count(*) from said")[0]
    for first in range(0, max(count, 1), PART):
        said = engine.frame(
            f"select {', '.join(_FIELDS)}, verdict from said where verdict > ? and verdict <= ?", [first, first + PART]
        )
        engine.take("part", _verdicts(said, rules))
        engine.run(
            "create or replace table verdicts as select * from part"
            if not first
            else "insert into verdicts select * from part"
        )
    engine.run("drop table part")


def _verdicts(said: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 (not before a question needs it)

    from mailaudit.classify import bulk  # noqa: PLC0415

    event = pl.col("event")
    fixed = {name: rules.categories[category] for name, category in {**DECIDED, **SILENT}.items()}
    own = event.is_in(list(fixed)) & ~pl.col("category").is_in(KEPT)

    def decided(column: str, key: str) -> pl.Expr:
        words = {name: getattr(kind, key) for name, kind in fixed.items()}
        return pl.when(own).then(event.replace_strict(words, default=None)).otherwise(pl.col(column)).alias(column)

    vague = pl.col("confidence").is_in(["low", "none"])
    hard, soft = (vague & (event == name) for name in GRADED)
    columns = ("category", "type", "party", "suppress", "retry", "action")
    return (
        bulk.verdicts(said, rules)
        .with_columns(decided(name, "name" if name == "category" else name) for name in columns)
        .with_columns(
            pl.when(own).then(pl.lit("high")).otherwise(pl.col("confidence")).alias("confidence"),
            pl.when(own).then(pl.concat_str(pl.lit("event-"), event)).otherwise(pl.col("rule")).alias("rule"),
            # What a provider calls hard or soft is so, where the words say nothing.
            pl.when(hard).then(pl.lit("hard")).when(soft).then(pl.lit("soft")).otherwise(pl.col("type")).alias("type"),
            pl.when(hard)
            .then(pl.lit("now"))
            .when(soft)
            .then(pl.lit("repeat"))
            .otherwise(pl.col("suppress"))
            .alias("suppress"),
        )
        .select("verdict", *(column.name for column in CAUSES.columns if column.name != "row"))
    )


def _same(*names: str) -> str:
    return " and ".join(f"s.{name} is not distinct from d.{name}" for name in names)


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
