"""What is to be expected of mail that is still open, and what a policy would have had done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailaudit.model.times import SECOND, waited

if TYPE_CHECKING:
    from mailaudit.measure.message import Ending
    from mailaudit.stories.policies import Policy
    from mailaudit.stories.story import Story


GREYLISTED = "greylisted"
"""The category of what greylisting servers answer."""


class Prospects(NamedTuple):
    """Moments in µs; None where the policy has none or it is over."""

    next_try_us: int | None
    warning_us: int | None
    gives_up_us: int | None


def prospects(story: Story, ending: Ending) -> Prospects:
    """When the next try, the warning and the end of trying are due for a recipient who waits."""
    policy = story.policy
    if ending.outcome not in {"deferred", "pending"}:
        return Prospects(None, None, None)
    begun = ending.accepted_us
    last = max(
        (step.time_us or 0 for step in story.steps if step.attempt and step.recipient == ending.recipient),
        default=begun,
    )
    next_try = None if last is None or policy.retry is None else last + policy.retry * SECOND
    warning = None if begun is None or policy.warn is None or warned(story) else begun + policy.warn * SECOND
    gives_up = None if begun is None or policy.give_up is None else begun + policy.give_up * SECOND
    return Prospects(next_try, warning, gives_up)


def warned(story: Story) -> bool:
    """True if the sender was warned of the delay."""
    return any(step.notice == "delay" for step in story.steps)


def greylisted(story: Story, ending: Ending) -> bool:
    """True if this recipient's mail was put off by greylisting."""
    return any(
        step.what == "deferred" and step.recipient == ending.recipient and step.category == GREYLISTED
        for step in story.steps
    )


def put_off(story: Story, ending: Ending) -> list[str]:
    """Why the attempts for this recipient failed for now, in sentences; what the ending says anyway is left out."""
    steps = [step for step in story.steps if step.what == "deferred" and step.recipient == ending.recipient]
    grey = [step for step in steps if step.category == GREYLISTED]
    counts: dict[str, int] = {}
    for step in steps:
        if step not in grey and step.category and (step.category != ending.category or ending.outcome == "delivered"):
            cause = f"{step.category} ({step.type})"
            counts[cause] = counts.get(cause, 0) + 1
    found = []
    if grey:
        early = ", ".join(waited(step.wait) for step in grey[1:4] if step.attempt and step.wait is not None)
        found.append(
            "greylisted: put off on purpose, to see whether the server comes back; no refusal"
            + (f" (coming back after {early} was too early)" if early else "")
        )
    if counts:
        found.append("put off by: " + ", ".join(f"{cause} {count} ×" for cause, count in counts.items()))
    return found


def deviations(story: Story, ending: Ending) -> list[str]:
    """Where the story departs from the policy, in sentences."""
    end_us = ending.finished_us if ending.finished_us is not None else story.log_ends_us
    if end_us is None or ending.accepted_us is None:
        return []
    age = (end_us - ending.accepted_us) / SECOND
    return late(story.policy, age, warned=warned(story), still_open=ending.open)


def late(policy: Policy, age: float, *, warned: bool, still_open: bool) -> list[str]:
    """Where a message of this age in seconds departs from the policy, in sentences."""
    found = []
    # A queue run of grace: the warning is written when the next run finds the message too old.
    grace = policy.retry or 0
    if policy.warn is not None and age > policy.warn + grace and not warned:
        after = policy.warn // 60
        found.append(f"no delay warning in these logs, though the policy {policy.name} warns after {after} min")
    if policy.warn is None and policy.retry is not None and warned:
        found.append(f"a delay warning, though the policy {policy.name} sends none")
    if still_open and policy.give_up is not None and age > policy.give_up + grace:
        found.append(f"still open, though the policy {policy.name} gives up after {policy.give_up // 3600} h")
    return found
