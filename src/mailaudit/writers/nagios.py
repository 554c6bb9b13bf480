"""One line for Nagios and Icinga, with performance data, and more lines for who opens the check.

After the Monitoring Plugins Development Guidelines: `SERVICE STATE - text | 'label'=value;warn;crit;min;max`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction
    from typing import TextIO

    from mailaudit.advise.flows import Flow
    from mailaudit.advise.mail_flow import State

WORDS: dict[State, str] = {"Good": "OK", "Warning": "WARNING", "Bad": "CRITICAL", "Unknown": "UNKNOWN"}
NAMED = 3
"""Flows that the first line names."""
MEASURED = 25
"""Flows with performance data and a line of their own, unless more are asked for."""


def write(flows: Sequence[Flow], state: State, limit: int | None, out: TextIO) -> None:
    """Writes the check's output; `flows` come worst first, or in the order of their levels."""
    trouble = [flow for flow in flows if flow.state != "Good"]
    most = MEASURED if limit is None else limit
    out.write(f"MAILFLOW {WORDS[state]} - {summary(flows, trouble)} | {' '.join(_measures(flows, most))}\n")
    out.writelines(f"{WORDS[flow.state]}: {_safe(sentence(flow))}\n" for flow in trouble[:most])


def failed(text: str) -> str:
    """What the check says where there is no answer."""
    return f"MAILFLOW UNKNOWN - {_safe(text)}"


def summary(flows: Sequence[Flow], trouble: Sequence[Flow]) -> str:
    """The first line's text."""
    if not any(flow.judgement.results for flow in flows):
        return "no delivery results in these logs"
    if not trouble:
        top = flows[0]
        return _safe(f"all {len(flows)} good; {sentence(top)}" if len(flows) > 1 else sentence(top))
    named = "; ".join(sentence(flow, notes=len(trouble) == 1) for flow in trouble[:NAMED])
    more = f"; {len(trouble) - NAMED} more" if len(trouble) > NAMED else ""
    return _safe(f"{len(trouble)} of {len(flows)} not good: {named}{more}")


def sentence(flow: Flow, *, notes: bool = True) -> str:
    """One flow in a line: its numbers, the latest reply and, with `notes`, what was noticed."""
    found = flow.judgement
    if found.rate is None:
        return f"{flow.name}: no results"
    text = (
        f"{flow.name} {found.rate:.2%} ({found.successes} of {found.results}, {found.limits.allowed} failures allowed"
    )
    if found.last is not None:
        codes = " ".join(str(part) for part in (found.last.smtp_code, found.last.enhanced_status) if part is not None)
        text += f", last: {' '.join(part for part in (found.last.event, codes) if part)}"
    return "; ".join([f"{text})", *(flow.notes if notes else ())])


def _measures(flows: Sequence[Flow], most: int) -> Iterable[str]:
    for state, word in (("Good", "good"), ("Warning", "warning"), ("Bad", "bad"), ("Unknown", "unknown")):
        yield f"{word}={sum(flow.state == state for flow in flows)};;;0"
    for flow in flows[:most]:
        found, limits = flow.judgement, flow.judgement.limits
        label = _label(flow.name)
        if found.rate is not None:
            warn = f"{_number(limits.warning)}:" if limits.warning is not None else ""
            yield f"'{label} success'={100 * found.rate:.6g}%;{warn};{_number(limits.threshold)}:;0;100"
        if found.delay is not None:
            yield f"'{label} delay'={found.delay:.6g}s;;;0"


def _number(value: Fraction) -> str:
    return f"{float(value):g}"


def _label(name: str) -> str:
    """A label may not hold `=`, and quotes are doubled; what is log text holds no control characters."""
    return _safe(name).replace("=", "_").replace("'", "''")


def _safe(text: str) -> str:
    """`|` begins performance data, and a line ends the text."""
    return neutral(" ".join(text.split())).replace("|", "/")
