"""Files of one rotated set have one clock: what only a later file tells of the offset counts for the ones before it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from mailaudit import flow, lookup
from mailaudit.model.request import Request
from mailaudit.records import records

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
SENT = "relay=mx.example[203.0.113.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"
MAIL = """\
Sep 21 19:43:22 mx postfix/smtpd[9]: 4F1A2B3C01: client=c.example[192.0.2.7]
Sep 21 19:43:22 mx postfix/cleanup[9]: 4F1A2B3C01: message-id=<m1@src.example>
Sep 21 19:43:22 mx postfix/qmgr[9]: 4F1A2B3C01: from=<a@src.example>, size=100, nrcpt=1 (queue active)
"""
LATER = f"""\
Sep 21 19:43:24 mx postfix/smtp[9]: 4F1A2B3C01: to=<b@dst.example>, {SENT}
Sep 21 19:43:24 mx postfix/qmgr[9]: 4F1A2B3C01: removed
"""
NOTICE = """\
Sep 21 19:43:26 mx postfix/cleanup[9]: 5D3BC252A46: message-id=<20260921141326.5D3BC252A46@mx.example>
Sep 21 19:43:26 mx postfix/qmgr[9]: 5D3BC252A46: from=<>, size=1031, nrcpt=1 (queue active)
"""
BEGUN = 1_790_000_002_000_000
"""19:43:22 in India (µs of UTC)."""


@pytest.fixture
def rotated(tmp_path: Path) -> Request:
    """Three files, of which only the last holds a date with its offset: in the Message-ID of a notice."""
    for name, text in (("mail.log.2", MAIL), ("mail.log.1", LATER), ("mail.log", NOTICE)):
        (tmp_path / name).write_text(text)
    return Request(paths=(str(tmp_path),), now=NOW)


def test_the_oldest_files_take_the_offset_that_a_later_one_tells(rotated: Request) -> None:
    """They are no less of that server because they hold no notice."""
    with flow.read(rotated) as run:
        times = run.engine.rows("select submitted_us, finished_us - submitted_us from recipients where role = 'user'")

    assert times == [(BEGUN, 2_000_000)]
    assert [report.offset for report in run.inputs] == ["+05:30"] * 3


def test_so_they_do_where_one_mail_is_looked_up(rotated: Request) -> None:
    """`trace` dates it as `log` does."""
    with lookup.read_about(rotated, "4F1A2B3C01") as run:
        assert run.engine.rows("select submitted_us from recipients") == [(BEGUN,)]


def test_so_they_do_where_single_lines_are_listed(rotated: Request) -> None:
    """`records` dates them as the others do."""
    first = next(records(rotated))

    assert first["time_us"] == BEGUN


def test_an_offset_that_was_told_stays(rotated: Request) -> None:
    """`--input-tz` is beyond doubt."""
    told = Request(paths=rotated.paths, now=NOW, input_tz=dt.UTC)
    with flow.read(told) as run:
        times = run.engine.rows("select submitted_us from recipients where role = 'user'")

    assert times == [(BEGUN + 19_800_000_000,)]
