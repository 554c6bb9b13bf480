"""`mailaudit explain --unmatched`: the replies of a file that no rule is sure of, ready to be made rules of."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from mailaudit.classify.ruleset import Ruleset

COLUMNS = (
    Column("replies", "big", "replies like this one"),
    Column("category", "word", "kind of cause that is taken for now"),
    Column("confidence", "word", "low: vague words or codes; none: nothing in it is known"),
    Column("rule", "word", "rule that decided; null if none did"),
    Column("words", "text", "expression for the words of a rule of your own; shorten it to what tells"),
    Column("text", "text", "the first such reply"),
)
SHOWN = ("replies", "category", "confidence", "text")
UNSURE = ("low", "none")
TOGETHER = 50_000
"""Lines that are judged at once."""
LONGEST = 120
"""Characters of an expression that are proposed."""
_CODES = re.compile(r"^(?:\d{3}[ -]?)?(?:\d\.\d{1,3}\.\d{1,3} ?)?")
_MARKS = re.compile(r" ?\{[a-z]+\}")


def rows(lines: Iterator[str], ruleset: Ruleset) -> Iterator[tuple[object, ...]]:
    """A row for each shape of reply that is not known surely, the most frequent first."""
    import polars as pl  # noqa: PLC0415 (the rules are read only now)

    found: list[pl.DataFrame] = []
    before = 0
    while some := list(islice(lines, TOGETHER)):
        found = [_together([*found, _unsure(some, before, ruleset)])]
        before += len(some)
    if not found:
        return
    ordered = found[0].sort(pl.col("replies"), pl.col("at"), descending=[True, False])
    for count, _at, template, category, confidence, rule, text in ordered.iter_rows():
        yield count, category, confidence, rule, proposed(template), text


_SHAPE = ("template", "category", "confidence", "rule")


def _unsure(texts: list[str], before: int, ruleset: Ruleset) -> pl.DataFrame:
    """The unsure shapes of some lines, with how often and where they come first."""
    import polars as pl  # noqa: PLC0415 (see above)

    from mailaudit.classify import bulk  # noqa: PLC0415

    told = [text for text in texts if text.strip()]
    judged = bulk.verdicts(bulk.frame_of(told), ruleset).with_row_index("at", offset=before)
    return (
        judged.filter(pl.col("confidence").is_in(UNSURE))
        .group_by(_SHAPE)
        .agg(pl.len().cast(pl.Int64).alias("replies"), pl.col("at").cast(pl.Int64).min(), pl.col("reply").first())
        .select("replies", "at", *_SHAPE, "reply")
    )


def _together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 (see above)

    return (
        pl.concat(parts)
        .sort("at")
        .group_by(_SHAPE)
        .agg(pl.col("replies").sum(), pl.col("at").min(), pl.col("reply").first())
        .select("replies", "at", *_SHAPE, "reply")
    )


def proposed(template: str) -> str:
    """An expression that finds replies of this template: its words behind the codes, as rules see them."""
    from mailaudit.classify.readings import read  # noqa: PLC0415 (see above)

    words = _MARKS.sub("", read(template, "", "", "", "", None).text)
    words = _CODES.sub("", words).strip() or words
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition(" ")[0] or words[:LONGEST]
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", words)
