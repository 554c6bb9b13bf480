"""The messages of `mailaudit health --format eml`: whom they go to, and what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mailaudit.advise.mail_flow import WORSE, worst
from mailaudit.commands.advice import advice
from mailaudit.errors import OutputError
from mailaudit.model.times import waited
from mailaudit.writers import destination, eml
from mailaudit.writers.escapes import neutral
from mailaudit.writers.page_text import WIDTH
from mailaudit.writers.values import local
from mailaudit.writers.wrapping import wrapped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from mailaudit.advise.flows import Flow
    from mailaudit.commands.health_changes import Change
    from mailaudit.commands.options import Mail

LONGEST_SUBJECT = 200
"""Characters; a longer one would fold over many lines of every list of mails."""


def write(
    told: Sequence[Change], given: Mail, output: str | None, zone: dt.tzinfo, now: dt.datetime, *, named: bool = True
) -> int:
    """Writes one message to all who are to be told, or with an outbox a file for each group of people; how many.

    Where nobody is `named` at all, the message has no To and tells everything.
    """
    letters = list(_letters(told, given))
    sent = now.astimezone(zone)
    if given.outbox is None:
        to = list(dict.fromkeys(address for addresses, _ in letters for address in addresses))
        kept = [change for change in told if not named or any(change in held for _, held in letters)]
        if not kept:
            return 0
        with destination.opened(output) as out:
            out.write(_message(kept, to, given, zone, sent))
        return 1
    folder = Path(given.outbox)
    for number, (addresses, held) in enumerate(letters, 1):
        path = folder / f"health-{now:%Y%m%dT%H%M%S}-{number:03d}.eml"
        with destination.opened(str(path)) as out:
            out.write(_message(held, addresses, given, zone, sent))
    return len(letters)


def check(given: Mail) -> None:
    """Raises OutputError for an outbox that is no directory; asked before the work."""
    if given.outbox is not None and not Path(given.outbox).is_dir():
        raise OutputError(f"outbox {given.outbox}: there is no such directory")


def _letters(told: Sequence[Change], given: Mail) -> Iterator[tuple[list[str], list[Change]]]:
    """Yields addresses with the flows they are told of: --to of all, a level's own addresses of that level."""
    of: dict[str, list[Change]] = {address: list(told) for address in given.to} if told else {}
    for change in told:
        for address in change.flow.notify:
            held = of.setdefault(address, [])
            if change not in held:
                held.append(change)
    done: list[list[Change]] = []
    for held in of.values():
        if held not in done:
            done.append(held)
            yield [address for address, other in of.items() if other == held], held


def _message(told: Sequence[Change], to: Sequence[str], given: Mail, zone: dt.tzinfo, sent: dt.datetime) -> str:
    states = [change.flow.state for change in told]
    word = worst(states)
    names = ", ".join(change.flow.name for change in told if change.flow.state == word)
    head = "recovered" if word == "Good" and all(change.was for change in told) else f"is {word}"
    body = "\n\n".join("\n".join(_folded(lines(change, zone))) for change in sorted(told, key=_badness))
    return eml.message(
        sender=given.mail_from,
        recipients=to,
        subject=neutral(f"Mail flow {head}: {names}")[:LONGEST_SUBJECT],
        date=sent,
        text=f"{body}\n\n-- \nmailaudit health; judged on the latest results of each flow.\n",
    )


def _folded(told: Sequence[str]) -> Iterator[str]:
    """The lines within the width of a mail; nothing in them can steer a terminal."""
    for line in told:
        yield from wrapped(neutral(line), WIDTH, "    ")


def _badness(change: Change) -> int:
    return -WORSE.index(change.flow.state)


def lines(change: Change, zone: dt.tzinfo) -> list[str]:
    """One flow in some lines of plain text."""
    flow = change.flow
    was = ""
    if change.was is not None and change.since_us is not None:
        was = f" (was {change.was} since {local(change.since_us, zone)})"
    return [f"{flow.state.upper()}: {flow.name} ({flow.kind}){was}", *(f"  {line}" for line in _facts(flow, zone))]


def _facts(flow: Flow, zone: dt.tzinfo) -> Iterator[str]:
    found, last = flow.judgement, flow.judgement.last
    if found.rate is None or last is None:
        yield "no results in these logs"
        return
    yield (
        f"average delivery {found.rate:.2%}: {found.successes} of the latest {found.results}; "
        f"{float(found.limits.threshold):g} % wanted, {found.limits.allowed} failures allowed in {found.limits.window}"
    )
    if found.failures:
        yield f"failures {found.failures}, of which deferred {found.deferred}"
    if found.delay is not None:
        yield f"current delivery delay {waited(found.delay)}"
    yield f"most recent response, {local(last.time_us, zone)}: {last.event}: {last.reply or last.smtp_code or '(none)'}"
    meaning, action = (None, None) if last.good else advice(last)
    if meaning:
        yield f"meaning: {meaning}"
    if action:
        yield f"what to do: {action}"
    yield from flow.notes
