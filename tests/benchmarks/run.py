"""Measures mailaudit against pflogsumm and grep on one generated log, alternately, in the same run.

    python -m tests.benchmarks.run [--lines 1000000] [--runs 3] [--only stats,rfc3339,sendmail,memory,trace,help]

Every comparison runs both programs on the same file and the same two cores, in turn, so that a busy machine slows
both; the fastest and the median of the runs are shown. The counts of both programs must agree first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

if __package__ in {None, ""}:  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.traffic import write
from tests.truth.pflogsumm import INSTALL

CORES = 2
MEGA = 1024 * 1024
SECTIONS = ("stats", "rfc3339", "sendmail", "memory", "trace", "help")
AGREE = ("received", "delivered", "deferred", "deferrals", "bounced", "rejected", "bytes received", "bytes delivered",
         "senders", "recipients")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Failed(Exception):
    """A program failed, or two that should agree do not."""


def say(text: str = "") -> None:
    """Writes a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(command: list[str], *, accept: tuple[int, ...] = (0,), timings: bool = False) -> Cost:
    """Runs a program and tells what it took (children included).

    Its output goes to a file: grep stops at the first line it finds where nobody is to see the others (/dev/null).
    """
    environment = dict(os.environ, **({"MAILAUDIT_TIMINGS": "1"} if timings else {}))
    begun = time.perf_counter()
    errors = None if timings else subprocess.DEVNULL
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accept:
        raise Failed(f"{' '.join(command)}: exit code {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def output(command: list[str]) -> str:
    """What a program prints."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def mailaudit(*arguments: str) -> list[str]:
    """The mailaudit of this Python."""
    program = Path(sys.executable).with_name("mailaudit")
    return [str(program), *arguments] if program.exists() else [sys.executable, "-m", "mailaudit", *arguments]


ALL = ("-e", "--smtpd_stats")
"""Options with which pflogsumm tells of each message, and of connections."""


def pflogsumm(log: Path, *options: str) -> list[str]:
    """pflogsumm; as it is usually called, if without options."""
    program = shutil.which("pflogsumm") or shutil.which("pflogsumm", path="/usr/sbin:/usr/local/bin")
    if program is None:
        raise Failed(INSTALL)
    return [program, *options, str(log)]


def show(title: str, costs: dict[str, list[Cost]], lines: int, size: int) -> None:
    """A table of the runs of each program, and the ratios of the others to the first."""
    say(f"\n{title}")
    say(f"  {'':28}{'best s':>9}{'median s':>10}{'CPU s':>8}{'peak MB':>9}{'lines/s':>12}{'MB/s':>8}")
    for name, runs in costs.items():
        best, middle = min(run.wall_s for run in runs), statistics.median(run.wall_s for run in runs)
        cpu, peak = statistics.median(run.cpu_s for run in runs), max(run.peak_mb for run in runs)
        rates = f"{lines / best:12,.0f}{size / MEGA / best:8.1f}" if lines else ""
        say(f"  {name:28}{best:9.2f}{middle:10.2f}{cpu:8.2f}{peak:9.0f}{rates}")
    first, *others = costs
    best = {name: min(run.wall_s for run in runs) for name, runs in costs.items()}
    for name in others:
        say(f"  {name} takes {best[name] / best[first]:.2f} times as long as {first}")


def alternately(commands: dict[str, list[str]], runs: int) -> dict[str, list[Cost]]:
    """Runs the programs in turn, after one run of each that does not count."""
    for command in commands.values():
        measure(command, accept=(0, 1))
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(measure(command, accept=(0, 1)))
    return costs


def agree(log: Path) -> None:
    """Fails unless mailaudit's pflogsumm profile and pflogsumm itself print the same totals on this log."""
    from tests.truth.pflogsumm import parse, printed, run  # noqa: PLC0415 - runs pflogsumm with options of its own

    answer = json.loads(output(mailaudit("stats", "--profile", "pflogsumm", "--format", "json", str(log))))
    ours = {row["name"]: row["value"] for row in answer["tables"]["grand_totals"]["rows"]}
    theirs = parse(run(log)).totals
    wrong = [f"{name}: {ours[name]} and {theirs[name][0]}" for name in AGREE if printed(ours[name]) != theirs[name][0]]
    if wrong:
        raise Failed("mailaudit and pflogsumm do not agree: " + "; ".join(wrong))
    say("  counts agree: " + ", ".join(f"{name} {ours[name]:,}" for name in AGREE[:6]))


class Bench:
    """The sections, on logs made once."""

    def __init__(self, folder: Path, lines: int, runs: int) -> None:
        self.folder, self.lines, self.runs = folder, lines, runs

    def log(self, name: str, *, iso: bool = False, sendmail: bool = False) -> Path:
        """The log of that name; made if it is not there."""
        path = self.folder / f"{name}.log"
        if not path.exists():
            write(path, self.lines, iso=iso, sendmail=sendmail)
        say(f"\n{path.name}: {self.lines:,} lines, {path.stat().st_size / MEGA:.0f} MB")
        return path

    def against_pflogsumm(self, title: str, log: Path) -> None:
        """The main comparison: with pflogsumm as it is usually called, and as it tells all that it has found."""
        agree(log)
        commands = {
            "mailaudit stats": mailaudit("stats", str(log)),
            "pflogsumm": pflogsumm(log),
            " ".join(("pflogsumm", *ALL)): pflogsumm(log, *ALL),
        }
        show(title, alternately(commands, self.runs), self.lines, log.stat().st_size)

    def stats(self) -> None:
        """Traditional stamps, and the split by step."""
        log = self.log("postfix")
        self.against_pflogsumm("stats, traditional stamps", log)
        say("  by step (stderr of mailaudit with MAILAUDIT_TIMINGS=1):")
        measure(mailaudit("stats", str(log)), timings=True)

    def rfc3339(self) -> None:
        """Stamps with year and zone."""
        self.against_pflogsumm("stats, RFC 3339 stamps", self.log("rfc3339", iso=True))

    def sendmail(self) -> None:
        """Sendmail, which pflogsumm does not read: megabytes a second beside Postfix's."""
        postfix, sendmail = self.log("postfix"), self.log("sendmail", sendmail=True)
        for log in (sendmail, postfix):
            costs = alternately({f"mailaudit stats {log.stem}": mailaudit("stats", str(log))}, self.runs)
            show(f"stats, {log.stem}", costs, self.lines, log.stat().st_size)

    def memory(self) -> None:
        """The same answer in less memory, and the answers that have a row for each message or event."""
        log = self.log("postfix")
        limits = {f"--memory {limit}": mailaudit("stats", "--memory", limit, str(log)) for limit in ("256M", "1G")}
        long = {name: mailaudit(name, "--format", "jsonl", str(log)) for name in ("log", "events")}
        show("memory", alternately(limits | long, self.runs), self.lines, log.stat().st_size)

    def trace(self) -> None:
        """One queue id from the middle of the log, beside grep."""
        log = self.log("postfix")
        with log.open("rb") as file:
            file.seek(log.stat().st_size // 2)
            file.readline()
            marked = (line for line in file if b": client=" in line)
            token = next(marked).split(b"]: ")[1].split(b":")[0].decode()
        commands = {"grep -F": ["grep", "-F", token, str(log)], "mailaudit trace": mailaudit("trace", token, str(log))}
        show(f"trace {token}", alternately(commands, self.runs), self.lines, log.stat().st_size)

    def help(self) -> None:
        """What must be there at once."""
        commands = {name: mailaudit(*name.split()) for name in ("--version", "--help", "stats --help")}
        show("start", alternately(commands, max(self.runs, 5)), 0, 0)


def main() -> int:
    """Runs the sections that were asked for."""
    parser = argparse.ArgumentParser(description="Measures mailaudit against pflogsumm and grep on a generated log.")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each program, after one that does not count")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    parser.add_argument("--keep", type=Path, help="folder for the logs, which are used again; default: a temporary one")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="mailaudit-bench-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, options.lines, options.runs)
        say(f"{CORES} cores, best of {options.runs} runs each, {output(mailaudit('--version')).strip()}")
        try:
            for name in options.only.split(","):
                getattr(bench, name)()
        except Failed as failed:
            say(f"\n{failed}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
