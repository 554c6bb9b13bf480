"""Numbers, dates and names beyond all measure: a clear answer or a clear mistake, never a failure of the program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .maillog import Mail, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

HUGE = "99999999999999999999999"
MAIL = Mail(0)
LINES = (
    "postfix/smtpd[1]: {id}: client=a[192.0.2.1]",
    "postfix/qmgr[3]: {id}: from=<a@a.example>, size=100, nrcpt=1 (queue active)",
    "postfix/smtp[4]: {id}: to=<b@c.example>, relay=mx[192.0.2.2]:25, delay=1, dsn=2.0.0, status=sent (250 ok)",
    "postfix/qmgr[3]: {id}: removed",
)
ABSURD = (
    "9999-12-31T23:59:59.999999-12:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "0000-01-01T00:00:00Z",
    "2026-13-45T99:99:99Z",
    "Dec 31 9999 23:59:59",
    "9999 Dec 31 23:59:59",
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with one message."""
    return write(tmp_path_factory.mktemp("absurd") / "mail.log", [MAIL])


@pytest.mark.parametrize(
    "arguments",
    [
        ("log", "--limit", HUGE),
        ("log", "--last", HUGE),
        ("log", "--days", HUGE),
        ("log", "--days", "3000000"),
        ("log", "--year", "9999"),
        ("log", "--since", "0001-01-01", "--tz", "+14:00"),
        ("log", "--until", "9999-12-31T23:59:59-12:00"),
        ("trace", ""),
    ],
)
def test_what_cannot_be_meant_is_a_mistake(run: Callable[..., Result], log: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 2 and a sentence."""
    done = run(*arguments, log)

    assert done.code == 2, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("log",),
        ("stats",),
        ("stats", "--compare", "previous"),
        ("summary",),
        ("report",),
        ("investigate",),
        ("retries",),
    ],
)
def test_a_range_of_all_the_time_there_is(run: Callable[..., Result], log: Path, arguments: tuple[str, ...]) -> None:
    """`0001-01-01` to `9999-12-31` is what other programs write for no range at all."""
    done = run(*arguments, "--since", "0001-01-01", "--until", "9999-12-31", log)

    assert done.code == 0, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "--weekly", "--as-of", "0001-01-02"),
        ("summary", "--monthly", "--as-of", "0001-01-02"),
        ("summary", "--weekly", "--as-of", "9999-12-31"),
        ("suppressions", "--as-of", "9999-12-31"),
        ("notify", "--day", "9999-12-31"),
        ("notify", "--day", "0001-01-01"),
    ],
)
def test_a_moment_at_the_edge_of_the_calendar(
    run: Callable[..., Result], log: Path, arguments: tuple[str, ...]
) -> None:
    """There is a day before and after every moment that can be named."""
    done = run(*arguments, log)

    assert done.code == 0, done.err


def test_until_1970_with_days_is_an_empty_range(run: Callable[..., Result], log: Path) -> None:
    """The first moment of 1970 is a moment, and not none."""
    done = run("log", "--days", 3, "--until", "1970-01-01", "--tz", "UTC", log)

    assert done.code == 2
    assert "the range is empty" in done.err


@pytest.mark.parametrize(
    ("command", "memory"), [("log", "0"), ("log", "1K"), ("log", "192M"), ("events", "0"), ("stats", "0")]
)
def test_little_memory_is_as_much_as_it_needs(run: Callable[..., Result], command: str, memory: str) -> None:
    """Asked for less than a run needs, it takes that much."""
    from .conftest import SENDMAIL  # noqa: PLC0415 (with thousands of lines)

    done = run(command, "--memory", memory, "--limit", 1, SENDMAIL)

    assert done.code == 0, done.err


def test_an_empty_path_is_not_the_present_directory(run: Callable[..., Result]) -> None:
    """`mailaudit log "$LOG"` with LOG unset says so."""
    done = run("log", "")

    assert done.code == 3
    assert "unset" in done.err


@pytest.mark.parametrize("command", ["stats", "log", "events", "records", "summary", "health", "inspect"])
@pytest.mark.parametrize("zone", ["+14:00", "-12:00"])
def test_stamps_of_years_without_mail_are_counted_and_left_out(
    run: Callable[..., Result], tmp_path: Path, command: str, zone: str
) -> None:
    """A line from the year 9999 is one that was not understood."""
    path = tmp_path / "mail.log"
    stamps = ("2026-01-05T10:00:00Z", *ABSURD)
    path.write_text(
        "".join(f"{at} mx {line}\n".format(id=f"4E10{n:06X}") for n, at in enumerate(stamps) for line in LINES)
    )

    done = run(command, "--format", "json", *(("--tz", zone) if command != "records" else ()), path)

    (read,) = done.document["inputs"]
    assert done.code == 3
    assert (read["lines"], read["parsed"], read["unparsed"]) == (32, 4, 28)


def test_an_offset_that_no_zone_has_moves_nothing(run: Callable[..., Result], tmp_path: Path) -> None:
    """`+99:99` is not four days."""
    path = tmp_path / "mail.log"
    path.write_text("".join(f"2026-01-05T10:00:00+99:99 mx {line}\n".format(id="4E10000001") for line in LINES))

    done = run("log", "--input-tz", "UTC", "--format", "json", path)

    assert [row["submitted_at"] for row in done.rows("log")] == ["2026-01-05T10:00:00Z"]


@pytest.mark.parametrize("at", [10**30, 1e400, float("nan"), 253402300799, -(10**15), "9" * 5000, "9999-12-31", [], {}])
def test_numbers_without_end_in_records(run: Callable[..., Result], tmp_path: Path, at: object) -> None:
    """No record of an export breaks the reading of the others."""
    record = {
        "email": "a@b.example", "event": "delivered", "timestamp": 1772438462,
        "sg_event_id": "x", "sg_message_id": "y.filter.0", "response": "250 ok",
    }  # fmt: skip
    path = tmp_path / "events.jsonl"
    absurd = [
        {**record, field: at, "sg_event_id": field, "sg_message_id": f"{field}.filter.0"}
        for field in ("timestamp", "status", "attempt")
    ]
    other = {**record, "sg_event_id": "z", "sg_message_id": "w.filter.0"}
    path.write_text("\n".join(json.dumps(each) for each in (*absurd, other)) + "\n")

    done = run("events", "--format", "json", path)

    assert "Traceback" not in done.err
    assert done.document["inputs"][0]["lines"] == 4
    assert "w.filter.0" in [row["provider_message_id"] for row in done.rows("events")]


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 2026 00:00:00 +9999", "nonsense", "\x1b[31m"]
)
def test_a_mail_without_a_date_is_read_all_the_same(run: Callable[..., Result], tmp_path: Path, date: str) -> None:
    """A bounce whose date says nothing still says who was not reached, whatever is asked of it."""
    path = tmp_path / "bounce.eml"
    path.write_text(
        f"From: MAILER-DAEMON@mx.example\nTo: a@a.example\nDate: {date}\nSubject: Undelivered Mail\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nsorry\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; dead@c.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b--\n"
    )

    for command in ("stats", "log", "events", "inspect", "bounces", "suppressions", "queue"):
        done = run(command, path)

        assert done.code == 0, (command, done.err)
        assert "no mail in this line" not in done.err, command


@pytest.mark.parametrize(
    "fields",
    [
        {"arrival_time": 10**30},
        {"arrival_time": float("inf")},
        {"arrival_time": -(10**15)},
        {"message_size": 10**30},
        {"recipients": [{"address": "c@d.example", "delay_reason": 5}]},
        {"recipients": [{"address": "c@d.example", "delay_reason": {"a": 1}}]},
    ],
)
def test_a_queue_listing_with_nonsense(run: Callable[..., Result], tmp_path: Path, fields: dict[str, object]) -> None:
    """It is shown as far as it makes sense, or refused with the line."""
    entry = {
        "queue_name": "deferred", "queue_id": "ABCDEF1234", "arrival_time": 1767607200, "message_size": 1,
        "sender": "a@b.example", "recipients": [{"address": "c@d.example", "delay_reason": "x"}],
    }  # fmt: skip
    path = tmp_path / "queue.json"
    path.write_text(json.dumps({**entry, **fields}) + "\n")

    done = run("queue", path)

    assert "Traceback" not in done.err
    assert done.code == 0 or f"{path}:1" in done.err


def test_a_clock_that_no_day_has_in_a_queue_listing(run: Callable[..., Result], tmp_path: Path) -> None:
    """Such a mail waits since nobody knows when."""
    path = tmp_path / "mailq.txt"
    path.write_text("ABCDEF1234*   100 Fri Feb 27 25:61:61  a@b.example\n(busy)\n       c@d.example\n")

    done = run("queue", "--table", "waiting", "--format", "json", path)

    assert [row["arrived"] for row in done.rows("waiting")] == [None]


def test_a_failure_of_the_program_is_as_clean_as_its_answers(
    run: Callable[..., Result], log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback may quote a log; what steers a terminal is shown as an escape there, too."""
    from mailaudit.commands import log as module  # noqa: PLC0415

    def fail(*_: object, **__: object) -> None:
        raise ValueError("\x1b[31mred")

    monkeypatch.setattr(module, "session", fail)
    done = run("log", log)

    assert done.code == 3
    assert "\\x1b[31mred" in done.err
    assert "\x1b" not in done.err


@pytest.mark.parametrize(
    ("times", "refused"), [(3, 4), (200_000, 200_001), (200_001, 2), (4_294_967_295, 2), (int(HUGE), 2)]
)
def test_repetitions_are_believed_up_to_a_measure(
    run: Callable[..., Result], tmp_path: Path, times: int, refused: int
) -> None:
    """A line may claim any number: one that cannot be counts once, and a warning says so."""
    path = tmp_path / "mail.log"
    path.write_text(
        "Feb  3 10:00:02 mx1 postfix/smtpd[7]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <b@x.example>: "
        "Relay access denied; from=<a@y.example> to=<b@x.example> proto=SMTP helo=<x>\n"
        f"Feb  3 10:00:03 mx1 last message repeated {times} times\n"
    )

    said = run("stats", "--table", "own_rejects", "--format", "json", "--year", "2026", path)

    assert [row["refused"] for row in said.rows("own_rejects")] == [refused]
    assert any(warning["kind"] == "lost" for warning in said.document["warnings"]) == (refused == 2)
