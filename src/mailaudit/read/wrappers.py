"""What container runtimes and the journal put around a line: found in one line, then peeled off a whole column.

`WRAPPERS` is the table: a name, a pattern, an example and the line inside it. A peeled frame has the columns PEELED;
the time, host and program that the wrapper knows stand in for those that the line inside does not have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.read import journal, objects, stamps

if TYPE_CHECKING:
    from collections.abc import Callable

PEELED: dict[str, type[pl.DataType]] = {
    "no": pl.UInt32,
    "offset": pl.Int64,
    "line": pl.String,
    "time_us": pl.Int64,
    "host": pl.String,
    "tag": pl.String,
    "pid": pl.String,
}

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
_STAMPED = rf"(?:<\d{{1,3}}>|{stamps.LIKELY}|\d{{9,10}}\.\d{{1,9}} )"


@dataclass(frozen=True, slots=True)
class Wrapper:
    """One kind of envelope around a line."""

    name: str
    pattern: str
    example: str
    inside: str


WRAPPERS = (
    Wrapper(
        "journal",
        r'\{.*"(?:MESSAGE|__REALTIME_TIMESTAMP)"\s*:',
        '{"__REALTIME_TIMESTAMP":"1767319445123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"7",'
        '"MESSAGE":"4E10: removed"}',
        "4E10: removed",
    ),
    Wrapper(
        "docker",
        r'\{.*"log"\s*:\s*"',
        '{"log":"Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed\\n","stream":"stdout",'
        '"time":"2026-01-02T03:04:05.12Z"}',
        "Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
    ),
    Wrapper(
        "cri",
        rf"{_ISO} (?:stdout|stderr) [FP](?::[A-Z:]*)?(?: |$)",
        "2026-01-02T03:04:05.123456789Z stdout F Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
        "Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
    ),
    Wrapper(
        "kubectl",
        rf"{_ISO} (?=\{{|{_STAMPED})",
        "2026-01-02T03:04:05.123Z Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
        "Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
    ),
    Wrapper(
        "compose",
        r"(?:\x1b\[[\d;]*m)*[\w.-]+ *(?:\x1b\[[\d;]*m)*\|(?:\x1b\[[\d;]*m)* ",
        "mailserver-1  | Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
        "Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
    ),
    Wrapper(
        "grep",
        # With -n a number, with -A and -B a dash; or a line that was quoted, or set in as part of a page.
        rf"(?:[^\s:|{{<]+[:-](?:\d+[:-])?|[>\s]+)(?={_STAMPED})",
        "/var/log/mail.log.1:Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
        "Jan 02 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed",
    ),
)

_ANY = re.compile("|".join(f"(?P<{wrapper.name}>{wrapper.pattern})" for wrapper in WRAPPERS))


def find(line: str) -> str | None:
    """The name of what is around the line."""
    found = _ANY.match(line)
    return found.lastgroup if found else None


@dataclass(frozen=True, slots=True)
class Peeled:
    """The lines inside, the numbers of lines that were joined to an earlier one, and lines without this wrapper."""

    inside: pl.DataFrame
    joined: pl.Series
    left: pl.DataFrame


def peel(frame: pl.DataFrame, name: str) -> Peeled:
    """Takes the named wrapper off each line that has it; the parts of a line that was split are joined again."""
    columns = _PEELERS[name](frame["line"])
    inside = frame.select("no", "offset").with_columns(columns)
    well = inside["line"].is_not_null()
    left = frame.clear()
    if not well.all():
        inside, left = inside.filter(well), frame.filter(~well)
    inside, joined = _join(inside)
    missing = [pl.lit(None, kind).alias(column) for column, kind in PEELED.items() if column not in inside.columns]
    return Peeled(inside.with_columns(missing).select(PEELED.keys()), joined, left)


def _docker(line: pl.Series) -> pl.DataFrame:
    """Docker's json-file driver: a line longer than 16 KiB is split, and only the last part ends in a newline."""
    fields = objects.columns(line, ("log", "stream", "time"))
    return fields.select(
        "stream",
        stamps.read_any(fields["time"]),
        line=pl.col("log").str.strip_chars_end("\r\n"),
        part=~pl.col("log").str.ends_with("\n"),
    )


def _cri(line: pl.Series) -> pl.DataFrame:
    """Kubernetes CRI: time, stream, F or P (a part: the line goes on), text."""
    time, stream, flag, text = line.str.splitn(" ", 4).struct.unnest()
    frame = pl.DataFrame([stream.rename("stream"), flag.rename("flag"), text.fill_null("").rename("line")])
    tag = pl.col("flag").str.slice(0, 1)
    sane = pl.col("stream").is_in(["stdout", "stderr"]) & tag.is_in(["F", "P"])
    return frame.select("stream", stamps.read_any(time), line=pl.when(sane).then(pl.col("line")), part=tag == "P")


def _kubectl(line: pl.Series) -> pl.DataFrame:
    """`kubectl logs --timestamps`, `docker logs -t`: a time in front."""
    time, text = line.str.splitn(" ", 2).struct.unnest()
    frame = pl.DataFrame([stamps.read_any(time), text.rename("line")])
    return frame.select("time_us", line=pl.when(pl.col("time_us").is_not_null()).then("line"))


def _compose(line: pl.Series) -> pl.DataFrame:
    """`docker compose logs`: the container's name, coloured on a terminal, and a bar. It stands in for the host."""
    name, text = line.str.splitn("|", 2).struct.unnest()
    colour = r"\x1b\[[\d;]*m"
    host = name.str.replace_all(colour, "").str.strip_chars_end(" ")
    text = text.str.replace(rf"^(?:{colour})* ", "")
    frame = pl.DataFrame([host.rename("host"), text.rename("line")])
    return frame.with_columns(line=pl.when(pl.col("host").str.contains(r"^[\w.-]+$")).then("line"))


def _grep(line: pl.Series) -> pl.DataFrame:
    """What `grep` found in several files, or with numbers of lines: what stands before the stamp."""
    frame = line.str.extract(rf"^(?:[^\s:|{{<]+?[:-](?:\d+[:-])?|[>\s]+)({_STAMPED}.*)$").to_frame("line")
    return frame.with_columns(pl.lit(None, pl.Int64).alias("time_us"))


_PEELERS: dict[str, Callable[[pl.Series], pl.DataFrame]] = {
    "journal": journal.columns,
    "docker": _docker,
    "cri": _cri,
    "kubectl": _kubectl,
    "compose": _compose,
    "grep": _grep,
}


def _join(inside: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Puts the parts of a split line together under the number of the first, each stream by itself."""
    nobody = inside["no"].clear()
    if "part" not in inside.columns:
        return inside, nobody
    if not inside["part"].any():
        return inside.drop("part", "stream"), nobody
    begins = ~pl.col("part").shift(1, fill_value=False).over("stream")
    whole = (
        inside.with_columns(group=begins.cum_sum().over("stream"))
        .group_by("stream", "group", maintain_order=True)
        .agg(pl.col("no", "offset", "time_us").first(), pl.col("line").str.join(""))
        .drop("stream", "group")
    )
    joined = inside.join(whole, on="no", how="anti")["no"]
    return whole.sort("no"), joined
