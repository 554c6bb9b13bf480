"""What waits in a mail queue, read from a listing: `postqueue -j`, or `mailq` of Postfix, Sendmail and Exim.

* `postqueue -j`: one JSON object a line (postqueue(1), JSON OBJECT FORMAT).
* Postfix `mailq`: `ID*!  SIZE  Fri Aug 29 22:37:25  sender`, `(reason)`, recipients indented; arrival without a year.
* Sendmail `mailq`: `ID* SIZE Thu May 25 09:17 sender`, `(reason)` and recipients indented below.
* Exim `mailq`: `AGE SIZE ID <sender> *** frozen ***`, recipients indented; `D` marks those who have it. No reasons.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailaudit.errors import InputError
from mailaudit.model import years
from mailaudit.model.queue_ids import EXIM_ID, exim_time, sendmail_time
from mailaudit.model.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENTRY = re.compile(
    rf"""
    (?P<id>[0-9A-Za-z]{{5,20}})(?P<mark>[*!X\#-]*)\s+
    (?P<size>\d+|-|\(no\ control\ file\))\s+
    (?:\d+\s+)?  # priority, with `mailq -v`
    (?P<weekday>{"|".join(DAYS)})\ (?P<month>{"|".join(MONTHS)})\ +(?P<day>\d+)[ ]
    (?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s+
    (?P<sender>.*)
    """,
    re.VERBOSE,
)
EXIM = re.compile(
    rf"""
    \ *\d+[mhdw]\ +(?P<size>[\d.]+)(?P<unit>[KMG]?)\ +(?P<id>{EXIM_ID})\ <(?P<sender>.*?)>(?:\ \([^()]*\))?
    (?P<frozen>\ \*\*\*\ frozen\ \*\*\*)?$
    """,
    re.VERBOSE,
)
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
HEADS = (
    re.compile(r"-+ ?Queue ID ?-+|Mail queue is empty|mail system is down", re.IGNORECASE),
    re.compile(r"\s*\S+ \(\d+ requests?\)|\s*\S+ is empty|-+Q-ID-+", re.IGNORECASE),
)
SKIPPED = re.compile(
    r"-+ ?(?:Queue ID|Q-ID)|-- \d+ [KMG]bytes in|Mail queue is empty|"
    r"\s*(?:\S+ \(\d+ request|\S+ is empty|Total requests:|$)",
    re.IGNORECASE,
)
QUEUE_OF_MARK = {"*": "active", "!": "hold"}


@dataclass(slots=True)
class Waiting:
    """One message in the queue, with the reason for each recipient that still waits."""

    queue_id: str
    queue: str
    arrived_us: int | None
    size: int | None
    sender: str
    recipients: list[tuple[str, str | None]] = field(default_factory=list)


def is_listing(first: str) -> bool:
    """True if a file that begins like this is a queue listing and no log."""
    lines = [line for line in first.splitlines() if line.strip()]
    if not lines:
        return False
    if lines[0].startswith("{"):
        return '"queue_id"' in lines[0] and '"recipients"' in lines[0]
    return any(head.match(lines[0]) for head in HEADS) or _begins(lines[0])


def _begins(line: str) -> bool:
    return ENTRY.match(line) is not None or EXIM.match(line) is not None


def read_listing(lines: Iterable[str], name: str, zone: dt.tzinfo, now: dt.datetime) -> Iterator[Waiting]:
    """The messages of a listing; stamps without a year are of the last year in which that day had that weekday."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    for number, line in numbered:
        if line.lstrip().startswith("{"):
            yield _json(line, number, name)
            yield from (_json(more, at, name) for at, more in numbered)
            return
        if EXIM.match(line):
            yield from _exim([(number, line), *numbered], name)
            return
        if not SKIPPED.match(line):
            yield from _mailq([(number, line), *numbered], name, zone, now)
            return


def _json(line: str, number: int, name: str) -> Waiting:
    try:
        item = json.loads(line)
        return Waiting(
            str(item["queue_id"]),
            str(item.get("queue_name", "")),
            years.sane(int(item["arrival_time"]) * SECOND) if "arrival_time" in item else None,
            int(item["message_size"]) if "message_size" in item else None,
            _address(str(item.get("sender", ""))),
            [(str(entry["address"]), _reason(entry.get("delay_reason"))) for entry in item.get("recipients", [])],
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(
            f"{name}:{number}: this is no line of `postqueue -j`: {error}",
            hint="write it with: postqueue -j > queue.json",
        ) from error


def _reason(given: object) -> str | None:
    """Why a recipient waits; whatever stands there as text."""
    return given if given is None or isinstance(given, str) else str(given)


def _exim(lines: list[tuple[int, str]], name: str) -> Iterator[Waiting]:
    entry: Waiting | None = None
    for number, line in lines:
        if found := EXIM.match(line):
            if entry is not None:
                yield entry
            # The age is told in minutes, hours or days; the id says the second.
            made, size = exim_time(found["id"]), float(found["size"]) * UNITS[found["unit"]]
            queue = "hold" if found["frozen"] else "deferred"
            entry = Waiting(
                found["id"], queue, None if made is None else made * SECOND, int(size), _address(found["sender"])
            )
        elif entry is None or not line.startswith("  "):
            raise InputError(f"{name}:{number}: neither a log nor a queue listing: {line.strip()[:60]!r}")
        elif not re.match(r" +\+?D ", line):
            entry.recipients.append((line.strip(), None))
    if entry is not None:
        yield entry


def _mailq(lines: list[tuple[int, str]], name: str, zone: dt.tzinfo, now: dt.datetime) -> Iterator[Waiting]:
    entry: Waiting | None = None
    reason: str | None = None
    for number, line in lines:
        found = ENTRY.match(line)
        if found:
            if entry is not None:
                yield entry
            entry, reason = _entry(found, zone, now), None
        elif SKIPPED.match(line):
            continue
        elif entry is None:
            raise InputError(f"{name}:{number}: neither a log nor a queue listing: {line.strip()[:60]!r}")
        elif note := re.match(r"\s*(?:8BITMIME\s*)?\((.*)\)\s*$", line):
            reason = note[1]
        elif not line.strip().startswith(("8BITMIME", "(")):
            # Postfix gives the reason before its recipients, Sendmail once for the message or before a recipient.
            entry.recipients.append((_address(line.strip()), reason))
    if entry is not None:
        yield entry


def _entry(found: re.Match[str], zone: dt.tzinfo, now: dt.datetime) -> Waiting:
    queue = next((QUEUE_OF_MARK[mark] for mark in found["mark"] if mark in QUEUE_OF_MARK), "deferred")
    size = int(found["size"]) if found["size"].isdigit() else None
    # A Sendmail id says when it was made, year and all.
    made = sendmail_time(found["id"], int(now.timestamp()))
    arrived = made * SECOND if made is not None else _arrived(found, zone, now)
    return Waiting(found["id"], queue, arrived, size, _address(found["sender"].strip()))


def _arrived(found: re.Match[str], zone: dt.tzinfo, now: dt.datetime) -> int | None:
    month, day = MONTHS.index(found["month"]) + 1, int(found["day"])
    try:
        clock = dt.time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None
    this_year = now.astimezone(zone).year
    for year in range(this_year, this_year - 12, -1):
        try:
            when = dt.datetime.combine(dt.date(year, month, day), clock, zone)
        except ValueError:
            continue
        if when.weekday() == DAYS.index(found["weekday"]) and when <= now + dt.timedelta(days=1):
            return int(when.timestamp()) * SECOND
    return None


def _address(text: str) -> str:
    """Without angle brackets; the null sender (`MAILER-DAEMON` in listings) is empty."""
    plain = text.removeprefix("<").removesuffix(">")
    return "" if plain.upper() == "MAILER-DAEMON" else plain
