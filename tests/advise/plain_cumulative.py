"""The cumulative bounce logic, slow and obvious: at every moment everything is worked out anew from the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.advise.cumulative import Fact, Rule


def spared(facts: Sequence[Fact], rule: Rule) -> dict[int, str]:
    """The messages of one address that would not have been sent, with the state; `facts` in order."""
    found: dict[int, str] = {}
    permanent = False
    for place, fact in enumerate(facts):
        if fact.kind != "sent" or fact.transactional:
            continue
        before = list(facts[:place])
        certain = [word for word in ("invalid", "complained", "unsubscribed") if holds(before, word)]
        state = soft_state(before, set(found), rule, fact.time_us)
        permanent = permanent or state == "due"
        if "invalid" in certain:
            found[fact.message] = "invalid"
        elif permanent:
            found[fact.message] = "permanent"
        elif certain:
            found[fact.message] = certain[0]
        elif state == "temporary":
            found[fact.message] = "temporary"
    return found


def holds(before: Sequence[Fact], word: str) -> bool:
    """Whether a certain reason is known; a subscription may have been renewed."""
    for fact in reversed(before):
        if fact.kind == word:
            return True
        if word == "unsubscribed" and fact.kind == "resubscribed":
            return False
    return False


def soft_state(before: Sequence[Fact], not_sent: set[int], rule: Rule, now: int) -> str:
    """none, temporary, over or due: from the soft bounces after the last sign of life."""
    seen: set[int] = set()
    times: list[int] = []
    for fact in before:
        if fact.kind == "alive":
            times = []
        if fact.kind == "soft" and fact.message not in not_sent and fact.message not in seen:
            seen.add(fact.message)
            times.append(fact.time_us)
    for number in range(1, len(times) + 1):
        run = times[:number]
        if not (number >= rule.many or (number >= rule.few and run[-1] - run[-rule.few] <= rule.within_us)):
            continue
        end = run[-1] + rule.pause_us
        for later in times[number:]:
            if later >= end:
                return "due"
            end = later + rule.pause_us
        return "temporary" if now < end else "over"
    return "none"
