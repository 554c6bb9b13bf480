"""Why deliveries failed: one verdict for each row of `deliveries` that tells of a failure.

Made when a question needs it, and once: numbers that do not ask for causes do not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    "discarded",
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

SILENT = {"expired": "expired", "enqueue_failed": "mailer_error"}
"""The cause of events that have neither reply nor code."""

_SAID = """
create or replace table said as
select reply, smtp_code, enhanced_status, relay_host, event, cast(row_number() over () as integer) as verdict
from (
    select distinct
        reply, smtp_code, enhanced_status, relay_host,
        case
            when event in ({decided}) or (event in ({silent}) and reply is null and smtp_code is null) then event
        end as event
    from deliveries
    where event in ({failed}) and (
        reply is not null or smtp_code is not null or enhanced_status is not null or event in ({decided}, {silent})
    )
)
"""

_CAUSES = """
create or replace table causes as
select d."row", v.* exclude (verdict)
from deliveries d
join said s on s.reply is not distinct from d.reply
    and s.smtp_code is not distinct from d.smtp_code
    and s.enhanced_status is not distinct from d.enhanced_status
    and s.relay_host is not distinct from d.relay_host
    and s.event is not distinct from case
        when d.event in ({decided}) or (d.event in ({silent}) and d.reply is null and d.smtp_code is null) then d.event
    end
join verdicts v on v.verdict = s.verdict
where d.event in ({failed})
"""


def causes(engine: Engine, ruleset: Ruleset | None = None) -> None:
    """Makes the table `causes` unless it is there, and puts category and type into `recipients`."""
    if engine.rows("select 1 from duckdb_tables() where table_name = 'causes'"):
        return
    words = {"failed": _quoted(FAILED), "decided": _quoted(DECIDED), "silent": _quoted(SILENT)}
    engine.run(_SAID.format(**words))
    engine.take("verdicts", _judged(engine, ruleset))
    engine.run(_CAUSES.format(**words))
    engine.run("drop table said")
    engine.run("drop table verdicts")
    engine.script("classified.sql")


def _judged(engine: Engine, ruleset: Ruleset | None) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 (not before a question needs it)

    from mailaudit.classify import bulk  # noqa: PLC0415
    from mailaudit.classify.ruleset import ours  # noqa: PLC0415

    rules = ruleset or ours()
    said = engine.frame("select reply, smtp_code, enhanced_status, relay_host, event, verdict from said")
    judged = bulk.verdicts(said, rules)
    fixed = {**DECIDED, **SILENT}
    kinds = {event: rules.categories[name] for event, name in fixed.items()}
    told = pl.col("event").is_not_null()
    own = [
        pl.when(told)
        .then(
            pl.col("event").replace_strict({event: getattr(kind, key) for event, kind in kinds.items()}, default=None)
        )
        .otherwise(pl.col(column))
        .alias(column)
        for column, key in (
            ("category", "name"),
            ("type", "type"),
            ("party", "party"),
            ("suppress", "suppress"),
            ("retry", "retry"),
            ("action", "action"),
        )
    ]
    sure = pl.when(told).then(pl.lit("high")).otherwise(pl.col("confidence")).alias("confidence")
    rule = pl.when(told).then(pl.concat_str(pl.lit("event-"), pl.col("event"))).otherwise(pl.col("rule")).alias("rule")
    names = [column.name for column in CAUSES.columns if column.name != "row"]
    return judged.with_columns(*own, sure, rule).select("verdict", *names)


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
