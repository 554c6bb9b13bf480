"""The words in which people name a time."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from mailaudit.commands.dates import as_of, moment
from mailaudit.errors import UsageError

ROME = zoneinfo.ZoneInfo("Europe/Rome")
NOW = dt.datetime(2026, 5, 20, 13, 45, 30, tzinfo=ROME)
"""A Wednesday."""


def local(text: str, now: dt.datetime = NOW, zone: dt.tzinfo = ROME) -> str:
    """The moment as a clock of the zone shows it, with its offset."""
    return (
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=moment(text, zone, now)))
        .astimezone(zone)
        .isoformat()
    )


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("today", "2026-05-20T00:00:00+02:00"),
        ("Yesterday", "2026-05-19T00:00:00+02:00"),
        ("now", "2026-05-20T13:45:30+02:00"),
        ("monday", "2026-05-18T00:00:00+02:00"),
        ("wednesday", "2026-05-20T00:00:00+02:00"),
        ("last monday", "2026-05-18T00:00:00+02:00"),
        ("last wednesday", "2026-05-13T00:00:00+02:00"),
        ("this week", "2026-05-18T00:00:00+02:00"),
        ("last week", "2026-05-11T00:00:00+02:00"),
        ("this month", "2026-05-01T00:00:00+02:00"),
        ("last month", "2026-04-01T00:00:00+02:00"),
        ("last year", "2025-01-01T00:00:00+01:00"),
        ("this hour", "2026-05-20T13:00:00+02:00"),
        ("2026", "2026-01-01T00:00:00+01:00"),
        ("2026-05", "2026-05-01T00:00:00+02:00"),
        ("2026-W21", "2026-05-18T00:00:00+02:00"),
        ("2026-w21-3", "2026-05-20T00:00:00+02:00"),
        ("2026-05-31", "2026-05-31T00:00:00+02:00"),
        ("20260531", "2026-05-31T00:00:00+02:00"),
        ("2026-05-31 09:00", "2026-05-31T09:00:00+02:00"),
        ("2026-05-31T09:00:01Z", "2026-05-31T11:00:01+02:00"),
        ("2026-05-31T09:00+05:30", "2026-05-31T05:30:00+02:00"),
        ("09:30", "2026-05-20T09:30:00+02:00"),
        ("48h", "2026-05-18T13:45:30+02:00"),
        ("90 minutes ago", "2026-05-20T12:15:30+02:00"),
        ("3 days ago", "2026-05-17T13:45:30+02:00"),
        ("14d", "2026-05-06T13:45:30+02:00"),
        ("2 weeks", "2026-05-06T13:45:30+02:00"),
        ("1 month ago", "2026-04-20T13:45:30+02:00"),
        ("31 May 2026 9am", "2026-05-31T09:00:00+02:00"),
        ("May 3", "2026-05-03T00:00:00+02:00"),
    ],
)
def test_a_phrase_names_a_beginning(text: str, begin: str) -> None:
    """Each phrase means its first moment in the zone of the report."""
    assert begin == local(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("yestreday", "yesterday"),
        ("last wek", "last week"),
        ("2026-13", "write it"),
        ("2026-W60", "write it"),
        ("soonish", "write it"),
    ],
)
def test_what_is_no_time_is_told_with_a_hint(text: str, hint: str) -> None:
    """The nearest known phrase, or how to write one."""
    with pytest.raises(UsageError) as caught:
        moment(text, ROME, NOW)

    assert hint in (caught.value.hint or "")


def test_days_of_summer_time_are_days() -> None:
    """A day ago is the same time of day; 24 hours ago is an hour off when the clocks went forward."""
    now = dt.datetime(2026, 3, 29, 12, 0, tzinfo=ROME)

    assert local("1 day ago", now) == "2026-03-28T12:00:00+01:00"
    assert local("24h", now) == "2026-03-28T11:00:00+01:00"


def test_an_hour_that_never_was_is_moved_on() -> None:
    """02:30 does not exist when clocks jump from 02:00 to 03:00."""
    assert local("2026-03-29 02:30") == "2026-03-29T03:30:00+02:00"


def test_an_hour_that_occurs_twice_is_the_first() -> None:
    """So `--since` leaves nothing out."""
    assert local("2026-10-25 02:30") == "2026-10-25T02:30:00+02:00"


def test_a_day_without_midnight_begins_with_its_first_hour() -> None:
    """Where summer time begins at midnight, the day begins at one."""
    assert local("2018-11-04", zone=zoneinfo.ZoneInfo("America/Sao_Paulo")) == "2018-11-04T01:00:00-02:00"


def test_the_last_day_of_a_shorter_month() -> None:
    """A month before 31 May is 30 April."""
    now = dt.datetime(2026, 5, 31, 8, 0, tzinfo=ROME)

    assert local("1 month ago", now) == "2026-04-30T08:00:00+02:00"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2026-05-18", "2026-05-18T23:59:59.999999+02:00"),
        ("20260518", "2026-05-18T23:59:59.999999+02:00"),
        ("2026-03-29", "2026-03-29T23:59:59.999999+02:00"),
        ("2026-05-18 09:00", "2026-05-18T09:00:00+02:00"),
        ("yesterday", "2026-05-19T00:00:00+02:00"),
        ("end", "2026-05-10T09:00:00+02:00"),
    ],
)
def test_as_of(text: str, last: str) -> None:
    """A day is known to its end, the logs to their last line, all else up to the moment itself."""
    ends_us = int(dt.datetime(2026, 5, 10, 9, tzinfo=ROME).timestamp()) * 1_000_000
    found = as_of(text, ROME, NOW, ends_us)

    assert (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=found)).astimezone(
        ROME
    ).isoformat() == last


def test_as_of_the_end_of_nothing() -> None:
    """Where no line has a time, the end is now."""
    assert as_of("end", ROME, NOW, None) == int(NOW.timestamp()) * 1_000_000
