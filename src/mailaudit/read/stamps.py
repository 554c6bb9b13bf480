"""Time stamps of log lines: found in one line by a pattern, then read from a whole column by position.

All lines of a log have the same kind of stamp, so the pattern runs over a few lines only. What it finds (how wide the
date is, how many digits a fraction has, which zone) says where the digits are in all the others; eight characters at a
time are checked and converted as one 64-bit integer, which costs a few milliseconds for a block of 16 MB.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from mailaudit.model import years
from mailaudit.model.times import DAY, SECOND

LEAP_YEAR = 2000
"""The year that stands for an unknown one; a leap year, so that Feb 29 exists."""

_RUNS = 50
"""Lines a run of equal dates has at least, on average, where dates are read by runs."""

_NANOSECONDS = 9
"""Digits of the fraction that tai64nlocal writes."""

_SHAPES = 12
"""Shapes of stamps in one column: Go's RFC3339Nano drops final zeros, which makes ten."""

UTC, NO_ZONE, NO_YEAR = 0, 1, 2
"""`floating`: µs of UTC; wall clock read as if it were UTC; the same, in the year 2000."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen janv jän",
            "feb fev fév févr",
            "mar mär mrz mrt mars março",
            "apr abr avr avril",
            "may mai mag maj mei maio",
            "jun giu juin juni",
            "jul lug juil juli",
            "aug ago août aoû",
            "sep sept set",
            "oct okt ott out",
            "nov",
            "dec dez dic déc des",
        ),
        start=1,
    )
    for name in names.split()
}
"""English month names, and those that scripts with another locale write."""

ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3}
"""Hours east of UTC for zone names that mean one thing; all others (EST, IST, CST …) are left to the clock."""

_FARTHEST = 16 * 60
"""Minutes from UTC that no zone ever had (Manila was at -15:56 until 1844)."""

_TAI_WIDTH = 25
"""`@` and 24 hexadecimal digits: seconds and nanoseconds of TAI64N (multilog)."""
_TAI_LAST = 1 << 32
_TAI_EPOCH = 10
"""TAI64 counts from 1970 in TAI, ten seconds ahead of UTC then; the clocks that it is made from know no leap seconds.

<https://cr.yp.to/daemontools/tai64n.html>
"""

STAMP = re.compile(
    r"(?P<tai>@4[0-9a-f]{23})(?= )"
    r"|(?P<unix>\d{9,10})(?:\.(?P<unixfraction>\d{1,9}))(?= )"
    r"|(?P<date>(?P<weekday>[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d"
    r"|(?:\d{4} )?[^\W\d_]{3,5}\.? (?: ?\d|\d\d)(?: \d{4})?)"
    r"[T ]\d\d:\d\d:\d\d(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d| [+-]\d{4}(?= )|(?(weekday) (?:[A-Z]{1,5}|[+-]\d\d(?:\d\d)?)(?= )))?(?=[ :]|$)"
)


LIKELY = (
    r"(?:<(?:\d{1,3}|[a-z0-9]+\.[a-z]+)>(?:1 )?)?(?:[A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d[ .,]"
    r"|\d{4} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d[ .,]|(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)"
)
"""Beginning of text that is worth a look for a stamp of its own although the wrapper around it has one."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where the parts of a stamp are: what all lines of one shape have in common."""

    date: int
    """Characters of the date; 0 for seconds since 1970."""
    fraction: int
    zone: str
    floating: int
    unix: int = 0
    """Digits of the seconds since 1970."""
    like_exim: bool = False
    """True for `2026-01-02 03:04:05`, which Exim writes into its own files and others to syslog."""
    multilog: bool = False
    """True for TAI64N and for what tai64nlocal makes of it: no host and mostly no program follows."""

    @property
    def tai(self) -> bool:
        """True for TAI64N itself."""
        return self.multilog and not self.date

    @property
    def seconds(self) -> int:
        """Characters up to the fraction."""
        if self.tai:
            return _TAI_WIDTH
        return self.unix or (self.date + 9 if self.date else 0)

    @property
    def width(self) -> int:
        """Characters of the whole stamp."""
        return self.seconds + (self.fraction + 1 if self.fraction else 0) + len(self.zone)


NONE = Stamp(0, 0, "", UTC)
"""No stamp at all: the wrapper around the line has one."""


def find(line: str) -> Stamp | None:
    """The shape of the stamp that the line begins with."""
    found = STAMP.match(line)
    if not found:
        return None
    if found["tai"]:
        return Stamp(0, 0, "", UTC, multilog=True)
    if found["unix"]:
        return Stamp(0, len(found["unixfraction"]), "", UTC, len(found["unix"]))
    date, zone = found["date"], found["zone"] or ""
    floating = UTC if offset(zone) is not None else NO_ZONE
    if floating == NO_ZONE and not re.search(r"\d{4}", date):
        floating = NO_YEAR
    if day(date) is None:
        return None
    plain = len(date) == len("2026-01-02") and date[4] == "-" and line[len(date)] == " "
    digits = len(found["fraction"] or "")
    local = plain and digits == _NANOSECONDS and not zone
    return Stamp(len(date), digits, zone, floating, like_exim=plain and not local, multilog=local)


def offset(zone: str) -> int | None:
    """µs east of UTC; None if the text does not say."""
    zone = zone.strip()
    if zone in ZONES:
        return ZONES[zone] * 3600 * SECOND
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", zone)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes >= _FARTHEST:
        return None
    return minutes * 60 * SECOND * (-1 if found[1] == "-" else 1)


@lru_cache(maxsize=4096)
def day(text: str) -> int | None:
    """µs of the midnight that a date names (in LEAP_YEAR if it names no year); None if there is no such day."""
    year, month, number = LEAP_YEAR, 0, 0
    if found := re.fullmatch(r"(?:[A-Z][a-z]{2} )?(\d{4})-(\d\d)-(\d\d)", text, re.ASCII):
        year, month, number = int(found[1]), int(found[2]), int(found[3])
    elif found := re.fullmatch(r"(?:(\d{4}) )?([^\W\d_]+)\.? +(\d{1,2})(?: (\d{4}))?", text):
        year = int(found[1] or found[4] or LEAP_YEAR)
        month, number = MONTHS.get(found[2].casefold(), 0), int(found[3])
    if not years.FIRST <= year <= years.LAST:
        return None
    try:
        return (dt.date(year, month, number) - dt.date(1970, 1, 1)).days * DAY
    except ValueError:
        return None


def read(line: pl.Series, stamp: Stamp) -> pl.Series:
    """µs of each line's stamp, null where it has not this shape. What follows the fraction is not looked at."""
    if not stamp.width:
        return pl.repeat(None, len(line), dtype=pl.Int64, eager=True).rename("time_us")
    if not stamp.fraction:  # many lines have the second of the line before
        text = line.to_frame("text").select_seq(pl.col("text").str.slice(0, stamp.width))
        turns = text.select_seq(_TURNS).to_series()
        if turns.sum() * 3 < len(line) * 2:
            return _read(text.filter(turns)["text"], stamp)[turns.cast(pl.UInt32).cum_sum() - 1]
    return _read(line, stamp)


_TURNS = (pl.col("text") != pl.col("text").shift()).fill_null(value=True)
"""Whether a text is not that of the line before."""


def _read(line: pl.Series, stamp: Stamp) -> pl.Series:
    if stamp.tai:
        return _read_tai(line)
    text = pl.col("line")
    parts = {} if stamp.unix else {"date": text.str.slice(0, stamp.date), "clock": _word(text, stamp.date + 1)}
    if stamp.fraction:
        parts["fraction"] = _word(text, _fraction_start(stamp))
    if stamp.unix:
        parts["unix"] = text.str.slice(0, stamp.unix)
    frame = line.to_frame("line").select(**parts)
    time = pl.col("unix").cast(pl.Int64, strict=False) * SECOND if stamp.unix else _days(frame["date"]) + _time_of_day()
    if stamp.fraction:
        time = time + _fraction(stamp)
    east = offset(stamp.zone)
    return frame.select(time_us=time - east if east else time)["time_us"]


def _read_tai(line: pl.Series) -> pl.Series:
    """µs of UTC; the first digit is that of 2^62."""
    text = pl.col("line")
    seconds = text.str.slice(2, 15).str.to_integer(base=16, strict=False)
    nanos = text.str.slice(17, 8).str.to_integer(base=16, strict=False)
    well = text.str.contains("^@4[0-9a-f]{23}") & (seconds < _TAI_LAST) & (nanos < SECOND * 1000)
    time = (seconds - _TAI_EPOCH) * SECOND + nanos // 1000
    return line.to_frame("line").select(time_us=pl.when(well).then(time))["time_us"]


def time_of(line: str) -> tuple[int, int, int] | None:
    """µs, `floating` and width of the stamp of one line; None if it has none. For a few lines: slow."""
    stamp = find(line)
    if not stamp:
        return None
    if stamp.tai:
        return (int(line[2:17], 16) - _TAI_EPOCH) * SECOND + int(line[17:25], 16) // 1000, stamp.floating, stamp.width
    digits = line[stamp.seconds + 1 : stamp.seconds + 1 + stamp.fraction]
    fraction = int(digits[:6].ljust(6, "0")) if digits else 0
    if stamp.unix:
        seconds = int(line[: stamp.unix])
    else:
        hour, minute, second = (int(part) for part in line[stamp.date + 1 : stamp.date + 9].split(":"))
        seconds = (day(line[: stamp.date]) or 0) // SECOND + hour * 3600 + minute * 60 + second
    return seconds * SECOND + fraction - (offset(stamp.zone) or 0), stamp.floating, stamp.width


def read_any(text: pl.Series) -> pl.Series:
    """µs of UTC of texts that are stamps with a zone in one of a few shapes; null for all others."""
    time = pl.repeat(None, len(text), dtype=pl.Int64, eager=True).rename("time_us")
    open_ = text.str.contains(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$").fill_null(value=False)
    for _ in range(_SHAPES):
        first = open_.arg_max()
        stamp = find(text[first]) if first is not None and open_[first] else None
        if not stamp or stamp.floating != UTC:
            break
        mine = open_ & (text.str.len_chars() == stamp.width) & text.str.ends_with(stamp.zone)
        found = pl.DataFrame([time, read(text, stamp).rename("found"), mine.rename("mine")])
        time = found.select(time_us=pl.when("mine").then("found").otherwise("time_us")).to_series()
        open_ &= ~mine
    return time


def _days(date: pl.Series) -> pl.Expr:
    """A block has few days, and they come in runs, so each run is read once."""
    turns = date.to_frame("text").select_seq(_TURNS).to_series()
    first = date.filter(turns)
    if len(first) > len(date) // _RUNS:
        texts = date.drop_nulls().unique().to_list()
        return pl.col("date").replace_strict(texts, [day(text) for text in texts], default=None, return_dtype=pl.Int64)
    days = pl.Series([None if text is None else day(text) for text in first], dtype=pl.Int64)
    return pl.lit(days[turns.cast(pl.UInt32).cum_sum() - 1])


def _time_of_day() -> pl.Expr:
    """µs since midnight of the column `clock`, which must read 99:99:99."""
    clock = pl.col("clock")
    pairs = _digits("99:99:99", clock)
    pairs = pairs * 10 + pairs // 256
    hour, minute, second = pairs & 0xFF, (pairs // (1 << 24)) & 0xFF, (pairs // (1 << 48)) & 0xFF
    sensible = (hour < 24) & (minute < 60) & (second <= 60)  # noqa: PLR2004 - 60 is a leap second
    seconds = (hour * 3600 + minute * 60 + second).cast(pl.Int64)
    return pl.when(_reads("99:99:99", clock) & sensible).then(seconds * SECOND)


def _fraction_start(stamp: Stamp) -> int:
    """Where the word with the fraction begins: it ends with the sixth digit, or with the last if there are fewer."""
    return stamp.seconds + 1 + min(stamp.fraction, 6) - 8


def _fraction(stamp: Stamp) -> pl.Expr:
    """µs of the column `fraction`, which must end with a point or comma and up to six digits."""
    digits = min(stamp.fraction, 6)
    pattern, word = "9" * digits, pl.col("fraction")
    pattern = "?" * (8 - digits) + pattern
    value = _digits(pattern, word)
    # the eight decimal digits of a word, added up pairwise: 8 bytes, 4 pairs, 2 fours, 1 number
    value = ((value * 10) + (value // 256)) & _u64(0x00FF00FF00FF00FF)
    value = ((value * 100) + (value // (1 << 16))) & _u64(0x0000FFFF0000FFFF)
    value = ((value * 10_000) + (value // (1 << 32))) & _u64(0x00000000FFFFFFFF)
    point = (word // (1 << (8 * (7 - digits)))) & 0xFF
    well = _reads(pattern, word) & point.is_in([ord("."), ord(",")])
    return pl.when(well).then(value.cast(pl.Int64) * 10 ** (6 - digits))


def _word(text: pl.Expr, start: int) -> pl.Expr:
    """Eight characters as a little-endian integer; null where there are not eight, or not of one byte each."""
    return text.str.slice(start, 8).cast(pl.Binary).bin.reinterpret(dtype=pl.UInt64, endianness="little")


def _mask(pattern: str, digit: int, other: int | None = None) -> int:
    """A word with `digit` for each 9 of the pattern, 0 for each ?, and `other` (or itself) for all other characters."""
    values = (digit if char == "9" else 0 if char == "?" else ord(char) if other is None else other for char in pattern)
    return int.from_bytes(bytes(values), "little")


def _reads(pattern: str, word: pl.Expr) -> pl.Expr:
    """True where the word has a digit for each 9, anything for each ?, and all else as the pattern has it."""
    shape = (word & _u64(_mask(pattern, 0xF0, 0xFF))) == _u64(_mask(pattern, 0x30))
    over_nine = (_digits(pattern, word) + _u64(_mask(pattern, 0x06, 0))) & _u64(_mask(pattern, 0xF0, 0))
    return shape & (over_nine == 0)


def _digits(pattern: str, word: pl.Expr) -> pl.Expr:
    """The word with the value of each digit in its byte and 0 in all other bytes."""
    return word & _u64(_mask(pattern, 0x0F, 0))


def _u64(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
