"""Rules in the order in which they are tried; the first whose conditions all hold decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from mailaudit.classify import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from mailaudit.classify.readings import Reading
    from mailaudit.classify.tables import Category, Rule

FIELDS = ("text", "smtp", "status", "phase", "host")
"""The fields of a reading, and the columns of a frame of readings."""

FEW = 20_000
"""Up to so many characters in all, readings are tried one by one: polars makes every expression anew (0.3 s for 400
rules) before it reads the first one; Python makes those it needs, once, but is slower with long texts."""

LONG = 500
"""Polars looks for the alternatives of an expression that is longer in parts of about so many characters: the states of
a long one do not fit the memory of its automaton, and it then reads ten times slower."""

PIECE = re.compile(r"(?:\\.|\[\^?\]?(?:\\.|[^\]])*\]|[^\\\[()|])+|[()|]", re.DOTALL)
"""What cannot hold a bar between alternatives, a bracket, or a bar."""


@dataclass(frozen=True)
class Ruleset:
    """Rules, ours or others before ours, and the categories they speak of."""

    rules: tuple[Rule, ...]
    categories: Mapping[str, Category]

    def first(self, said: Reading) -> Rule | None:
        """The rule that decides; None if none does."""
        return next((rule for rule in self.matching(said)), None)

    def matching(self, said: Reading) -> Iterator[Rule]:
        """Every rule whose conditions hold, in the order of trying."""
        for rule, asked in self._asked:
            if all(_compiled(pattern).search(getattr(said, name)) for name, pattern in asked) and not (
                rule.unless and _compiled(rule.unless).search(said.text)
            ):
                yield rule

    @cached_property
    def _asked(self) -> Sequence[tuple[Rule, list[tuple[str, str]]]]:
        return [(rule, list(conditions(rule))) for rule in self.rules]

    def first_of_all(self, said: Sequence[Reading]) -> list[Rule | None]:
        """The rule that decides each reading; None where none does."""
        few = sum(len(one.text) for one in said) <= FEW
        return [self.first(one) for one in said] if few else self.first_of_many(said)

    def first_of_many(self, said: Sequence[Reading]) -> list[Rule | None]:
        """The same, by columns: each expression is made anew, and then runs through all readings."""
        import polars as pl  # noqa: PLC0415 (not needed for few replies)

        readings = pl.DataFrame(
            {name: [getattr(one, name) for one in said] for name in FIELDS}, schema=dict.fromkeys(FIELDS, pl.String)
        )
        undecided = readings.with_row_index("at")
        found = []
        for places in self._tiers:
            if undecided.is_empty():
                break
            answer = pl.coalesce(
                *(pl.when(_holds(self.rules[place])).then(pl.lit(place, dtype=pl.Int32)) for place in places),
                pl.lit(None, dtype=pl.Int32),
            )
            tried = undecided.with_columns(answer.alias("rule"))
            found.append(tried.filter(pl.col("rule").is_not_null()).select("at", "rule"))
            undecided = tried.filter(pl.col("rule").is_null()).drop("rule")
        left = undecided.select("at", pl.lit(None, dtype=pl.Int32).alias("rule"))
        decided: list[int | None] = pl.concat([*found, left]).sort("at").get_column("rule").to_list()
        return [None if place is None else self.rules[place] for place in decided]

    @cached_property
    def _tiers(self) -> list[list[int]]:
        """The places of rules, tier by tier."""
        by_tier: dict[int, list[int]] = {}
        for place, rule in enumerate(self.rules):
            by_tier.setdefault(rule.tier, []).append(place)
        return list(by_tier.values())


_compiled = cache(re.compile)
"""An expression is made when a rule first comes to it; few replies need them all."""


@cache
def built_in() -> Ruleset:
    """The rules that come with mailaudit."""
    return Ruleset(tables.rules(), tables.categories())


@cache
def none() -> Ruleset:
    """No rules at all, for where there is nothing to judge: reading ours takes its time."""
    return Ruleset((), tables.categories())


def ours() -> Ruleset:
    """The rules that are installed: those that come with mailaudit, and those of plug-ins before them."""
    from mailaudit.classify.own import plugged  # noqa: PLC0415 (it reads files of rules, and knows this module)

    return plugged().ruleset


def conditions(rule: Rule) -> Iterator[tuple[str, str]]:
    """What a rule asks: fields of a reading with the expressions that must be found in them."""
    # Codes first: they are compared faster than words are looked for.
    if rule.smtp:
        yield "smtp", "^(?:" + "|".join(code.replace("x", r"\d") for code in rule.smtp) + ")$"
    if rule.status:
        yield "status", "^(?:" + "|".join(status_expression(code) for code in rule.status) + ")$"
    if rule.phase:
        yield "phase", rule.phase
    if rule.host:
        yield "host", rule.host
    if rule.words:
        yield "text", rule.words


@cache
def status_expression(code: str) -> str:
    """An expression for `5.7.26`, `*.7.26` (any class) or `5.7.606-649` (a range)."""
    digit, subject, detail = code.split(".")
    number = r"\d+"
    low, dash, high = detail.partition("-")
    details = "|".join(str(number) for number in range(int(low), int(high) + 1)) if dash else low.replace("*", number)
    return rf"{digit.replace('*', '[45]')}\.{subject.replace('*', number)}\.(?:{details})"


def _holds(rule: Rule) -> pl.Expr:
    import polars as pl  # noqa: PLC0415 (not needed for a single reply)

    def found(name: str, expression: str) -> pl.Expr:
        return pl.any_horizontal(pl.col(name).str.contains(part) for part in parts(expression))

    asked = [found(name, pattern) for name, pattern in conditions(rule)]
    if rule.unless:
        asked.append(~found("text", rule.unless))
    return pl.all_horizontal(asked)


@cache
def parts(expression: str) -> list[str]:
    """A long expression's alternatives, as many in one as are not long; where flags are set for all, it stays whole."""
    if len(expression) <= LONG or re.match(r"\(\?[a-z]", expression):
        return [expression]
    found, depth = [""], 0
    for piece in PIECE.findall(expression):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth and len(found[-1]) > LONG:
            found.append("")
        else:
            found[-1] += piece
    return found
