"""The replies that no rule is sure of, gathered by their shapes, with words for a rule of one's own."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.classify import bulk
from mailaudit.classify.readings import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.ruleset import Ruleset

UNSURE = ("low", "none")
TOGETHER = 50_000
"""Lines that are judged at once."""
LONGEST = 120
"""Characters of an expression that are proposed."""
_CODES = re.compile(r"^(?:\d{3}[ -]?)?(?:\d\.\d{1,3}\.\d{1,3} ?)?")
_MARKS = re.compile(r" ?\{[a-z]+\}")


def unmatched(lines: Iterator[str], ruleset: Ruleset) -> Iterator[tuple[object, ...]]:
    """A row for each shape of reply that is not known surely, the most frequent first.

    Each: how many replies, category, confidence and rule, an expression for a rule, the first such reply.
    """
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
    told = [text for text in texts if text.strip()]
    judged = bulk.verdicts(bulk.frame_of(told), ruleset).with_row_index("at", offset=before)
    return (
        judged.filter(pl.col("confidence").is_in(UNSURE))
        .group_by(_SHAPE)
        .agg(pl.len().cast(pl.Int64).alias("replies"), pl.col("at").cast(pl.Int64).min(), pl.col("reply").first())
        .select("replies", "at", *_SHAPE, "reply")
    )


def _together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return (
        pl.concat(parts)
        .sort("at")
        .group_by(_SHAPE)
        .agg(pl.col("replies").sum(), pl.col("at").min(), pl.col("reply").first())
        .select("replies", "at", *_SHAPE, "reply")
    )


def proposed(template: str) -> str:
    """An expression that finds replies of this template: its words behind the codes, as rules see them."""
    words = _MARKS.sub("", read(template, "", "", "", "", None).text)
    words = _CODES.sub("", words).strip() or words
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition(" ")[0] or words[:LONGEST]
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", words)
