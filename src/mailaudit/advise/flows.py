"""The state of every flow that is asked about: each domain (or relay, provider …), each group of them, and all mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailaudit.advise import checks
from mailaudit.advise.levels import BETWEEN, LEVELS
from mailaudit.advise.mail_flow import WORSE, Judgement, State, judge, worst

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mailaudit.advise.checks import Finding, History
    from mailaudit.advise.levels import Mapping as Levels
    from mailaudit.advise.mail_flow import Limits, Result

ALL = "all"
COUNTED = ("inactivity", "change")
"""Checks that can turn a good state into a warning."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow: what it is called, how it is, and what else was noticed."""

    kind: str
    """reseller, customer, domain, relay, host, isp, or all."""
    name: str
    judgement: Judgement
    findings: tuple[Finding, ...] = ()
    counted: bool = False
    """True if what was noticed makes a warning of a good state."""
    below: State | None = None
    """The worst state of the levels below; None if there are none."""
    notify: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Its own state."""
        if self.counted and self.findings and self.judgement.state in {"Good", "Unknown"}:
            return "Warning"
        return self.judgement.state

    @property
    def worst(self) -> State:
        """The worst of its own state and those below it."""
        return self.state if self.below is None else worst((self.state, self.below))

    @property
    def notes(self) -> list[str]:
        """What is to be said beside the numbers."""
        found = []
        if self.judgement.provisional:
            found.append(f"provisional, n={self.judgement.results}")
        if self.judgement.intermittent:
            found.append("intermittent: the latest mail went through")
        if self.below is not None and WORSE.index(self.below) > WORSE.index(self.state):
            found.append(f"{self.below} below it")
        return found + [finding.text for finding in self.findings]


@dataclass(frozen=True, slots=True)
class Checks:
    """Which checks count, and from where the present is seen."""

    at_us: int | None
    """The moment to judge at; None: nothing is known of it, so no check is made."""
    counted: Collection[str] = ()
    silence_us: int | None = None


def members(subjects: Sequence[str], levels: Levels | None) -> dict[str, Iterable[str] | None]:
    """The names of all flows, with the subjects whose results are theirs; None: all results."""
    if levels is None:
        return {ALL: None} | {f"={subject}": (subject,) for subject in subjects}
    found: dict[str, Iterable[str] | None] = {}
    for path in levels.levels:
        found[BETWEEN.join(path)] = _covered(levels.under(path), subjects)
    return found


def _covered(domains: set[str], subjects: Sequence[str]) -> list[str]:
    """The subjects that are one of the domains, or below one that is written with a dot in front."""
    exact = {domain.lstrip(".") for domain in domains}
    above = tuple(domain for domain in domains if domain.startswith("."))
    return [subject for subject in subjects if subject in exact or (above and subject.endswith(above))]


def flows(
    windows: Mapping[str, Sequence[Result]],
    histories: Mapping[str, History],
    levels: Levels | None,
    usual: Limits,
    wanted: Checks,
    kind: str,
) -> list[Flow]:
    """All flows, without a mapping the worst ones first, with one in its order."""
    if levels is None:
        names = list(dict.fromkeys([ALL, *windows]))
        made = [
            _flow(
                ALL if name == ALL else kind,
                name.removeprefix("="),
                windows.get(name, ()),
                histories.get(name),
                usual,
                wanted,
            )
            for name in names
        ]
        return [made[0], *sorted(made[1:], key=_badness)]
    made = []
    for path, level in levels.levels.items():
        name = BETWEEN.join(path)
        flow = _flow(level.kind, name, windows.get(name, ()), histories.get(name), levels.limits(path, usual), wanted)
        made.append(replace(flow, notify=level.notify))
    return [replace(flow, below=_below(flow, made)) for flow in made]


def _badness(flow: Flow) -> tuple[int, float, int, str]:
    found = flow.judgement
    return -WORSE.index(flow.state), found.rate if found.rate is not None else 2, -found.results, flow.name


def _below(flow: Flow, made: Sequence[Flow]) -> State | None:
    if flow.kind == LEVELS[-1]:
        return None
    return worst(other.state for other in made if other.name.startswith(flow.name + BETWEEN))


def _flow(
    kind: str, name: str, results: Sequence[Result], history: History | None, limits: Limits, wanted: Checks
) -> Flow:
    findings: list[Finding] = []
    if history is not None and wanted.at_us is not None:
        silence = checks.inactivity(history, wanted.at_us, wanted.silence_us)
        fall = checks.change(history)
        findings = [finding for finding in (silence, fall) if finding is not None]
    counted = any(finding.check in wanted.counted for finding in findings)
    return Flow(kind, name, judge(results, limits), tuple(findings), counted)
