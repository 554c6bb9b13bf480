"""`mailaudit queue`: listings of postqueue and mailq, and logs."""

from __future__ import annotations

import datetime as dt
import io
import sys
from typing import TYPE_CHECKING

import pytest

from mailaudit.commands import queue as command
from mailaudit.read.queue_listing import Waiting, is_listing, read_listing

from .conftest import POSTFIX, REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
JSON = """\
{"queue_name": "deferred", "queue_id": "4cDCnd66Hyz1XPWFF", "arrival_time": 1795000000, "message_size": 1234, \
"forced_expire": false, "sender": "a@example.com", "recipients": [{"address": "b@Example.NET", "delay_reason": \
"connect to mx.example.net[192.0.2.1]:25: Connection refused"}, {"address": "4E10@x.example"}]}
{"queue_name": "hold", "queue_id": "4E10", "arrival_time": 1795300000, "message_size": 99, "sender": "", \
"recipients": [{"address": "c@example.net", "delay_reason": "host mx.example.net[192.0.2.1] said: 451 \\u001b[2J"}]}
"""
POSTFIX_MAILQ = """\
-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
4cDCnd66Hyz1XPWFF*    1234 Fri Aug 29 22:37:25  sender@example.com
(connect to mx.example[192.0.2.1]:25: Connection refused)
                                         one@example.com
                                         two@example.com
               (host mx.example.org[192.0.2.2] said: 450 greylisted)
                                         three@example.org

ABCDEF1234!      99 Mon Nov 16 03:37:25  MAILER-DAEMON
                                         four@example.org

-- 1 Kbytes in 2 Requests.
"""
SENDMAIL_MAILQ = """\
\t\t/var/spool/mqueue (2 requests)
-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------
v4P7Hc6P011481     1234 Thu May 25 09:17 <sender@yourcompany.com>
                 (Deferred: 452 4.1.1 4.2.2 mailbox full)
\t\t\t\t\t <recipient@yourcustomer.com>
xAM0Hc6P011482*       - Sun Nov 22 00:17 MAILER-DAEMON
      8BITMIME   (host map: lookup (yourcustomer.com): deferred)
\t\t\t\t\t <other@yourcustomer.com>
\t\tTotal requests: 2
"""
EXIM_MAILQ = """\
25m  2.9K 1vE8BK-00008T-1p <a@src.example> (joe)
          b@dst.example
        D c@dst.example

 3d   329 1vE8BL-000000012ab-3CdE <> *** frozen ***
          a@src.example
"""


def read(text: str, zone: dt.tzinfo = dt.UTC) -> list[Waiting]:
    """The messages of a listing."""
    return list(read_listing(text.splitlines(), "queue", zone, NOW))


def test_exims_mailq() -> None:
    """Whoever has the mail already is left out; the id says when the message came."""
    assert is_listing(EXIM_MAILQ)
    assert read(EXIM_MAILQ) == [
        Waiting("1vE8BK-00008T-1p", "deferred", 1761752030_000_000, 2969, "a@src.example", [("b@dst.example", None)]),
        Waiting("1vE8BL-000000012ab-3CdE", "hold", 1761752031_000_000, 329, "", [("a@src.example", None)]),
    ]


def us(text: str) -> int:
    """Microseconds of an ISO moment."""
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_postqueue_json() -> None:
    """Every field of `postqueue -j`, recipients with and without a reason."""
    assert read(JSON)[0] == Waiting(
        "4cDCnd66Hyz1XPWFF",
        "deferred",
        1_795_000_000_000_000,
        1234,
        "a@example.com",
        [
            ("b@Example.NET", "connect to mx.example.net[192.0.2.1]:25: Connection refused"),
            ("4E10@x.example", None),
        ],
    )
    assert [message.queue for message in read(JSON)] == ["deferred", "hold"]


def test_mailq_of_postfix() -> None:
    """Marks, reasons before their recipients, the null sender, and the year by the day of the week."""
    first, second = read(POSTFIX_MAILQ, dt.timezone(dt.timedelta(hours=2)))

    assert (first.queue, first.size, first.arrived_us) == ("active", 1234, us("2025-08-29T22:37:25+02:00"))
    assert first.recipients == [
        ("one@example.com", "connect to mx.example[192.0.2.1]:25: Connection refused"),
        ("two@example.com", "connect to mx.example[192.0.2.1]:25: Connection refused"),
        ("three@example.org", "host mx.example.org[192.0.2.2] said: 450 greylisted"),
    ]
    assert (second.queue, second.sender, second.arrived_us) == ("hold", "", us("2026-11-16T03:37:25+02:00"))
    assert second.recipients == [("four@example.org", None)]


def test_mailq_of_sendmail() -> None:
    """The id says when it was made; a size may be missing."""
    first, second = read(SENDMAIL_MAILQ)

    assert (first.arrived_us, first.sender) == (us("2017-05-25T07:17:38+00:00"), "sender@yourcompany.com")
    assert first.recipients == [("recipient@yourcustomer.com", "Deferred: 452 4.1.1 4.2.2 mailbox full")]
    assert (second.queue, second.size) == ("active", None)
    assert second.recipients == [("other@yourcustomer.com", "host map: lookup (yourcustomer.com): deferred")]


@pytest.mark.parametrize("text", [JSON, POSTFIX_MAILQ, SENDMAIL_MAILQ, "Mail queue is empty\n"])
def test_listings_are_recognised(text: str) -> None:
    """By their first lines."""
    assert is_listing(text)


@pytest.mark.parametrize("text", ["", "Nov 22 12:00:00 mx postfix/qmgr[1]: 4E10: removed\n", '{"MESSAGE": "x"}\n'])
def test_logs_are_no_listings(text: str) -> None:
    """A log, also one of JSON lines, is none."""
    assert not is_listing(text)


@pytest.fixture
def listed(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `mailaudit queue` with a listing on standard input, at a fixed time."""
    monkeypatch.setattr(command, "now", lambda: NOW)

    def call(text: str, *arguments: object) -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode()))))
        return run("queue", "--tz", "UTC", *arguments)

    return call


def test_what_waits_by_age_destination_and_reply(listed: Callable[..., Result]) -> None:
    """Four tables from one listing."""
    result = listed(JSON, "--format", "json")
    ages = {row["age"]: row["recipients"] for row in result.rows("age")}

    assert list(result.document["tables"]) == ["age", "destination", "reply", "waiting"]
    assert {word: count for word, count in ages.items() if count} == {"4 to 24 h": 1, "over 3 days": 2}
    assert [(row["domain"], row["messages"]) for row in result.rows("destination")] == [
        ("example.net", 2),
        ("x.example", 1),
    ]
    assert result.rows("destination")[0]["last_reply"].startswith("host mx.example.net[192.0.2.1] said: 451")
    assert {row["reply"] for row in result.rows("reply")} == {
        "",
        "connect to <host>: Connection refused",
        "451 [2J",
    }


def test_the_table_for_people(listed: Callable[..., Result]) -> None:
    """Oldest first, ages in words, escapes shown."""
    assert listed(JSON, "--table", "waiting", "--columns", "queue_id,age,reply").out == (
        "Waiting, oldest first\n"
        "(recipients who wait; time: as of the listing; zone: UTC)\n"
        "queue_id                      age  reply\n"
        "-----------------  --------------  -----------------------------------------------------------\n"
        "4cDCnd66Hyz1XPWFF   4 d 53 m 20 s  connect to mx.example.net[192.0.2.1]:25: Connection refused\n"
        "4cDCnd66Hyz1XPWFF   4 d 53 m 20 s\n"
        "4E10               13 h 33 m 20 s  host mx.example.net[192.0.2.1] said: 451 \\x1b[2J\n"
    )


def test_an_empty_queue_is_empty(listed: Callable[..., Result]) -> None:
    """Nothing waits; that is an answer."""
    result = listed("Mail queue is empty\n", "--table", "waiting")

    assert result.code == 0
    assert "(none)" in result.out


def test_a_log_says_what_was_open_at_its_end(run: Callable[..., Result]) -> None:
    """The same tables from a log; they agree with `log`."""
    still_open = run("log", "--format", "json", "--status", "deferred,pending,held", POSTFIX).rows("log")
    waiting = run("queue", "--format", "json", "--table", "waiting", POSTFIX).rows("waiting")

    assert {(row["queue_id"], row["recipient"]) for row in still_open} <= {
        (row["queue_id"], row["recipient"]) for row in waiting
    }
    assert all(row["age"] >= 0 for row in waiting)


def test_a_notice_without_a_line_of_its_own_is_not_known_to_wait(run: Callable[..., Result]) -> None:
    """RealSender's logs tell that one was written, and never what became of any."""
    assert run("queue", "--format", "json", REALSENDER).rows("waiting") == []


EMPTIED = """\
Nov  3 10:00:00 mx postfix/smtpd[10]: 4A1B2C3D4E: client=a.example[192.0.2.1]
Nov  3 10:00:00 mx postfix/qmgr[12]: 4A1B2C3D4E: from=<a@a.example>, size=100, nrcpt=1 (queue active)
Nov  3 10:00:01 mx postfix/smtp[13]: 4A1B2C3D4E: to=<b@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, \
status=deferred (connect to b.example[192.0.2.9]:25: Connection timed out)
Nov  3 10:05:00 mx postfix/postsuper[99]: Deleted: 12 messages
"""


def test_a_queue_that_was_emptied_may_not_be_what_the_log_says(run: Callable[..., Result], tmp_path: Path) -> None:
    """`postsuper -d ALL` names none of what it deletes."""
    log = tmp_path / "mail.log"
    log.write_text(EMPTIED)

    result = run("queue", log)

    assert "b@b.example" in result.out
    assert f"{log}:4: 12 messages were deleted by postsuper, which names none" in result.err


def test_a_broken_listing_is_an_error_with_its_line(run: Callable[..., Result], tmp_path: Path) -> None:
    """Exit code 3, file and line."""
    path = tmp_path / "queue.json"
    path.write_text(JSON + '{"queue_id": \n')
    result = run("queue", path)

    assert result.code == 3
    assert f"{path}:3" in result.err
