"""Why it failed: the first rule that takes a reply, and what its category means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from mailaudit.classify import checks, providers
from mailaudit.classify.listed import named_list
from mailaudit.classify.readings import Reading, reading
from mailaudit.classify.ruleset import Ruleset, ours

if TYPE_CHECKING:
    from mailaudit.classify.tables import Category, Retry, Rule, Suppress, Type

Confidence = Literal["high", "medium", "low", "none"]

HIGH, MEDIUM = 39, 49
"""Tiers up to which a verdict has high and medium confidence: words that are plain, codes that are usually meant."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means. Whether the queue gave up is not part of it: that is the event's to say."""

    category: str
    type: Type
    party: str
    permanence: Literal["permanent", "transient", "success"] | None
    """By the first digit of the code; null without a code. Independent of `type`."""
    confidence: Confidence
    rule: str | None
    suppress: Suppress
    retry: Retry
    action: str
    list: str | None = None
    """The block list, or the receiver's own token, that the reply names."""


def verdict(  # noqa: PLR0913 (one per thing that may be known)
    text: str | None,
    *,
    smtp_code: int | str | None = None,
    enhanced_status: str | None = None,
    relay_host: str | None = None,
    provider_verdict: str | None = None,
    phase: str | None = None,
    ruleset: Ruleset | None = None,
) -> Verdict:
    """What this reply means.

    `provider_verdict` is a service's own word, `sparkpost:10`, `ses:Permanent/NoEmail`; it decides where the rules do
    not know, or know only from a vague code. `phase` is the SMTP command that was answered.
    """
    said = reading(text, smtp_code=smtp_code, enhanced_status=enhanced_status, relay_host=relay_host, phase=phase)
    rules = ruleset or ours()
    return judged(rules, said, rules.first(said), provider_verdict)


def judged(rules: Ruleset, said: Reading, rule: Rule | None, provider_verdict: str | None = None) -> Verdict:
    """The verdict of a rule on a reading."""
    confidence = confidence_of(rule)
    name, decided = (rule.category, rule.id) if rule else ("unknown", None)
    if provider_verdict and confidence in {"low", "none"} and (theirs := providers.category(provider_verdict)):
        name, decided, confidence = theirs, "provider", "medium"
    own = (rule.action if rule and decided == rule.id else "") or checks.action(name, said)
    return _verdict(rules.categories[name], _permanence(said), confidence, decided, named_list(said.text), own)


@lru_cache(maxsize=10_000)
def _verdict(
    category: Category, permanence: str, confidence: Confidence, rule: str | None, listed: str | None, action: str
) -> Verdict:
    now = replace(category, **category.while_temporary) if permanence == "transient" else category
    return Verdict(
        now.name,
        now.type,
        now.party,
        permanence or None,  # type: ignore[arg-type]
        confidence,
        rule,
        now.suppress,
        now.retry,
        action or now.action,
        listed,
    )


def confidence_of(rule: Rule | None) -> Confidence:
    """How sure a verdict of this rule is, by its tier."""
    if rule is None:
        return "none"
    return "high" if rule.tier <= HIGH else "medium" if rule.tier <= MEDIUM else "low"


def _permanence(said: Reading) -> str:
    return {"5": "permanent", "4": "transient", "2": "success"}.get(said.digit, "")
