"""All replies of a log at once: what differs from mail to mail is taken out, and rules see each template once."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.classify.marks import all_marks
from mailaudit.classify.readings import read
from mailaudit.classify.ruleset import Ruleset, ours
from mailaudit.classify.templates import templates
from mailaudit.classify.verdicts import Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

VERDICT = tuple(field.name for field in fields(Verdict))
"""The columns that a verdict adds, `template` before them."""

_KEY = ("template", "marks", "smtp", "status", "host", "theirs")


def frame_of(texts: Sequence[str | None]) -> pl.DataFrame:
    """The frame of replies of which nothing but the text is known."""
    schema = {"reply": pl.String, "smtp_code": pl.Int32, "enhanced_status": pl.String, "relay_host": pl.String}
    nothing = [None] * len(texts)
    return pl.DataFrame(dict(zip(schema, (list(texts), nothing, nothing, nothing), strict=True)), schema=schema)


def verdicts(replies: pl.DataFrame, ruleset: Ruleset | None = None) -> pl.DataFrame:
    """The frame with the columns `template` and `VERDICT` added; its rows keep their order.

    It has the columns of `frame_of`, any of which may be null, and may have a service's name and own word for the
    failure, too: `program` and `bounce_class`.
    """
    numbers, judged = numbered(replies, ruleset)
    return replies.hstack(judged.select(pl.all().gather(numbers)))


def numbered(replies: pl.DataFrame, ruleset: Ruleset | None = None) -> tuple[pl.Series, pl.DataFrame]:
    """The number of each reply's verdict, and the verdicts in the order of their numbers: `template` and `VERDICT`.

    There are far fewer verdicts than replies.
    """
    rules = ruleset or ours()
    keyed = _keyed(replies, rules)
    keys = keyed.unique()
    said = [
        read(template, marks, smtp, status, host, None)
        for template, marks, smtp, status, host, _theirs in keys.iter_rows()
    ]
    found = [
        judged(rules, one, rule, theirs or None)
        for one, rule, theirs in zip(said, rules.first_of_all(said), keys.get_column("theirs"), strict=True)
    ]
    numbers = keyed.join(keys.with_row_index("number"), on=_KEY, how="left", maintain_order="left").get_column("number")
    return numbers, keys.select("template", *_columns(found))


def _columns(found: Sequence[Verdict]) -> list[pl.Series]:
    return [pl.Series(name, [getattr(one, name) for one in found], dtype=pl.String) for name in VERDICT]


def _keyed(replies: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """The frame with what rules look at: the template and marks of the reply, codes as text, hosts that matter."""
    texts = replies.get_column("reply").drop_nulls().unique()
    shapes = pl.DataFrame({"reply": texts, "template": templates(texts), "marks": all_marks(texts)})
    hosts = "|".join({rule.host for rule in rules.rules if rule.host})
    host = pl.col("relay_host").fill_null("").str.to_lowercase()
    theirs = (
        pl.when(pl.col("program").is_not_null())
        # Where a service has no word beside the reply, the reply may be one.
        .then(
            pl.concat_str(pl.col("program"), pl.lit(":"), pl.coalesce("bounce_class", pl.col("reply").str.slice(0, 40)))
        )
        .otherwise(pl.col("bounce_class"))
        .fill_null("")
        if "bounce_class" in replies.columns
        else pl.lit("")
    )
    return replies.join(shapes, on="reply", how="left", maintain_order="left").select(
        pl.col("template", "marks").fill_null(""),
        pl.col("smtp_code").cast(pl.String).fill_null("").alias("smtp"),
        pl.col("enhanced_status").cast(pl.String).fill_null("").alias("status"),
        pl.when(host.str.contains(hosts)).then(host).otherwise(pl.lit("")).alias("host")
        if hosts
        else pl.lit("").alias("host"),
        theirs.alias("theirs"),
    )
