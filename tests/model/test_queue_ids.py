"""Queue ids tell when they were made."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime

import pytest

from mailaudit.model import queue_ids
from mailaudit.model.queue_ids import exim_time, long_postfix_time, sendmail_time

NOW = 1_800_000_000  # January 2027


def _utc(seconds: float | None) -> str:
    assert seconds is not None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_the_examples_in_the_docstrings_hold() -> None:
    """What the module says of real ids is so."""
    results = doctest.testmod(queue_ids)

    assert (results.failed, results.attempted) == (0, 3)


@pytest.mark.parametrize(
    ("queue_id", "expected"),
    [
        ("v4V4QL1K030027", "2017-05-31 04:26:21"),
        ("v4V6w3jN001390", "2017-05-31 06:58:03"),
        ("v4V80L9Z004176", "2017-05-31 08:00:21"),
        ("v4VEHCk6017038", "2017-05-31 14:17:12"),
        ("v4VEHFk5017041", "2017-05-31 14:17:15"),
        ("v4PAhZw1019212", "2017-05-25 10:43:35"),
        ("v4PAhcw0019217", "2017-05-25 10:43:38"),
        ("v4P7Hc6P011481", "2017-05-25 07:17:38"),
        ("v4PBPko0020848", "2017-05-25 11:25:46"),
        ("j21K3E6S012639", "2005-03-01 20:03:14"),
        ("5BR7hJxA000207", "2025-12-27 07:43:19"),
        ("5BR7hJxA1000207", "2025-12-27 07:43:19"),
    ],
)
def test_sendmail_ids_hold_utc(queue_id: str, expected: str) -> None:
    """Year modulo 60, month, day and time stand in the first six characters."""
    assert expected == _utc(sendmail_time(queue_id, NOW))


def test_a_sendmail_year_is_the_last_possible_one() -> None:
    """The same character means a year of every sixty; ids are not from the future."""
    assert _utc(sendmail_time("601000xx000001", NOW)) == "2026-01-01 00:00:00"
    assert _utc(sendmail_time("601000xx000001", 1_700_000_000)) == "1966-01-01 00:00:00"


@pytest.mark.parametrize(
    "queue_id", ["vC14QL1K030027", "v504QL1K030027", "v41u", "3E06E12011A", "61T000xx000001", "BABABABABA", ""]
)
def test_what_is_no_sendmail_id_has_no_time(queue_id: str) -> None:
    """A thirteenth month, a day 0 or 29 February of a common year are no dates."""
    assert sendmail_time(queue_id, NOW) is None


@pytest.mark.parametrize(
    ("queue_id", "expected"),
    [
        ("3mPVKl0Mhjz7sXv", "2015-07-05 12:52:11"),
        ("4cDCnd66Hyz1XPWFF", "2025-08-29 22:37:25"),
        ("4dcbxC3KbgzMp55", "2025-12-25 17:54:55"),
    ],
)
def test_long_postfix_ids_hold_utc(queue_id: str, expected: str) -> None:
    """Unix seconds in base 52, before microseconds and the inode."""
    assert expected == _utc(long_postfix_time(queue_id))


@pytest.mark.parametrize("queue_id", ["3E06E12011A", "812502822A4", "v4V4QL1K030027", "z", "zzzzzzzzzzzzzzz", ""])
def test_what_is_no_long_postfix_id_has_no_time(queue_id: str) -> None:
    """Short ids hold no seconds."""
    assert long_postfix_time(queue_id) is None


@pytest.mark.parametrize(
    ("queue_id", "expected"),
    [
        ("1Ov4tU-0000Nz-Rm", "2010-09-13 09:00:08"),
        ("1vDxxs-00002Q-18", "2025-10-29 04:39:16"),
        ("1tGxAB-000000012ab-3CdE", "2024-11-29 09:19:47"),
    ],
)
def test_exim_ids_hold_utc(queue_id: str, expected: str) -> None:
    """Unix seconds in base 62, in ids before and since 4.97."""
    assert expected == _utc(exim_time(queue_id))


def test_what_is_no_exim_id_has_no_time() -> None:
    """The three groups have fixed lengths."""
    assert exim_time("1Ov4tU-0000Nz") is None
