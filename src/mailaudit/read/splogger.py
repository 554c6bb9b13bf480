"""What splogger does to the lines of qmail on their way to syslog: it stamps them once more, and folds the long ones.

`mx qmail: 1767319445.123456 new msg 93`: seconds and microseconds of UTC at which the line was written, which is what
counts here; together with syslog's own stamp it tells the UTC offset of the log.  Of a line of more than 799
characters, what follows has the same stamp and a plus sign: `1767319445.123456+rest`.
<https://cr.yp.to/qmail.html>, splogger(8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.model.times import DAY, HOUR, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(r"[^/]*(?:qmail|splogger|smtpd|pop3d|send|tcpserver|rblsmtpd)[^/]*")
"""Names that administrators give it; those with a slash are Postfix's."""
_STAMP = r"^(?<seconds>[0-9]{9,10})\.(?<micros>[0-9]{6})(?<joint>[ +])(?<text>.*)$"
SAMPLES = 200
"""Stamps of a block that are kept beside the true time."""
_GRAIN = 15 * 60 * SECOND
_SLACK = 5 * SECOND
"""Syslog's stamp is cut to whole seconds, and may be that of another machine."""
_LATE = 90 * SECOND
_EAST, _WEST = 14 * HOUR, -12 * HOUR


@dataclass(frozen=True, slots=True)
class Unfolded:
    """Heads with splogger's time and whole lines, and what was learnt on the way."""

    frame: pl.DataFrame
    spent: pl.DataFrame
    """Lines that continue others: columns no and kind."""
    offsets: frozenset[int] = frozenset()
    """UTC offsets (seconds) of the stamps in front."""
    beside: pl.DataFrame | None = None
    """Those stamps and the true time of their lines: no, time_us, floating, host, utc_us."""


def unfold(frame: pl.DataFrame, tags: Iterable[str | None]) -> Unfolded:
    """The heads with splogger's time in the place of syslog's."""
    spent = pl.DataFrame(schema={"no": pl.UInt32, "kind": pl.String})
    mine = [tag for tag in tags if tag is not None and _TAG.fullmatch(tag)]
    if not mine:
        return Unfolded(frame, spent)
    found = frame["body"].str.extract_groups(_STAMP).struct.unnest()
    own = found["text"].is_not_null() & frame["tag"].is_in(mine)
    if not own.any():
        return Unfolded(frame, spent)
    told = found["seconds"].cast(pl.Int64) * SECOND + found["micros"].cast(pl.Int64)
    beside = frame.select("no", "time_us", "floating", "host").with_columns(utc_us=told)
    beside = beside.filter(own & (frame["floating"] > 0))
    more = own & (found["joint"] == "+")
    mark = found.select(pl.when(pl.col("joint") == "+").then(pl.lit("+")).otherwise(pl.lit(""))).to_series()
    at, text = pl.lit(told), pl.lit(mark + found["text"])
    frame = frame.with_columns(
        time_us=pl.when(own).then(at).otherwise("time_us"),
        floating=pl.when(own).then(pl.lit(0, pl.Int8)).otherwise("floating"),
        body=pl.when(own).then(text).otherwise("body"),
    )
    if more.any():
        frame, joined = _joined(frame, more)
        spent = joined.to_frame("no").with_columns(kind=pl.lit("joined"))
    some = beside.gather_every(1 + beside.height // SAMPLES)
    return Unfolded(frame, spent, _offsets(beside["time_us"], beside["utc_us"]), some if some.height else None)


def _joined(frame: pl.DataFrame, more: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Puts the rest of a line behind its beginning, which has the same stamp and stands right before it."""
    who = [pl.col(name).fill_null("") for name in ("host", "tag")]
    rows = frame.with_columns(more.alias("more")).with_columns(
        begins=pl.when(~pl.col("more")).then("no").forward_fill().over(*who)
    )
    first = frame.select(begins="no", begun_us="time_us")
    rows = rows.join(first, on="begins", how="left", maintain_order="left")
    rests = rows.filter(pl.col("more") & (pl.col("begun_us") == pl.col("time_us")))
    if not rests.height:
        return frame, rests["no"]
    whole = rests.group_by("begins", maintain_order=True).agg(rest=pl.col("body").str.slice(1).str.join(""))
    frame = frame.join(whole, left_on="no", right_on="begins", how="left", maintain_order="left")
    frame = frame.with_columns(body=pl.col("body") + pl.col("rest").fill_null("")).drop("rest")
    return frame.filter(~pl.col("no").is_in(rests["no"].implode())), rests["no"]


def _offsets(wall: pl.Series, utc: pl.Series) -> frozenset[int]:
    """The offsets that wall clocks, whose year may be unknown, show beside the true time."""
    gap = (wall - utc + _SLACK) % DAY
    offset = gap // _GRAIN * _GRAIN
    sure = offset.filter(gap - offset <= _LATE)
    east = pl.select(pl.when(pl.lit(sure) <= _EAST).then(pl.lit(sure)).otherwise(pl.lit(sure) - DAY)).to_series()
    return frozenset(value // SECOND for value in east.unique().to_list() if value is not None and value >= _WEST)
