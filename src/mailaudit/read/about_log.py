"""Lines that the log writes about itself: repetitions, marks, banners, and the admission that lines are missing.

Kinds of notices (column `kind`):

lost       lines were dropped by rate limiting or a full queue: totals are too low
gap        more than a day without a line
backwards  the stamps step back by more than two seconds
repeat     `last message repeated` whose message is not in these lines
long_line  a line was longer than mailaudit looks at

`-- MARK --` says that syslogd is alive: such lines are only skipped. The hour that occurs twice when summer time
ends is no step backwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.times import DAY, HOUR, SECOND, waited
from mailaudit.read.stamps import NO_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

SKIPPED: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "kind": pl.String}
NOTICES: dict[str, type[pl.DataType]] = {"no": pl.UInt32, "kind": pl.String, "text": pl.String}

GAP = DAY
BACKWARDS = 2 * SECOND

BANNERS = (
    "-- Logs begin at Fri 2026-01-02 03:04:05 CET, end at Sat 2026-01-03 03:04:05 CET. --",
    "-- Journal begins at Fri 2026-01-02 03:04:05 CET, ends at Sat 2026-01-03 03:04:05 CET. --",
    "-- Boot 0123456789abcdef0123456789abcdef --",
    "-- No entries --",
    "-- Reboot --",
    "Attaching to mailserver-1",
)
_BANNER = r"^(?:-- (?:Logs begin|Journal begins|Boot |No entries|Reboot|Cursor:|Subject:|cursor:).*|Attaching to .*)$"


@dataclass(frozen=True, slots=True)
class Loss:
    """One way in which a logging program says that lines are missing."""

    tag: str
    pattern: str
    example: str
    count: int


LOSSES = (
    Loss(
        "rsyslogd", r"imuxsock lost (\d+) messages", "imuxsock lost 52 messages from pid 123 due to rate-limiting", 52
    ),
    Loss(
        "rsyslogd",
        r"imuxsock.* begins? to drop messages",
        "imuxsock begins to drop messages from pid 123 due to rate-limiting",
        0,
    ),
    Loss(
        "rsyslogd",
        r"(\d+) messages lost due to rate-limiting",
        "imjournal: 1234 messages lost due to rate-limiting",
        1234,
    ),
    Loss(
        "rsyslogd",
        r"begin to drop messages due to rate-limiting",
        "imjournal: begin to drop messages due to rate-limiting",
        0,
    ),
    Loss("rsyslogd", r"discarded (\d+) messages|message discarded", "action queue: discarded 7 messages", 7),
    Loss("systemd-journal", r"Suppressed (\d+) messages from", "Suppressed 1234 messages from postfix.service", 1234),
    Loss(
        "systemd-journal", r"Forwarding to syslog missed (\d+) messages", "Forwarding to syslog missed 12 messages.", 12
    ),
    Loss(
        "journal",
        r"Suppressed (\d+) messages from",
        "Suppressed 1234 messages from /system.slice/postfix.service",
        1234,
    ),
    Loss("syslog-ng", r"[Mm]essages? dropped|dropped='[^']*=[1-9]", "Destination queue full, messages dropped", 0),
)
"""Tag (or its beginning), pattern, example, and the number of lines the example says."""

_REPEATED = r"^message repeated (\d+) times?: \[ ?(.*?)\]?$"
_OWN = r"^(?:last message repeated (\d+) times?|-- MARK --$|syslogd .*restart|exiting on signal)"


def banners(rest: pl.DataFrame) -> pl.DataFrame:
    """The lines that journalctl and docker write around a log: columns SKIPPED."""
    if rest.is_empty():
        return pl.DataFrame(schema=SKIPPED)
    return rest.filter(pl.col("line").str.contains(_BANNER)).select("no", kind=pl.lit("banner"))


def settle(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame with repetitions written out and additions of the syslog daemon removed, and what was taken out."""
    body = pl.col("body")
    blank, numbered, repeated, last = frame.select_seq(
        blank=(body.str.starts_with(" ") | body.str.ends_with(" ")).any(),  # copied from a terminal or a page
        numbered=body.str.starts_with("[ID ").any(),
        repeated=body.str.starts_with("message repeated ").any(),
        last=body.str.starts_with("last message repeated ").any(),
    ).row(0)
    if blank or numbered:
        bare = body.str.strip_chars(" ").str.replace(r"^\[ID \d+ [a-z0-9]+\.[a-z]+\] ", "")
        frame = frame.with_columns(bare)
        repeated = frame["body"].str.starts_with("message repeated ").any()
    if repeated:
        frame = _with_repeat(frame, _REPEATED, pl.col("body").str.extract(_REPEATED, 2))
    # Old rsyslogs leave the program's name before it, FreeBSD's syslogd puts its own there.
    if not (frame["tag"].null_count() or last or blank or numbered):
        return frame, pl.DataFrame(schema=SKIPPED)
    repeats = frame["body"].str.starts_with("last message repeated ")
    own = repeats | (frame["tag"].is_null() & frame["body"].str.contains(_OWN))
    return _own_lines(frame, own) if own.any() else (frame, pl.DataFrame(schema=SKIPPED))


def _with_repeat(frame: pl.DataFrame, pattern: str, body: pl.Expr) -> pl.DataFrame:
    times = _times(pattern)
    known = pl.col("repeat") if "repeat" in frame.columns else pl.lit(None, pl.UInt32)
    return frame.with_columns(repeat=pl.coalesce(known, times), body=pl.coalesce(body, "body"))


def _times(pattern: str) -> pl.Expr:
    """How often, as the line says; what is beyond all numbers is the largest."""
    told = pl.col("body").str.extract(pattern, 1)
    return pl.when(told.is_not_null()).then(told.cast(pl.UInt32, strict=False).fill_null(pl.UInt32.max()))


def _own_lines(frame: pl.DataFrame, own: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The daemon's own lines: repetitions get what they repeat, marks and starts of syslogd are taken out."""
    rows = frame.select("host", row=pl.int_range(pl.len(), dtype=pl.UInt32), own=own)
    other = pl.when(~pl.col("own")).then("row")
    # A line that names no host repeats the one right before it, whoever wrote that.
    before = pl.when(pl.col("host").is_null()).then(other.forward_fill()).otherwise(other.forward_fill().over("host"))
    repeats = own & frame["body"].str.starts_with("last ")
    repeated = rows.select(before).to_series()
    seen = repeats & repeated.is_not_null()
    kind = (
        pl.when(pl.col("body").str.starts_with("last "))
        .then(pl.lit("repeat"))
        .when(pl.col("body").str.starts_with("--"))
        .then(pl.lit("mark"))
        .otherwise(pl.lit("syslogd"))
    )
    taken = own & ~seen
    spent = frame.filter(taken).select("no", kind=kind)
    if seen.any():
        times = _times(_OWN)
        known = pl.col("repeat") if "repeat" in frame.columns else pl.lit(None, pl.UInt32)
        meant = frame.select("host", "tag", "pid", "body")[repeated.fill_null(0)]
        parts = {name: pl.when(seen).then(meant[name]).otherwise(name) for name in meant.columns}
        frame = frame.with_columns(repeat=pl.when(seen).then(times).otherwise(known), **parts)
    return frame.filter(~taken), spent


def notices(frame: pl.DataFrame, spent: pl.DataFrame, tags: Iterable[str | None]) -> pl.DataFrame:
    """What the lines admit about the log, and what their stamps show: columns NOTICES; `tags`: those of the lines."""
    unseen = spent.filter(pl.col("kind") == "repeat").select(
        "no", "kind", text=pl.lit("a line is said to be repeated that is not in these lines")
    )
    return pl.concat([unseen, _losses(frame, tags), _steps(frame)])


def _losses(frame: pl.DataFrame, tags: Iterable[str | None]) -> pl.DataFrame:
    beginnings = tuple({loss.tag for loss in LOSSES})
    tags = [tag for tag in tags if tag and tag.startswith(beginnings)]
    found = []
    if tags:
        for number, tag, body in frame.filter(pl.col("tag").is_in(tags)).select("no", "tag", "body").iter_rows():
            if lost(tag, body) is not None:
                found.append((number, "lost", f"{tag}: {body}"))
    return pl.DataFrame(found, schema=NOTICES, orient="row")


def lost(tag: str, body: str) -> int | None:
    """How many lines a program says are missing, 0 if it does not say how many; None if the line says no such thing."""
    for loss in LOSSES:
        if tag.startswith(loss.tag) and (match := re.search(loss.pattern, body)):
            return int(match[1]) if match.re.groups and match[1] else 0
    return None


def _steps(frame: pl.DataFrame) -> pl.DataFrame:
    """One notice for gaps and one for steps backwards, each with the largest of the block."""
    found: list[tuple[int, str, str]] = []
    step = frame.select(
        "no", "time_us", "floating", step=pl.when(pl.col("floating").diff() == 0).then(pl.col("time_us").diff())
    )
    for kind, words, where in (
        ("gap", "{} without a line (longest of {})", step["step"] > GAP),
        ("backwards", "stamps step back by {} (largest of {})", step["step"] < -BACKWARDS),
    ):
        chosen = step.filter(where).filter(~_new_year() & ~_end_of_summer_time()) if where.any() else step.clear()
        if len(chosen):
            number, size = chosen.select(pl.col("no", "step").get(pl.col("step").abs().arg_max())).row(0)
            found.append((number, kind, words.format(waited(abs(size) / SECOND), len(chosen))))
    return pl.DataFrame(found, schema=NOTICES, orient="row")


def _new_year() -> pl.Expr:
    """A year-less stamp that goes from December to January, or the other way in disorder."""
    return (pl.col("floating") == NO_YEAR) & (pl.col("step").abs() > 180 * DAY)


def _end_of_summer_time() -> pl.Expr:
    """Local stamps that go back by up to an hour, at night (from 23 h on) in spring (south) or autumn (north)."""
    stamp = pl.from_epoch("time_us", time_unit="us").dt
    night = stamp.hour().is_in([23, 0, 1, 2, 3]) & stamp.month().is_in([2, 3, 4, 9, 10, 11])
    return (pl.col("floating") != 0) & night & pl.col("step").is_between(-HOUR - BACKWARDS, -HOUR // 4)
