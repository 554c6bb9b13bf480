"""The lines that pflogsumm takes for Postfix's, as it cuts them, block after block; uninteresting ones are left out."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from mailaudit.flow import block_size
from mailaudit.link.oldest import oldest_first
from mailaudit.pflogsumm.counting import Counting, Line
from mailaudit.read import sources
from mailaudit.read.blocks import blocks
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from mailaudit.model.request import Request
    from mailaudit.pflogsumm.counting import Summary
    from mailaudit.pflogsumm.options import Options

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
HEAD = (
    r"^(?:(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>[0-9]{1,2}) "
    r"|[0-9]{4}-(?P<imonth>[0-9]{2})-(?P<iday>[0-9]{2})T)"
    + _CLOCK
    + r"(?:\.[0-9]+)?(?:[+-][0-9]{2}:[0-9]{2}|Z)? \S+ (?P<text>.+)$"
)
TAG = (
    r"^(?:{name}(?:/(?:smtps|submission))?/(?P<program>[^\[:]*).*?"
    r"|(?P<script>postfix(?:-script)?)(?:\[[0-9]+\])?): (?P<word>[^:\s]+)"
)
"""{name}: the syslog_name of Postfix; the usual one is always among them, because Postfix begins with it."""
COUNTED = (
    "client=", "status=", ", size=", "uid=", "sender=", "reject", "hold:", "discard:", "warning:", "fatal:", "panic:",
    "connect to ", "/master", "removed (canceled)",
)  # fmt: skip
"""A line without any of these counts nothing but its day."""
SESSIONS = ("connect from ",)


def summarise(request: Request, options: Options, now: dt.datetime) -> tuple[Summary, int, int]:
    """The tables for all inputs, how many lines had a head that pflogsumm knows, and how many there were."""
    counting = Counting(options)
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    known = total = 0
    last = ""
    wanted = _day_wanted(options, now)
    for source in found.sources:
        for block in blocks(source, request.block_size or block_size(request)):
            table = lines(block)
            total += table.height
            frame, headed = _cut(table, now, wanted, options.syslog_name)
            known += headed
            changed = frame.filter(pl.col("dayno") != pl.col("dayno").shift(1, fill_value=last))
            counting.days_begin(changed["date"].to_list())
            last = frame["dayno"][-1] if frame.height else last
            needles = [*COUNTED, *(SESSIONS if options.smtpd_stats else ())]
            kept = frame.filter(pl.col("text").str.contains_any(needles))
            for date, time, program, word, text in kept.select("date", "time", "program", "word", "text").iter_rows():
                hour = int(time[:2])
                seconds = _days(date) * 86_400 + hour * 3600 + int(time[3:5]) * 60 + int(time[6:])
                counting.line(Line(date, hour, seconds, program, word, text))
    return counting.finish(), known, total


@lru_cache(maxsize=1024)
def _days(date: str) -> int:
    try:
        return dt.date.fromisoformat(date).toordinal()
    except ValueError:  # 29 February, in a year that has none
        return dt.date(int(date[:4]), int(date[5:7]), 28).toordinal() + 1


def _day_wanted(options: Options, now: dt.datetime) -> tuple[int, int] | None:
    """Month and day that `-d` names; the year is not looked at."""
    if not options.day:
        return None
    day = now.date() - dt.timedelta(days=options.day == "yesterday")
    return day.month, day.day


def _cut(table: pl.DataFrame, now: dt.datetime, wanted: tuple[int, int] | None, name: str) -> tuple[pl.DataFrame, int]:
    """The lines of Postfix, and how many lines had a head at all.

    pflogsumm believes every stamp to be of the last twelve months, with a year in it or without.
    """
    text = pl.col("line").str.replace(r": \[ID [0-9]+ [^\]]+\] ", ": ")
    headed = (
        table.select(text.str.extract_groups(HEAD).alias("head")).unnest("head").filter(pl.col("text").is_not_null())
    )
    months = {name: f"{number:02d}" for number, name in enumerate(MONTHS, 1)}
    month = pl.coalesce(pl.col("month").replace_strict(months, default=None, return_dtype=pl.String), pl.col("imonth"))
    headed = headed.with_columns(month.alias("m"), pl.coalesce("day", "iday").str.zfill(2).alias("dayno"))
    headed = headed.filter(pl.col("m").is_not_null())
    if wanted is not None:
        headed = headed.filter((pl.col("m") == f"{wanted[0]:02d}") & (pl.col("dayno") == f"{wanted[1]:02d}"))
    tag = TAG.replace("{name}", f"(?:postfix|{re.escape(name)})" if name else "postfix")
    tagged = headed.with_columns(pl.col("text").str.extract_groups(tag).alias("tag")).unnest("tag")
    tagged = tagged.filter(pl.col("word").is_not_null())
    year = pl.when(pl.col("m") > f"{now.month:02d}").then(pl.lit(str(now.year - 1))).otherwise(pl.lit(str(now.year)))
    return tagged.select(
        "dayno",
        pl.concat_str([year, pl.col("m"), pl.col("dayno")], separator="-").alias("date"),
        "time",
        pl.coalesce("program", "script").alias("program"),
        "word",
        "text",
    ), headed.height
