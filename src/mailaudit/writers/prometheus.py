"""The text that Prometheus, the node exporter's textfile collector (version 0.0.4) and readers of OpenMetrics take.

All metrics are gauges, which both formats write alike; the end that OpenMetrics wants is a comment to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.advise.mail_flow import CODES, WORSE
from mailaudit.model.times import SECOND
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TextIO

    from mailaudit.advise.flows import Flow
    from mailaudit.advise.mail_flow import State
    from mailaudit.model.request import InputReport

SERIES = 100
"""Flows with series of their own, unless told otherwise; the worst ones come first."""
PREFIX = "mailaudit_health_"

METRICS: tuple[tuple[str, str, Callable[[Flow], float | None]], ...] = (
    ("state", "State of the flow: 0 good, 1 warning, 2 bad, 3 unknown.", lambda flow: CODES[flow.state]),
    ("success_ratio", "Share of the window's results that were deliveries.", lambda flow: flow.judgement.rate),
    ("results", "Results in the window.", lambda flow: flow.judgement.results),
    ("failures", "Failures in the window.", lambda flow: flow.judgement.failures),
    ("deferred", "Failures in the window that will be tried again.", lambda flow: flow.judgement.deferred),
    ("failures_allowed", "Failures above which the flow is bad.", lambda flow: flow.judgement.limits.allowed),
    ("threshold_ratio", "Share of successes wanted.", lambda flow: float(flow.judgement.limits.threshold) / 100),
    ("delivery_delay_seconds", "Median time from arrival to delivery.", lambda flow: flow.judgement.delay),
    (
        "last_result_timestamp_seconds",
        "When the latest result came in.",
        lambda flow: None if flow.judgement.last is None else flow.judgement.last.time_us / SECOND,
    ),
)
"""Metrics of one flow (labels: level, name): name after the prefix, help, value."""


def write(
    flows: Sequence[Flow],
    state: State,
    inputs: Sequence[InputReport],
    at: float,
    limit: int | None,
    out: TextIO,
) -> None:
    """Writes all metrics; a value that is not known has no sample."""
    shown = flows[: SERIES if limit is None else limit]
    for name, text, value in METRICS:
        samples = [({"level": flow.kind, "name": flow.name}, value(flow)) for flow in shown]
        _metric(PREFIX + name, text, samples, out)
    counts = [({"state": word.lower()}, sum(flow.state == word for flow in flows)) for word in WORSE]
    _metric(PREFIX + "flows", "Flows by state.", counts, out)
    _metric(PREFIX + "flows_omitted", "Flows without series of their own.", [({}, len(flows) - len(shown))], out)
    _metric(PREFIX + "worst_state", "The worst state of all flows, as in state.", [({}, CODES[state])], out)
    lines = [
        ({"result": word}, sum(getattr(report, word) for report in inputs)) for word in ("parsed", "noise", "unparsed")
    ]
    _metric("mailaudit_input_lines", "Lines read, by what became of them.", lines, out)
    coverage = min((report.coverage for report in inputs if report.coverage is not None), default=1.0)
    _metric(
        "mailaudit_input_coverage_ratio", "Share of mail lines understood, of the worst input.", [({}, coverage)], out
    )
    _metric("mailaudit_run_timestamp_seconds", "When this was written.", [({}, at)], out)
    out.write("# EOF\n")


def _metric(name: str, text: str, samples: Iterable[tuple[Mapping[str, str], float | None]], out: TextIO) -> None:
    out.write(f"# HELP {name} {text}\n# TYPE {name} gauge\n")
    for labels, value in samples:
        if value is not None:
            inside = ",".join(f'{key}="{_escaped(word)}"' for key, word in labels.items())
            out.write(f"{name}{{{inside}}} {value!r}\n" if inside else f"{name} {value!r}\n")


def _escaped(text: str) -> str:
    return neutral(text).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
