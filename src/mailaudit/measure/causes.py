"""Why deliveries failed: one verdict for each row of `deliveries` that tells of a failure.

Made when a question needs it, and once: numbers that do not ask for causes do not wait for them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mailaudit.measure.overlays import there
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

_FAILED = "from deliveries d where (event in ({failed}) or (event = 'pending' and enhanced_status like '4.%'))"
"""Sendmail says of what it could not look up no more than that it waits, and a code."""
_FAILED_TOLD = """
(
    reply is not null or smtp_code is not null or enhanced_status is not null or bounce_class is not null
    or event in ({deciding}, {silent})
) and (event <> 'other' or smtp_code >= 400)
"""

_SAID = """
    "row", coalesce(last_reply, reply) as reply, smtp_code, enhanced_status, relay_host, bounce_class,
    case when bounce_class is not null or program in ({services}) then program end as program,
    case
        when event in ({deciding}) then event
        when event in ({silent}) and reply is null and smtp_code is null and bounce_class is null then event
    end as event
"""
"""What a verdict depends on. The event only where it decides, the program only where it is a provider."""

_REFUSED = "from refusals d where event = 'rejected'"
_REFUSED_TOLD = "(reply is not null or smtp_code is not null or cause = 'auth')"

_NO_LOGIN = "cause = 'auth' and smtp_code is null and enhanced_status is null"

_REFUSAL_SAID = f"""
    "row", case when {_NO_LOGIN} then null else reply end as reply,
    case when {_NO_LOGIN} then 535 else smtp_code end as smtp_code, enhanced_status,
    cast(null as varchar) as relay_host, cast(null as varchar) as event, cast(null as varchar) as bounce_class,
    cast(null as varchar) as program
"""
"""A failed login is told by the words of SASL, whose `user not found` means no recipient: RFC 4954 6 has 535 for it."""


def causes(engine: Engine) -> None:
    """Makes the table `causes` unless it is there, and puts category and type into `recipients`.

    The rules are those of the engine (a user's own before ours), else ours.
    """
    with _MAKING:
        if not there(engine, "causes"):
            _make(engine)


_MAKING = threading.Lock()
"""Questions are asked two at a time (`Engine.together`); the first that needs the causes makes them for both."""


def _make(engine: Engine) -> None:
    from mailaudit.classify.providers import services  # noqa: PLC0415 (not for --help)

    pieces = {
        "failed": _quoted(FAILED),
        "deciding": _quoted((*DECIDED, *GRADED)),
        "silent": _quoted(SILENT),
        "services": _quoted(services()),
    }
    _judge(engine, "causes", _SAID.format(**pieces), _FAILED.format(**pieces), _FAILED_TOLD.format(**pieces))
    engine.script("classified.sql")


def refusal_causes(engine: Engine) -> None:
    """Makes the view `refusal_causes` unless it is there: category and type of what was refused at the door here."""
    with _MAKING:
        if not there(engine, "refusal_causes"):
            _judge(engine, "refusal_causes", _REFUSAL_SAID, _REFUSED, _REFUSED_TOLD)


PART = 200_000
"""Rows that are judged at once: memory stays flat however many there are."""


def _judge(engine: Engine, name: str, fields: str, rows: str, told: str) -> None:
    """Makes the view of that name, with the columns of `CAUSES`: the verdict of each row, and the few verdicts.

    `told` tests of the rows that there is something to judge; it reads more columns than counting them is worth.
    """
    from mailaudit.classify.ruleset import none, ours  # noqa: PLC0415 (the rules are read only now)

    ((count,),) = engine.rows(f"select count(*) {rows}")
    rules = engine.ruleset or (ours() if count else none())
    parts = count // PART + 1
    verdicts = 0
    for part in range(parts):
        some = f'and "row" % {parts:d} = {part:d}' if parts > 1 else ""
        said = engine.frame(f"select {fields} {rows} and {told} {some}")
        numbers, found = _verdicts(said, rules, verdicts)
        verdicts += found.height
        engine.add(f"{name}_verdicts", found, first=not part)
        engine.add(f"{name}_rows", numbers, first=not part)
    engine.run(
        f'create or replace view {name} as select r."row", v.* exclude (verdict) '
        f"from {name}_rows r join {name}_verdicts v on v.verdict = r.verdict"
    )


def _verdicts(said: pl.DataFrame, rules: Ruleset, first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The number of each row's verdict, and the verdicts by number, counted from the first."""
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
    places, judged = bulk.numbered(said, rules)
    by_event = said.select("row", "event").with_columns(places.alias("place"))
    pairs = by_event.select("place", "event").unique().with_row_index("verdict", offset=first)
    verdicts = (
        pairs.hstack(judged.select(pl.all().gather(pairs.get_column("place"))))
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
    return by_event.join(pairs, on=("place", "event"), nulls_equal=True).select("row", "verdict"), verdicts


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
