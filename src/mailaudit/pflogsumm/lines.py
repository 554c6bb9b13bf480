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
from mailaudit.pflogsumm.newer import NewerCounting
from mailaudit.pflogsumm.options import dates
from mailaudit.read import sources
from mailaudit.read.blocks import blocks
from mailaudit.read.lines import lines

if TYPE_CHECKING:
    from mailaudit.model.request import Request
    from mailaudit.pflogsumm.options import Options
    from mailaudit.pflogsumm.summary import Summary

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
HEAD = (
    r"^(?:(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>[0-9]{1,2}) "
    r"|(?P<iyear>[0-9]{4})-(?P<imonth>[0-9]{2})-(?P<iday>[0-9]{2})T)"
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
SINCE_1_3 = ("removed", "/postscreen[", "SSL", "TLS")
"""What counts something in 1.3.0, too."""


def summarise(request: Request, options: Options, now: dt.datetime) -> tuple[Summary, int, int]:
    """The tables for all inputs, how many lines had a head that pflogsumm knows, and how many there were."""
    counting = NewerCounting(options) if options.newer else Counting(options)
    found = sources.find(request.paths)
    found.sources[:] = oldest_first(found.sources, request)
    known = total = 0
    last = ""
    needles = [*COUNTED, *(SESSIONS if options.smtpd_stats else ()), *(SINCE_1_3 if options.newer else ())]
    for source in found.sources:
        for block in blocks(source, request.block_size or block_size(request)):
            table = lines(block)
            total += table.height
            headed = _headed(table, now, options)
            known += headed.height
            if headed.height:
                counting.summary.first_day = counting.summary.first_day or headed["date"][0]
                counting.summary.last_day = headed["date"][-1]
            frame = _tagged(headed, options.syslog_name)
            changed = frame.filter(pl.col("dayno") != pl.col("dayno").shift(1, fill_value=last))
            counting.days_begin(changed["date"].to_list())
            last = frame["dayno"][-1] if frame.height else last
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


def _headed(table: pl.DataFrame, now: dt.datetime, options: Options) -> pl.DataFrame:
    """The lines that have a head, of the days that were asked for: dayno, date, time, text.

    pflogsumm believes every stamp to be of the last twelve months; 1.1.5 those with a year in them, too.
    """
    text = pl.col("line").str.replace(r": \[ID [0-9]+ [^\]]+\] ", ": ")
    headed = (
        table.select(text.str.extract_groups(HEAD).alias("head")).unnest("head").filter(pl.col("text").is_not_null())
    )
    months = {name: f"{number:02d}" for number, name in enumerate(MONTHS, 1)}
    month = pl.coalesce(pl.col("month").replace_strict(months, default=None, return_dtype=pl.String), pl.col("imonth"))
    headed = headed.with_columns(month.alias("m"), pl.coalesce("day", "iday").str.zfill(2).alias("dayno"))
    year = pl.when(pl.col("m") > f"{now.month:02d}").then(pl.lit(str(now.year - 1))).otherwise(pl.lit(str(now.year)))
    if options.newer:
        year = pl.coalesce("iyear", year)
    date = pl.concat_str([year, pl.col("m"), pl.col("dayno")], separator="-")
    headed = headed.filter(pl.col("m").is_not_null()).select("dayno", "m", date.alias("date"), "time", "text")
    if not options.day:
        return headed
    if options.newer:
        first, last = dates(options.day, now.date(), monday=options.dow0mon)
        return headed.filter(pl.col("date").is_between(pl.lit(f"{first}"), pl.lit(f"{last}")))
    # The year is not looked at.
    day = now.date() - dt.timedelta(days=options.day == "yesterday")
    return headed.filter((pl.col("m") == f"{day.month:02d}") & (pl.col("dayno") == f"{day.day:02d}"))


def _tagged(headed: pl.DataFrame, name: str) -> pl.DataFrame:
    """The lines of Postfix: dayno, date, time, program, word, text."""
    tag = TAG.replace("{name}", f"(?:postfix|{re.escape(name)})" if name else "postfix")
    tagged = headed.with_columns(pl.col("text").str.extract_groups(tag).alias("tag")).unnest("tag")
    return tagged.filter(pl.col("word").is_not_null()).select(
        "dayno", "date", "time", pl.coalesce("program", "script").alias("program"), "word", "text"
    )
