"""The clock finds year and UTC offset of stamps that lack them."""

from __future__ import annotations

import gzip
import json
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.link.logs import FIXTURES, dates, facts, frame, read, text, us
from tests.model_reference import samples, syslog

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_nine_ids_of_the_realsender_page_agree() -> None:
    """All of them say 2017 and UTC+02:00, though the excerpts of 31 May stand before those of 25 May."""
    times, decision = read([frame(text("sendmail/realsender-excerpts"))], facts())

    assert decision.reason == "year 2017 (from 9 queue ids), offset +02:00 (from 9 queue ids)"
    assert (decision.year, decision.offset_s, decision.confidence) == (2017, 7200, "high")
    assert {2017} == {int(1970 + time / 31_556_952_000_000) for time in times}


@pytest.mark.parametrize("sample", [samples.NEW_YEAR, samples.SENDMAIL_NEW_YEAR], ids=lambda sample: sample.case)
@pytest.mark.parametrize("size", [100_000, 1_000])
def test_every_line_across_new_year_gets_its_year_from_ids(sample: samples.Sample, size: int) -> None:
    """The decision needs nothing but the lines, whole or in blocks."""
    expected = [line.time_us for line in syslog.lines(sample.data(), sample.year, sample.zone)]
    lines = text(sample.case)
    blocks = [frame(lines[start : start + size], start + 1) for start in range(0, len(lines), size)]

    times, decision = read(blocks, facts())

    assert expected == times
    assert (decision.year, decision.offset_s, decision.confidence) == (2026, -18_000, "high")


@pytest.mark.parametrize("size", [100_000, 700])
def test_the_hour_that_occurs_twice_is_resolved(size: int) -> None:
    """Short queue ids hold no time; Message-IDs of notices, Gmail's replies and delays do. The truth says the same."""
    lines = text("postfix/summer-time-ends")
    truth = json.loads(gzip.decompress((FIXTURES / "postfix/summer-time-ends/truth.json.gz").read_bytes()))
    submitted = {message["id"]: message["submitted"] for message in truth["messages"]}
    blocks = [frame(lines[start : start + size], start + 1) for start in range(0, len(lines), size)]

    times, decision = read(blocks, facts())

    gaps = []
    for line, time in zip(lines, times, strict=True):
        match = re.search(r" message-id=<(s\d+)\.", line)
        if match and match[1] in submitted:
            gaps.append(time / 1e6 - submitted[match[1]])
    assert len(gaps) > 400
    assert all(-2 <= gap < 1800 for gap in gaps), [gap for gap in gaps if not -2 <= gap < 1800]
    assert (decision.year, decision.confidence, decision.offsets) == (2024, "medium", (-18_000, -14_400))


def test_without_evidence_the_last_line_is_not_in_the_future() -> None:
    """A December line read in November is of the year before."""
    lines = ["Nov 21 10:00:00 mx postfix/smtpd[1]: connect from a[192.0.2.1]", "Nov 28 10:00:00 mx postfix/smtpd[1]: x"]

    assert dates(lines) == ["2025-11-21 10:00:00", "2025-11-28 10:00:00"]
    assert dates(lines[:1]) == ["2026-11-21 10:00:00"]


def test_new_year_within_a_file_without_evidence() -> None:
    """Lines in disorder around midnight keep their own year."""
    stamps = ["Dec 31 23:59:58", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01"]

    found = dates([f"{stamp} mx postfix/qmgr[1]: x" for stamp in stamps])

    assert found == ["2025-12-31 23:59:58", "2026-01-01 00:00:00", "2025-12-31 23:59:59", "2026-01-01 00:00:01"]


def test_leap_day_fixes_a_leap_year() -> None:
    """29 February is of the last leap year, whatever the file's time says."""
    lines = ["Feb 28 10:00:00 mx postfix/qmgr[1]: x", "Feb 29 10:00:00 mx postfix/qmgr[1]: x"]

    assert dates(lines) == ["2024-02-28 10:00:00", "2024-02-29 10:00:00"]
    assert dates([*lines, "Mar  1 10:00:00 mx postfix/qmgr[1]: x"])[:2] == [
        "2024-02-28 10:00:00",
        "2024-02-29 10:00:00",
    ]


def test_the_date_in_a_file_name_is_the_day_of_rotation() -> None:
    """The last line is not later than that day; the file's time does not matter then."""
    lines = ["Dec 28 06:00:00 mx postfix/qmgr[1]: x", "Jan  4 03:00:00 mx postfix/qmgr[1]: x"]

    assert dates(lines, named_date=date(2019, 1, 4)) == ["2018-12-28 06:00:00", "2019-01-04 03:00:00"]
    assert dates(lines[:1], named_date=date(2018, 1, 4)) == ["2017-12-28 06:00:00"]


def test_the_time_of_the_file_is_that_of_its_last_line() -> None:
    """Unless it was written just now: then it may have been copied."""
    lines = ["Jun  5 06:00:00 mx postfix/qmgr[1]: x"]

    assert dates(lines, mtime_us=us(datetime.fromisoformat("2021-06-05T06:00:01+00:00"))) == ["2021-06-05 06:00:00"]
    assert dates(lines, mtime_us=us(datetime.fromisoformat("2026-11-22T21:59:59+00:00"))) == ["2026-06-05 06:00:00"]


def test_options_win() -> None:
    """`--year` and `--input-tz` are believed against ids."""
    lines = ["May 31 06:26:22 rs336 v4V4QL1K030027: from=a@b.example"]
    times, decision = read([frame(lines)], facts(year=2019, zone=ZoneInfo("Asia/Tokyo")))

    assert [us(datetime.fromisoformat("2019-05-31T06:26:22+09:00"))] == times
    assert (
        decision.confidence,
        decision.zone,
        decision.reason,
    ) == ("certain", "Asia/Tokyo", "year 2019 (as told), offset +09:00 (as told)")


def test_the_local_zone_is_taken_if_nothing_tells_the_offset() -> None:
    """With low confidence, and with its rules."""
    lines = ["Mar 29 01:59:59 mx postfix/qmgr[1]: x", "Mar 29 03:00:00 mx postfix/qmgr[1]: x"]
    times, decision = read([frame(lines)], facts(local=BERLIN))

    assert times[1] - times[0] == 1_000_000
    assert (decision.confidence, decision.zone, decision.offset_s) == ("low", "Europe/Berlin", 7200)


def test_complete_stamps_stay() -> None:
    """Nothing is decided where nothing is missing."""
    times, decision = read([frame(["2026-01-02T03:04:05+01:00 mx postfix/qmgr[1]: x"])], facts())

    assert [us(datetime.fromisoformat("2026-01-02T02:04:05+00:00"))] == times
    assert (decision.year, decision.offset_s, decision.confidence) == (2026, None, "certain")
