"""Rules, categories and provider groups that go before ours, from a TOML file: a user's own, or a plug-in's.

[[rule]]
id = "house-full"
category = "mailbox_full"
words = "no more room at the inn"      # searched in the reply in lower case; status, smtp, host, unless: as in ours

[category.vip]                          # a category of one's own
type = "block"
party = "recipient_system"
suppress = "never"
retry = "after_fix"
means = "The partner's filter refuses it."
action = "Call the partner."

[isp."Partner"]
domains = ["partner.example"]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from mailaudit import plugins
from mailaudit.classify.ruleset import Ruleset, built_in, ours
from mailaudit.classify.tables import OWN, Category, rules_of
from mailaudit.errors import UsageError, nearest
from mailaudit.model.vocabulary import TYPES
from mailaudit.read import by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("rule", "category", "isp")
CATEGORY_KEYS = ("type", "party", "suppress", "retry", "means", "action")


@dataclass(frozen=True)
class Own:
    """What such files add."""

    ruleset: Ruleset
    isps: Mapping[str, str] = field(default_factory=dict)
    """Provider by registered domain."""


def load(path: str) -> Own:
    """The file's content before ours; raises UsageError for what is wrong in it."""
    try:
        text = by_hand.text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"rules file {path}: {getattr(error, 'strerror', None) or error}") from error
    return parsed(text, f"rules file {path}", ours())


@cache
def plugged() -> Own:
    """What plug-ins add, before what comes with mailaudit; of two rules with one id the plug-in's counts."""
    found = Own(built_in())
    for one in plugins.found("rules").values():
        given = one.load()
        if not isinstance(given, Traversable):
            raise one.broken(f"{one.entry.value} is no TOML file but {type(given).__name__}")
        text = one.guarded(given.read_text)(encoding="utf-8")
        try:
            more = parsed(text, given.name, found.ruleset)
        except UsageError as error:
            raise one.broken(error.text) from error
        found = Own(more.ruleset, {**found.isps, **more.isps})
    return found


def parsed(text: str, called: str, base: Ruleset) -> Own:
    """The content of a file before other rules; raises UsageError, with what it is called, for what is wrong in it."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{called}: {error}") from error
    unknown = [key for key in data if key not in KEYS]
    if unknown:
        raise UsageError(f"{called}: {unknown[0]!r} is not known there", hint=nearest(unknown[0], KEYS))
    for key, kind, shape in (
        ("rule", list, "[[rule]]"),
        ("category", dict, "[category.NAME]"),
        ("isp", dict, "[isp.NAME]"),
    ):
        value = data.get(key, kind())
        if not isinstance(value, kind) or (kind is list and not all(isinstance(row, dict) for row in value)):
            raise UsageError(f"{called}: {key} is written {shape}")
    added = {name: _category(name, row, called, base) for name, row in data.get("category", {}).items()}
    kinds = {**base.categories, **added}
    rules = rules_of(data.get("rule", []), called, tier=OWN)
    for rule in rules:
        if rule.category not in kinds:
            raise UsageError(
                f"{called}: rule {rule.id}: there is no category {rule.category!r}",
                hint=f"{nearest(rule.category, kinds)} (or declare it under [category])",
            )
    replaced = {rule.id for rule in rules}
    kept = tuple(rule for rule in base.rules if rule.id not in replaced)
    return Own(Ruleset((*rules, *kept), kinds), _isps(data.get("isp", {}), called))


def _category(name: str, row: object, called: str, before: Ruleset) -> Category:
    if not isinstance(row, dict):
        raise UsageError(f"{called}: category {name} is no table")
    base = before.categories.get(name)
    given: dict[str, Any] = {key: getattr(base, key) for key in CATEGORY_KEYS} if base else {}
    given |= row
    missing = [key for key in CATEGORY_KEYS if key not in given]
    strange = [key for key in given if key not in CATEGORY_KEYS]
    if missing or strange:
        what = f"has no {missing[0]}" if missing else f"does not know {strange[0]!r}"
        hint = f"it needs {' '.join(CATEGORY_KEYS)}" if missing else nearest(strange[0], CATEGORY_KEYS)
        raise UsageError(f"{called}: category {name} {what}", hint=hint)
    for key, value in row.items():
        if not isinstance(value, str):
            raise UsageError(f"{called}: category {name}: {key} = {value!r}", hint="write it as text")
    for key, words in (
        ("type", TYPES),
        ("suppress", ("now", "repeat", "never")),
        ("retry", ("no", "later", "after_fix")),
    ):
        if given[key] not in words:
            raise UsageError(f"{called}: category {name}: {key} is one of {' '.join(words)}")
    return Category(name, **given)


def _isps(groups: Mapping[str, Any], called: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, group in groups.items():
        domains = group.get("domains") if isinstance(group, dict) else None
        if not isinstance(domains, list) or not all(isinstance(domain, str) for domain in domains):
            raise UsageError(f'{called}: isp {name} needs domains = ["example.com", …]')
        found |= {domain.lower().lstrip("@."): name for domain in domains}
    return found
