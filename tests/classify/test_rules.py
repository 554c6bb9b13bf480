"""The rules as data: each has an example that it decides, a known source and category, and none is out of reach."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mailaudit.classify import tables
from mailaudit.classify.readings import reading
from mailaudit.classify.ruleset import LONG, ours, parts

if TYPE_CHECKING:
    from mailaudit.classify.tables import Rule

RULES = ours().rules


def named(rule: Rule) -> str:
    """The name of a rule in test ids."""
    return rule.id


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_decides_its_example(rule: Rule) -> None:
    """No rule before it takes the reply that it was written for: so no rule is unreachable or shadowed."""
    said = reading(rule.example)

    assert [one.id for one in ours().matching(said)][:1] == [rule.id]


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_long_expression_falls_into_parts_between_its_alternatives(rule: Rule) -> None:
    """Never within brackets: each part is an expression, and together they are the whole."""
    for expression in (rule.words, rule.unless):
        found = parts(expression)

        assert "|".join(found) == expression
        assert all(re.compile(part) for part in found)


def test_flags_hold_for_a_whole_expression() -> None:
    """A rule of one's own may begin with them."""
    expression = "(?i)" + "|".join(f"Word{number}" for number in range(LONG))

    assert parts(expression) == [expression]


def test_ids_are_unique() -> None:
    """A verdict's rule id names one rule."""
    assert [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_has_a_category_and_sources(rule: Rule) -> None:
    """Categories and sources are declared."""
    assert rule.category in tables.categories()
    assert rule.source
    assert [mark for mark in rule.source.split(",") if mark not in tables.sources()] == []


def test_every_source_is_cited() -> None:
    """The list of sources has none that no rule cites."""
    cited = {mark for rule in RULES for mark in rule.source.split(",")}

    assert sorted(set(tables.sources()) - cited) == []
