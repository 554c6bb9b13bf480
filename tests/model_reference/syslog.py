"""Syslog heads: `Feb  3 06:26:22 host tag[pid]: text`, the same with RFC 3339 stamps, and lines without a tag."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}

OLD = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d) (?P<host>\S+) (?P<rest>.*)", re.DOTALL
)
ISO = re.compile(
    r"(?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) (?P<host>\S+) (?P<rest>.*)", re.DOTALL
)
TAG = re.compile(r"(?P<tag>[^\s\[:]+)(?:\[(?P<pid>\d+)\])?: ?(?P<body>.*)", re.DOTALL)

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(slots=True)
class Line:
    """One log line whose head was understood. Times are microseconds of UTC."""

    number: int
    offset: int
    time_us: int
    host: str
    tag: str
    body: str


class LocalClock:
    """Turns stamps without year and zone into UTC: the year of the first line and the zone are told, not guessed.

    A step back of more than half an hour and at most one is the end of summer time; `fold` is of no effect elsewhere.
    """

    def __init__(self, year: int, zone: str) -> None:
        self.year = year
        self.zone = zoneinfo.ZoneInfo(zone)
        self.previous: dt.datetime | None = None
        self.fold = 0

    def utc_us(self, month: int, day: int, clock: str) -> int:
        """The instant of a stamp, given that stamps come in the order of the file."""
        hour, minute, second = (int(part) for part in clock.split(":"))
        second = min(second, 59)
        wall = dt.datetime(self.year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes below
        if self.previous is not None:
            days = (wall - self.previous).days
            if days < -180:
                self.year += 1
                wall = wall.replace(year=self.year)
            elif days > 180:
                wall = wall.replace(year=self.year - 1)
            if dt.timedelta(minutes=30) < self.previous - wall <= dt.timedelta(hours=1):
                self.fold = 1
        self.previous = wall
        local = wall.replace(tzinfo=self.zone, fold=self.fold)
        return (local - EPOCH) // MICROSECOND


def read_bytes(path: Path) -> bytes:
    """The bytes of a log, unpacked if they are gzip."""
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def lines(data: bytes, year: int, zone: str = "UTC") -> Iterator[Line]:
    """Every line with a head, in order; a line without one is passed over."""
    clock = LocalClock(year, zone)
    offset = 0
    for number, raw in enumerate(data.split(b"\n"), 1):
        start, offset = offset, offset + len(raw) + 1
        text = raw.decode("utf-8", "replace").rstrip("\r")
        head = ISO.match(text)
        if head:
            time_us = (dt.datetime.fromisoformat(head["stamp"]) - EPOCH) // MICROSECOND
        else:
            head = OLD.match(text)
            if not head or head["month"] not in MONTHS:
                continue
            time_us = clock.utc_us(MONTHS[head["month"]], int(head["day"]), head["clock"])
        tag = TAG.match(head["rest"])
        if tag:
            yield Line(number, start, time_us, head["host"], tag["tag"], tag["body"])
