"""The tables of `mailaudit health`: a row per flow, and the latest results one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailaudit.commands.advice import advice
from mailaudit.model.answers import Answer
from mailaudit.model.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailaudit.advise.flows import Flow
    from mailaudit.advise.mail_flow import Result
    from mailaudit.commands.health_changes import Change

FLOWS = (
    Column("level", "word", "reseller, customer, domain (or relay, isp, host), or all"),
    Column("name", "text", "which one"),
    Column("state", "word", "Good, Warning, Bad or Unknown"),
    Column("worst", "word", "the worst state of it and of the levels below it"),
    Column("provisional", "flag", "Good or Warning of fewer results than the window holds"),
    Column("results", "int", "results in the window"),
    Column("successes", "int", "of these, deliveries"),
    Column("failures", "int", "of these, failures: deferred, bounced, expired"),
    Column("deferred", "int", "of the failures, those that will be tried again"),
    Column("allowed", "int", "failures that are allowed in a full window"),
    Column("rate", "real", "share of successes"),
    Column("low", "real", "what that share is at least, with 95 % certainty (Wilson)"),
    Column("high", "real", "what it is at most"),
    Column("window", "int", "results looked at"),
    Column("threshold", "real", "per cent of successes wanted"),
    Column("delivery_delay", "real", "current delivery delay: median seconds from arrival to delivery in the window"),
    Column("last_at", "time", "when the latest result came in"),
    Column("last_event", "word", "delivered, deferred, bounced or expired"),
    Column("smtp_code", "int", "reply code of the latest result"),
    Column("enhanced_status", "word", "its enhanced status code"),
    Column("reply", "text", "most recent SMTP response, whole"),
    Column("meaning", "text", "what it means, if it is a failure"),
    Column("action", "text", "what to do about it"),
    Column("queue_id", "text", "queue id of the latest result"),
    Column("notes", "text", "provisional, intermittent, silences, sudden changes"),
)
CHANGED = (
    Column("was", "word", "state at the last run that knew one"),
    Column("was_since", "time", "since when it had been in that state"),
)
SHOWN = (
    "state", "level", "name", "results", "rate", "failures", "deferred", "allowed", "delivery_delay", "last_at",
    "smtp_code", "reply", "meaning", "action", "notes",
)  # fmt: skip
SHOWN_CHANGED = ("was", *SHOWN)

LIVE = (
    Column("mark", "word", "OK (delivered) or FAIL"),
    Column("time", "time", "when it was completed"),
    Column("event", "word", "delivered, deferred, bounced or expired"),
    Column("subject", "text", "what is judged by: recipients' domain …"),
    Column("queue_id", "text", "queue id"),
    Column("sender", "text", "envelope sender"),
    Column("recipient", "text", "recipient"),
    Column("delay", "real", "seconds since the message arrived"),
    Column("relay_host", "text", "who answered"),
    Column("smtp_code", "int", "reply code"),
    Column("enhanced_status", "word", "enhanced status code"),
    Column("reply", "text", "the reply, whole"),
)
LIVE_SHOWN = ("mark", "time", "event", "queue_id", "recipient", "delay", "smtp_code", "reply")

UNITS = {
    "attempt": ("delivery attempts", "completion of the attempt"),
    "message": ("messages and recipients, by their latest state", "latest state"),
}


def flow_answer(flows: Sequence[Flow], unit: str, remarks: Sequence[str]) -> Answer:
    """The state of every flow."""
    unit, time = UNITS[unit]
    return Answer(
        "health", "Mail flow", unit, time, FLOWS, [_row(flow) for flow in flows], shown=SHOWN, notes=tuple(remarks)
    )


def change_answer(changes: Sequence[Change], unit: str) -> Answer:
    """What changed since the last run."""
    unit, time = UNITS[unit]
    rows = [(*_row(change.flow), change.was, change.since_us) for change in changes]
    return Answer("health", "Mail flow that changed", unit, time, (*FLOWS, *CHANGED), rows, shown=SHOWN_CHANGED)


def live_answer(results: Sequence[Result], unit: str) -> Answer:
    """The latest results, the newest last as in a log."""
    name, time = UNITS[unit]
    rows = [
        (
            "OK" if result.good else "FAIL", result.time_us, result.event, result.subject, result.queue_id,
            result.sender, result.recipient, result.delay, result.relay_host, result.smtp_code,
            result.enhanced_status, result.reply,
        )
        for result in results
    ]  # fmt: skip
    return Answer("live", f"The latest {len(results)}", name, time, LIVE, rows, shown=LIVE_SHOWN, whole=True)


def _row(flow: Flow) -> tuple[object, ...]:
    found, last = flow.judgement, flow.judgement.last
    meaning, action = advice(last) if last is not None and not last.good else (None, None)
    said: tuple[object, ...] = (None,) * 5
    if last is not None:
        said = (last.time_us, last.event, last.smtp_code, last.enhanced_status, last.reply)
    return (
        flow.kind, flow.name, flow.state, flow.worst, found.provisional, found.results, found.successes,
        found.failures, found.deferred, found.limits.allowed, found.rate, *(found.interval or (None, None)),
        found.limits.window, float(found.limits.threshold), found.delay, *said, meaning, action,
        None if last is None else last.queue_id, "; ".join(flow.notes) or None,
    )  # fmt: skip
