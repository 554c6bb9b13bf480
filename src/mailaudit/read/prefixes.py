"""What stands between the stamp and the message: host, program and process id, in all the ways they are written.

`TAILS` is the table: a name, a pattern, an example. The first row that matches is the shape of a line. Lines are seen
without their stamp; the pattern begins at the character behind it. The two most frequent shapes are also cut by position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from mailaudit.read import stamps
from mailaudit.read.stamps import Stamp


@dataclass(frozen=True, slots=True)
class Tail:
    """One way to write host and program."""

    name: str
    pattern: str
    example: str
    fields: tuple[str | None, str | None, str | None, str]
    """Host, tag, pid and body of the example."""


_HOST = r"(?P<host>[^\s\[]*[^\s\[:])"
_TAG = r"(?P<tag>[^\s\[:]+)"
_PID = r"(?:\[(?P<pid>[^\]\s]*)\])?"

TAILS = (
    Tail(
        "host",
        rf" {_HOST} {_TAG}{_PID}: (?P<body>.*)$",
        " mx1 postfix/smtpd[1433]: connect from unknown[66.164.138.49]",
        ("mx1", "postfix/smtpd", "1433", "connect from unknown[66.164.138.49]"),
    ),
    Tail(
        "no host",
        rf" {_TAG}{_PID}: (?P<body>.*)$",
        " postfix/smtp[1]: 4E10: to=<a@b.example>",
        (None, "postfix/smtp", "1", "4E10: to=<a@b.example>"),
    ),
    Tail("bare", r" (?P<body>.*)$", " 1abc-2 Completed", (None, None, None, "1abc-2 Completed")),
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The shape of everything before the message."""

    stamp: Stamp
    tail: Tail


def find(line: str) -> Prefix | None:
    """The shape of the prefix of one line; None if it has no stamp."""
    stamp = stamps.find(line)
    if not stamp:
        return None
    rest = line[stamp.width :]
    for tail in TAILS:
        if re.match(tail.pattern, rest):
            return Prefix(stamp, tail)
    return None


def cut(frame: pl.DataFrame, prefix: Prefix) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that have this prefix, cut, and those that have not, untouched."""
    line = frame["line"]
    text = _Text(ascii_only=bool((line.str.len_bytes() == line.str.len_chars()).all()))
    if prefix.tail.name == "host":
        fields = _cut_host(line, prefix.stamp, text)
    elif prefix.tail.name == "no host":
        fields = _cut_tag(line.str.slice(prefix.stamp.width + 1).to_frame("rest"), text)
    else:
        fields = _cut_by_pattern(line, prefix)
    fields = fields.select("host", "tag", "pid", "body")
    time = stamps.read(line, prefix.stamp)
    done = frame.select("no", "offset").with_columns(time, pl.lit(prefix.stamp.floating, pl.Int8).alias("floating"))
    done = done.hstack(fields)
    well = time.is_not_null() & fields["body"].is_not_null()
    if not well.all():
        return done.filter(well), frame.filter(~well)
    return done, frame.clear()


@dataclass(frozen=True, slots=True)
class _Text:
    """Cuts text by byte positions, as str.find tells them."""

    ascii_only: bool

    def part(self, text: pl.Expr, start: pl.Expr | int, length: pl.Expr | int | None = None) -> pl.Expr:
        """str.slice counts characters: the same in ASCII, and faster."""
        if self.ascii_only:
            return text.str.slice(start, length)
        return text.cast(pl.Binary).bin.slice(start, length).cast(pl.String, strict=False)


def _cut_host(line: pl.Series, stamp: Stamp, text: _Text) -> pl.DataFrame:
    """Cuts ` host tag[pid]: body`; most files have one host, which is then compared instead of searched."""
    column = pl.col("line")
    first = line[len(line) // 2][stamp.width :].split(" ", 2)
    host = first[1] if len(first) > 1 else ""
    between = f"{stamp.zone} {host} "
    start = stamp.width - len(stamp.zone)
    frame = line.to_frame("line")
    if host.isascii() and not host.endswith(":"):
        same = frame.select(column.str.slice(start, len(between)) == between).to_series()
        if same.all():
            rest = frame.select(rest=column.str.slice(start + len(between)))
            return _cut_tag(rest, text).with_columns(pl.lit(host).alias("host"))
    rest = frame.select(rest=column.str.slice(start), place=len(stamp.zone) + 1)
    behind = pl.col("rest").str.starts_with(stamp.zone + " ")
    rest = frame.select(rest=pl.when(column.str.slice(start, len(stamp.zone) + 1) == stamp.zone + " ").then(column.str.slice(stamp.width + 1)))
    rest = rest.with_columns(gap=pl.col("rest").str.find(" ", literal=True))
    rest = rest.select(host=text.part(pl.col("rest"), 0, pl.col("gap")), rest=text.part(pl.col("rest"), pl.col("gap") + 1))
    cut = _cut_tag(rest.select("rest"), text)
    host_column = rest["host"]
    sane = (host_column != "") & ~host_column.str.ends_with(":") & ~host_column.str.contains("[", literal=True)
    return cut.with_columns(host=host_column, body=pl.when(sane).then(pl.col("body")))


def _cut_tag(rest: pl.DataFrame, text: _Text) -> pl.DataFrame:
    """Cuts `tag[pid]: body`; the body is null where that is not there."""
    column, mark = pl.col("rest"), pl.col("mark")
    frame = rest.with_columns(colon=column.str.find(": ", literal=True))
    frame = frame.select(mark=text.part(column, 0, pl.col("colon")), body=text.part(column, pl.col("colon") + 2))
    frame = frame.with_columns(bracket=mark.str.find("[", literal=True), width=mark.str.len_bytes())
    has_pid = pl.col("bracket").is_not_null()
    sane = (
        ~mark.str.contains(" ", literal=True)
        & (pl.col("bracket").fill_null(1) > 0)
        & (pl.col("width") > 0)
        & (~has_pid | mark.str.ends_with("]"))
    )
    return frame.select(
        host=pl.lit(None, pl.String),
        tag=pl.when(has_pid).then(text.part(mark, 0, pl.col("bracket"))).otherwise(mark),
        pid=text.part(mark, pl.col("bracket") + 1, pl.col("width") - pl.col("bracket") - 2),
        body=pl.when(sane).then(pl.col("body")),
    )


def _cut_by_pattern(line: pl.Series, prefix: Prefix) -> pl.DataFrame:
    """Cuts by the tail's own pattern: slower, for shapes that are rare."""
    start = prefix.stamp.width - len(prefix.stamp.zone)
    pattern = "^" + re.escape(prefix.stamp.zone) + prefix.tail.pattern
    groups = line.str.slice(start).str.extract_groups(pattern).struct.unnest()
    missing = [pl.lit(None, pl.String).alias(name) for name in ("host", "tag", "pid") if name not in groups.columns]
    return groups.with_columns(missing)
