"""Runs pflogsumm and reads its report, so that every cell of it can be compared with ours.

    python -m tests.truth.pflogsumm LOG        prints where the reference's numbers and pflogsumm's differ

Cells are compared as pflogsumm prints them: large numbers in `k` and `m`, hours as means over the days.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.model_reference.pflogsumm import UNITS, summarise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.model_reference.pflogsumm import Summary

INSTALL = "pflogsumm is not installed: `apt-get install pflogsumm` (Debian, Ubuntu), `dnf install postfix-pflogsumm`"
DETAILS = ("--bounce-detail", "--deferral-detail", "--reject-detail", "--smtp-detail", "--smtpd-warning-detail")
ROW = re.compile(r"^ *(?P<cell>\d+[km]?) +(?P<name>.+?)(?: \(\d+%\))?$")
DEFERRED = re.compile(r"^ *(?P<cell>\d+[km]?) +deferred(?:  \((?P<deferrals>\d+)(?P<unit>[km ]) deferrals\))?$")
DAY = re.compile(r"^    \d{4}-(?P<month>\d\d)-(?P<day>\d\d) (?P<cells>.*)$")
HOUR = re.compile(r"^    (?P<hour>\d\d):00-\d\d:00(?P<cells>.*)$")
DELIVERY = re.compile(
    r"^ *(?P<count>\d+[km]?) +(?P<bytes>\d+[km]?) +(?P<defers>\d+[km]?) +(?P<average>[\d.]+ [smh]) +"
    r"(?P<longest>[\d.]+ [smh])  (?P<name>.*)$"
)
RECEIVED = re.compile(r"^ *(?P<count>\d+[km]?) +(?P<bytes>\d+[km]?)  +(?P<name>\S.*)$")
ONE = re.compile(r"^ *(?P<cell>\d+[km]?) +(?P<name>\S.*)$")

Cells = tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What pflogsumm printed, cell by cell, as text."""

    totals: dict[str, Cells] = field(default_factory=dict)
    days: dict[str, Cells] = field(default_factory=dict)
    hours: dict[str, Cells] = field(default_factory=dict)
    delivery: dict[str, Cells] = field(default_factory=dict)
    received: dict[str, Cells] = field(default_factory=dict)
    senders: dict[str, Cells] = field(default_factory=dict)
    recipients: dict[str, Cells] = field(default_factory=dict)
    sender_bytes: dict[str, Cells] = field(default_factory=dict)
    recipient_bytes: dict[str, Cells] = field(default_factory=dict)


TITLES = {
    "Grand Totals": "totals",
    "Per-Day Traffic Summary": "days",
    "Per-Hour Traffic Summary": "hours",
    "Per-Hour Traffic Daily Average": "hours",
    "Host/Domain Summary: Message Delivery": "delivery",
    "Host/Domain Summary: Messages Received": "received",
    "Senders by message count": "senders",
    "Recipients by message count": "recipients",
    "Senders by message size": "sender_bytes",
    "Recipients by message size": "recipient_bytes",
}


def run(log: Path) -> str:
    """pflogsumm's report on a plain log."""
    program = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin:/usr/local/bin:/usr/bin")
    if program is None:
        sys.exit(INSTALL)
    command = [program, "--iso-date-time", *(part for name in DETAILS for part in (name, "0")), str(log)]
    done = subprocess.run(command, check=True, capture_output=True, env={"TZ": "UTC", "LC_ALL": "C"})
    return done.stdout.decode("utf-8", "replace")


def parse(text: str) -> Report:
    """The cells of a report made with --iso-date-time."""
    report = Report()
    table = ""
    previous = ""
    for line in text.splitlines():
        if line.startswith("---") and previous.strip():
            table = TITLES.get(previous.strip(), "")
        elif table and line.strip():
            for key, cells in row(table, line):
                getattr(report, table)[key] = cells
        previous = line
    return report


def row(table: str, line: str) -> Iterator[tuple[str, Cells]]:
    """The cells of one printed line of a table."""
    if table == "totals" and (found := DEFERRED.match(line)):
        yield "deferred", (found["cell"],)
        yield "deferrals", (((found["deferrals"] or "0") + (found["unit"] or "")).strip(),)
    elif table == "totals" and (found := ROW.match(line)):
        yield found["name"], (found["cell"],)
    elif table == "days" and (found := DAY.match(line)):
        cells = found["cells"].split()
        yield f"{found['month']}-{found['day']}", tuple(cells + ["0"] * (5 - len(cells)))
    elif table == "hours" and (found := HOUR.match(line)):
        yield found["hour"], tuple(found["cells"].split())
    elif table == "delivery" and (found := DELIVERY.match(line)):
        yield found["name"], found.groups()[:5]
    elif table == "received" and (found := RECEIVED.match(line)):
        yield found["name"], found.groups()[:2]
    elif table in {"senders", "recipients", "sender_bytes", "recipient_bytes"} and (found := ONE.match(line)):
        yield found["name"], (found["cell"],)


def printed(value: float) -> str:
    """A number as pflogsumm prints it: over half a million in k, over half a thousand million in m, cut off."""
    for above, divisor, unit in ((536_870_912, 1_048_576, "m"), (524_288, 1024, "k")):
        if value > above:
            return f"{int(value / divisor)}{unit}"
    return str(int(value))


def printed_time(seconds: float) -> str:
    """A delay as pflogsumm prints it."""
    for above, unit in ((3600, "h"), (60, "m")):
        if seconds > above:
            return f"{seconds / above:.1f} {unit}"
    return f"{seconds:.1f} s"


def printed_report(summary: Summary) -> Report:
    """Raw numbers as pflogsumm would print them."""
    days = summary.day_changes
    report = Report()
    report.totals = {name: (printed(summary.totals[name]),) for name in UNITS}
    if days > 1:
        report.days = {f"{m:02}-{d:02}": tuple(map(printed, cells)) for (m, d), cells in summary.days.items()}
    for hour in range(24):
        cells = summary.hours.get(hour, [0] * 5)
        report.hours[f"{hour:02}"] = tuple(printed(cell / (days or 1) + 0.5) for cell in cells)
    for name, domain in summary.delivery.items():
        average = printed_time(domain.delay / domain.count if domain.count else 0)
        counts = printed(domain.count), printed(domain.bytes), printed(domain.deferrals)
        report.delivery[name] = (*counts, average, printed_time(domain.longest))
    report.received = {name: (printed(n), printed(size)) for name, (n, size) in summary.received.items()}
    report.senders = {name: (printed(n),) for name, (n, _) in summary.senders.items()}
    report.recipients = {name: (printed(n),) for name, (n, _) in summary.recipients.items()}
    report.sender_bytes = {name: (printed(size),) for name, (_, size) in summary.senders.items()}
    report.recipient_bytes = {name: (printed(size),) for name, (_, size) in summary.recipients.items()}
    return report


def differences(ours: Report, theirs: Report) -> Iterator[str]:
    """Every cell that differs, as a line of text."""
    for table in dict.fromkeys(TITLES.values()):
        mine, yours = getattr(ours, table), getattr(theirs, table)
        for key in sorted(mine.keys() | yours.keys()):
            if mine.get(key) != yours.get(key):
                yield f"{table}: {key}: {mine.get(key)} instead of pflogsumm's {yours.get(key)}"


def main() -> None:
    """Compares the reference with pflogsumm on one log."""
    log = Path(sys.argv[1])
    with log.open(encoding="utf-8", errors="replace") as lines:
        ours = printed_report(summarise(lines))
    found = list(differences(ours, parse(run(log))))
    sys.stdout.write("".join(f"{line}\n" for line in found) or "every cell agrees\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
