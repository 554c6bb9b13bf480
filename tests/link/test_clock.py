"""The clock finds year and UTC offset of stamps that lack them."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.link.logs import FIXTURES, NOW, dates, facts, frame, read, text, us
from tests.model_reference import samples, syslog

from mailaudit.link.anchors import Neighbour
from mailaudit.link.clock import Clock
from mailaudit.link.survey import survey

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


def _sendmail(host: str, hours: int, minute: int) -> str:
    """A line whose id says 2017-05-30 04:MM:00 UTC, by the clock of a host so many hours east."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
    wall = f"{4 + hours:02}:{minute:02}:01"
    return f"May 30 {wall} {host} sm-mta[1]: v4U4{digits[minute]}0{minute:08}: from=<a@b.example>, size=1"


@pytest.mark.parametrize(("hours", "expected"), [(2, []), (8, [("east", 28800)])])
def test_hosts_of_several_zones_are_told(hours: int, expected: list[tuple[str, int]]) -> None:
    """One clock serves a whole log: who is elsewhere has wrong times, and that is said."""
    lines = [_sendmail(*host, minute) for minute in range(40) for host in (("mx", 2), ("mx", 2), ("east", hours))]
    clock = Clock(facts())
    clock.advance(survey(frame(lines), us(NOW) / 1e6))

    assert clock.elsewhere() == expected


def test_complete_stamps_stay() -> None:
    """Nothing is decided where nothing is missing."""
    times, decision = read([frame(["2026-01-02T03:04:05+01:00 mx postfix/qmgr[1]: x"])], facts())

    assert [us(datetime.fromisoformat("2026-01-02T02:04:05+00:00"))] == times
    assert (decision.year, decision.offset_s, decision.confidence) == (2026, None, "certain")


def _plain(*stamps: str) -> list[str]:
    return [f"{stamp} mx postfix/qmgr[1]: x" for stamp in stamps]


def test_a_log_longer_than_thought_is_read_again() -> None:
    """Compressed or streamed, the first block seems to be of the last year possible until the year turns."""
    blocks = [
        frame(_plain("Feb  1 10:00:00", "Jul  1 10:00:00")),
        frame(_plain("Jan 15 10:00:00", "Mar  1 10:00:00"), 3),
    ]

    times, decision = read(blocks, facts(mtime_us=us(datetime.fromisoformat("2025-03-01T10:00:01+00:00"))))

    assert [datetime.fromtimestamp(time / 1e6, UTC).year for time in times] == [2024, 2024, 2025, 2025]
    assert (decision.year, decision.confidence) == (2025, "low")


def test_ids_in_a_later_block_overrule_the_file_time() -> None:
    """What was read before them is read again."""
    ids = [f"May 31 06:26:2{n} rs sm-mta[1]: v4V4QK1K03002{n}: from=<a@b.example>, size=1" for n in range(4)]

    times, decision = read([frame(_plain("May 30 06:00:00")), frame(ids, 2)], facts())

    assert us(datetime.fromisoformat("2017-05-30T06:00:00+02:00")) == times[0]
    assert (decision.year, decision.offset_s, decision.confidence) == (2017, 7200, "high")


def test_several_years_in_one_block() -> None:
    """A sparse log turns the year several times; one id somewhere tells which years."""
    lines = _plain("Feb  3 10:00:00", "Nov  3 10:00:00", "Feb 20 11:00:00", "Jan  3 11:00:00")
    lines.append("Jan  3 11:00:05 mx sm-mta[1]: 303B050x000021: from=<a@b.example>, size=1")
    lines += _plain("Dec 31 23:59:59", "Jan  1 00:00:01")

    assert [found[:4] for found in dates(lines)] == ["2021", "2021", "2022", "2023", "2023", "2023", "2024"]


def test_an_excursion_of_a_wrong_clock_is_no_new_year() -> None:
    """A few lines far ahead, and on as before: the year goes on too."""
    lines = _plain("Jun  1 10:00:00", "Jun  1 10:00:01", "Nov  5 10:00:00", "Jun  1 10:00:02", "Jun  1 10:00:03")

    assert {"2026-06-01", "2026-11-05"} == {found[:10] for found in dates(lines)}


def test_the_file_before_it_tells_year_and_offset() -> None:
    """A quiet file of a rotated set has no evidence of its own."""
    before = Neighbour(us(datetime.fromisoformat("2019-12-31T22:00:00+00:00")), 7200, "high")
    times, decision = read([frame(_plain("Jan  1 00:30:00"))], facts(before=before))

    assert [us(datetime.fromisoformat("2020-01-01T00:30:00+02:00"))] == times
    assert (decision.year, decision.offset_s, decision.confidence) == (2020, 7200, "medium")


def test_stamps_that_become_complete_date_those_before() -> None:
    """A syslog daemon was told to write the year: the lines above have one too."""
    lines = [*_plain("Dec 31 23:59:00"), "2020-01-01T00:10:00+00:00 mx postfix/qmgr[1]: x"]

    assert dates(lines) == ["2019-12-31 23:59:00", "2020-01-01 00:10:00"]


@pytest.mark.parametrize("queue_id", ["v694QK1K03002{n}", "vA14QK1K03002{n}", "zA14QK1K03002{n}", "BABABABABA"])
def test_ids_of_anonymised_logs_may_disagree(queue_id: str) -> None:
    """Ids that are months older than their lines, or no ids at all, decide nothing."""
    lines = [f"Dec 15 06:26:2{n} rs sm-mta[1]: {queue_id.format(n=n)}: from=<a@b.example>, size=1" for n in range(4)]

    _, decision = read([frame(lines)], facts(mtime_us=us(datetime.fromisoformat("2019-12-15T06:26:23+00:00"))))

    assert (decision.year, decision.confidence) == (2019, "low")


def test_old_ids_tell_the_offset_if_several_agree() -> None:
    """Deliveries only, the receptions are in a file that is gone: the freshest ids count, old ones never do."""
    lines = [
        "May 31 06:26:30 rs sm-mta[1]: v4V0QK1K030020: to=<a@b.example>, delay=04:00:10, stat=Deferred",
        "May 31 06:26:31 rs sm-mta[1]: v4V4QL1K030027: to=<a@b.example>, delay=00:00:10, stat=Sent (ok)",
        "May 31 06:28:32 rs sm-mta[1]: v4V4SM1K030028: to=<a@b.example>, delay=00:00:10, stat=Sent (ok)",
    ]
    _, fresh = read([frame(lines)], facts())
    _, old = read([frame(lines[:1])], facts())

    assert (fresh.year, fresh.offset_s, fresh.confidence) == (2017, 7200, "medium")
    assert (old.year, old.offset_s, old.confidence) == (2017, 0, "low")


def test_the_repeated_hour_shows_as_a_step_back_only() -> None:
    """After the last id the clock goes back by an hour, as it does in the zones of that offset at that instant."""
    ids = [f"Nov  3 00:0{n}:00 mx sm-mta[1]: 4A34{n}000000021: from=<a@b.example>, size=1" for n in range(4)]
    lines = ids + _plain("Nov  3 01:30:00", "Nov  3 01:59:00", "Nov  3 01:00:00", "Nov  3 01:30:00", "Nov  3 03:00:00")

    assert dates(lines)[4:] == [
        "2024-11-03 05:30:00",
        "2024-11-03 05:59:00",
        "2024-11-03 06:00:00",
        "2024-11-03 06:30:00",
        "2024-11-03 08:00:00",
    ]


def test_hosts_of_several_zones_in_one_file_do_not_make_the_clock_jump() -> None:
    """Where lines of two offsets alternate, the one that most lines have is taken."""
    lines = []
    for minute in range(50):
        lines.append(
            f"Jun 10 12:{minute:02}:01 mx sm-mta[1]: 65AA{_CHARS[minute]}100000021: from=<a@b.example>, size=1"
        )
        lines.append(
            f"Jun 10 15:{minute:02}:02 my sm-mta[1]: 65AA{_CHARS[minute]}200000021: from=<a@b.example>, size=1"
        )
    _, decision = read([frame(lines[1:])], facts())

    assert decision.offsets == (18_000,)


_CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"


def test_lines_in_no_order_are_dated_all_the_same() -> None:
    """Not later than the evidence allows, and without reading them again and again."""
    months = ["Mar", "Nov", "Jan", "Sep", "Dec", "Feb", "Jul"] * 20
    times, _ = read(
        [frame(_plain(*(f"{month} {day % 28 + 1:2} 10:00:00" for day, month in enumerate(months))))], facts()
    )

    assert {2025, 2026} == {datetime.fromtimestamp(time / 1e6, UTC).year for time in times}
    assert max(times) <= us(NOW) + 86_400_000_000


def test_a_host_whose_clock_is_an_hour_off_costs_nothing_but_disorder() -> None:
    """Its lines alternate with those of the others."""
    lines = [
        f"Jun 10 {12 + number % 2}:{number // 60 % 60:02}:{number % 60:02} mx postfix/qmgr[1]: x"
        for number in range(3000)
    ]

    found = dates(lines * 2)

    assert [line[7:15] for line in lines * 2] == [text[11:] for text in found]
    assert {"2026-06-10"} == {text[:10] for text in found}


@pytest.mark.parametrize(("year", "expected"), [(2025, [2025, 2026]), (2026, [2025, 2026]), (2019, [2019, 2020])])
def test_year_means_the_first_line_unless_it_cannot(year: int, expected: list[int]) -> None:
    """Of a log across New Year, both years may be meant: the lines tell, or else what would lie in the future."""
    stamps = _plain("Dec 31 12:00:00", "Jan  1 12:00:00")
    ids = ["Dec 31 12:00:01 mx sm-mta[1]: 5BVC01x0000021: from=<a@b.example>, size=1"]

    assert expected == [int(found[:4]) for found in dates(stamps, year=year)]
    assert expected == [int(found[:4]) for found in dates([stamps[0], *ids, stamps[1]], year=year)][::2]
