"""`mailaudit log`, `events` and `--raw` on a real Postfix log, and on a hostile one."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.effort import examples

from .conftest import POSTFIX, REALSENDER, SENDMAIL, log_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

LINES = (
    "Feb  2 00:00:14 mx1 postfix/smtpd[1433]: 4E10000001: client=evil[192.0.2.1]\n"
    "Feb  2 00:00:14 mx1 postfix/cleanup[3619]: 4E10000001: message-id=<=1+1@evil>\n"
    "Feb  2 00:00:14 mx1 postfix/qmgr[2685]: 4E10000001: from=<=cmd@evil.example>, size=1, nrcpt=1 (queue active)\n"
    "Feb  2 00:00:15 mx1 postfix/smtp[7502]: 4E10000001: to=<a@b.example>, relay=mx.b.example[192.0.2.2]:25, delay=1, "
    "delays=0.1/0/0.4/0.5, dsn=5.7.1, status=bounced (host mx.b.example[192.0.2.2] said: 550 5.7.1 Access denied. "
    "[prod.protection.outlook.com] [/x] \x1b[2J\u202e (in reply to RCPT TO command))\n"
    "Feb  2 00:00:15 mx1 postfix/qmgr[2685]: 4E10000001: removed\n"
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A log whose sender and remote server mean no good."""
    path = tmp_path / "mail.log"
    path.write_text(LINES)
    return path


@pytest.mark.parametrize("form", ["table", "csv", "jsonl", "json", "markdown"])
def test_hostile_text_reaches_nobodys_terminal(run: Callable[..., Result], hostile: Path, form: str) -> None:
    """No format sends an escape or a bidirectional control; brackets are not eaten."""
    result = run("log", "--year", "2026", "--format", form, hostile)

    assert result.code == 0
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out
    assert "prod.protection.outlook.com" in result.out
    assert "/x" in result.out


def test_ids_and_formulas_stay_text(run: Callable[..., Result], hostile: Path) -> None:
    """A queue id that looks like a number, a sender that looks like a formula."""
    row = next(csv.DictReader(io.StringIO(run("log", "--year", "2026", "--format", "csv", hostile).out)))

    assert (row["queue_id"], row["sender"], row["message_id"]) == ("4E10000001", "=cmd@evil.example", "=1+1@evil")
    assert "4E10000001" in run("log", "--year", "2026", hostile).out


def test_raw_lines_are_the_lines(run: Callable[..., Result], hostile: Path) -> None:
    """In a pipe, byte for byte."""
    assert run("log", "--raw", "--year", "2026", hostile).out == LINES


def test_log_has_the_columns_of_the_contract() -> None:
    """All of them, in order, with times in UTC and open ones without an end."""
    rows = log_rows(POSTFIX)

    assert " ".join(rows[0]) == (
        "queue_id queue_ids message_id sender recipient original_recipient submitted_at finished_at outcome status "
        "attempts smtp_code enhanced_status reply relay_host category type host source"
    )
    assert rows == sorted(rows, key=lambda row: row["submitted_at"])
    assert all(row["submitted_at"].endswith("Z") for row in rows)
    assert all(row["finished_at"] is None for row in rows if row["outcome"] in {"deferred", "pending", "held"})
    assert {row["source"] for row in rows} == {"postfix"}


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        (["--status", "bounced,expired"], lambda row: row["status"] in {"bounced", "expired"}),
        (["--status", "bounced", "--status", "expired"], lambda row: row["status"] in {"bounced", "expired"}),
        (["--domain", "gmail.com"], lambda row: row["recipient"].endswith("@gmail.com")),
        (["--domain", ".example"], lambda row: row["recipient"].endswith(".example")),
        (["--sender", "HR@"], lambda row: "hr@" in row["sender"]),
        (["--sender", "@news.meadow.example"], lambda row: row["sender"].endswith("@news.meadow.example")),
        (["--recipient", "anna"], lambda row: "anna" in row["recipient"] + str(row["original_recipient"])),
        (["--code", "4.x"], lambda row: row["enhanced_status"].startswith("4.")),
        (["--code", "55x"], lambda row: 550 <= row["smtp_code"] <= 559),
        (["--text", "USER UNKNOWN"], lambda row: "user unknown" in row["reply"].lower()),
        (["--relay", "outlook"], lambda row: "outlook" in row["relay_host"]),
        (["--status", "bounced", "--domain", "gmail.com"], lambda row: row["status"] == "bounced"),
    ],
)
def test_filters_keep_what_they_say(
    run: Callable[..., Result], options: list[str], holds: Callable[[dict[str, object]], bool]
) -> None:
    """A filter keeps all rows for which it holds, and only those; several are joined by and."""
    every = log_rows(POSTFIX)
    kept = run("log", "--format", "json", *options, POSTFIX).rows("log")

    assert kept
    assert len(kept) < len(every)
    assert all(holds(row) for row in kept)
    if len(options) == 2:
        needed = {"4.x": "enhanced_status", "55x": "smtp_code", "outlook": "relay_host", "USER UNKNOWN": "reply"}
        assert kept == [row for row in every if row[needed.get(options[1], "recipient")] is not None and holds(row)]


def test_since_is_included_and_until_is_not(run: Callable[..., Result]) -> None:
    """Two ranges that touch share no row and lose none."""
    every = log_rows(POSTFIX)
    border = every[len(every) // 2]["submitted_at"]
    before = run("log", "--format", "json", "--until", border, POSTFIX).rows("log")
    after = run("log", "--format", "json", "--since", border, POSTFIX).rows("log")

    assert before + after == every
    assert after[0]["submitted_at"] == border


def test_last_rows_come_in_order(run: Callable[..., Result]) -> None:
    """`--last 30` is the end of the list, all of it also in text."""
    every = log_rows(POSTFIX)

    assert run("log", "--format", "json", "--last", "30", POSTFIX).rows("log") == every[-30:]
    assert len(run("log", "--last", "30", POSTFIX).out.splitlines()) == 34


def test_refusals_and_notices_come_when_asked_for(run: Callable[..., Result]) -> None:
    """Each option only adds rows."""
    plain = log_rows(POSTFIX)
    rejects = run("log", "--format", "json", "--include-rejects", POSTFIX).rows("log")
    notices = run("log", "--format", "json", "--include-notices", POSTFIX).rows("log")
    hops = run("log", "--format", "json", "--no-collapse", POSTFIX).rows("log")

    assert Counter(row["outcome"] for row in rejects)["rejected"] > Counter(row["outcome"] for row in plain)["rejected"]
    assert sum(row["sender"] == "" for row in notices) > sum(row["sender"] == "" for row in plain)
    assert len(hops) > len(plain)
    assert [row for row in rejects if row in plain] == plain


def test_a_range_outside_the_log_is_said(run: Callable[..., Result]) -> None:
    """An empty answer says where the log lies."""
    result = run("log", "--since", "2030-01-01", POSTFIX)

    assert result.code == 0
    assert "(none)" in result.out
    assert "the logs run from 2024-10-30" in result.err


def test_events_state_each_fact_once(run: Callable[..., Result]) -> None:
    """Counts of words equal those of the log itself; each event names its line."""
    events = [json.loads(line) for line in run("events", "--format", "jsonl", POSTFIX).out.splitlines()]
    lines = gzip.decompress(POSTFIX.read_bytes()).decode().splitlines()
    words = Counter(event["event"] for event in events)

    assert words["deferred"] == sum("status=deferred" in line for line in lines)
    assert words["expired"] == sum("status=expired" in line for line in lines)
    for event in events[:200]:
        assert event.get("queue_id", "NOQUEUE") in lines[event["line"] - 1]
    assert events == sorted(events, key=lambda event: event["time"])


def test_attempts_are_numbered(run: Callable[..., Result]) -> None:
    """For each message and recipient from 1 on, attempts only."""
    events = [json.loads(line) for line in run("events", "--format", "jsonl", POSTFIX).out.splitlines()]
    numbers: dict[tuple[str, str], list[int]] = {}
    for event in events:
        if "attempt" in event:
            numbers.setdefault((event["queue_id"], event["recipient"]), []).append(event["attempt"])

    assert max(map(len, numbers.values())) > 5
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


@pytest.mark.parametrize("path", [POSTFIX, SENDMAIL, REALSENDER], ids=["postfix", "sendmail", "realsender"])
def test_trace_agrees_with_log(run: Callable[..., Result], path: Path) -> None:
    """Reading only a message's own lines tells the same of it as reading everything."""
    every = log_rows(path)
    ids = [row["queue_id"] for row in every if row["queue_id"]]
    for queue_id in dict.fromkeys(ids[:: max(1, len(ids) // examples(6))]):
        told = {
            (row["recipient"], row["outcome"], row["finished_at"], row["attempts"], row["reply"])
            for row in run("trace", queue_id, "--format", "json", path).rows("recipients")
            if row["message"] == queue_id
        }
        logged = {
            (row["recipient"], row["outcome"], row["finished_at"], row["attempts"], row["reply"])
            for row in every
            if row["queue_id"] == queue_id
        }

        assert logged <= told


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_gets_what_fits_it(hostile: Path, width: int) -> None:
    """On a terminal: colours of ours, no escapes of the log's, every line within the width, nothing cut off."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm"}
    command = [sys.executable, "-m", "mailaudit", "log", "--year", "2026", str(hostile)]
    subprocess.run(command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=environment, check=True)
    os.close(slave)
    text = b"".join(iter(lambda: _available(master), b"")).decode()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)

    assert "\x1b[1m" in text
    assert "\x1b" not in plain
    assert "\u202e" not in plain
    assert all(len(line) <= width for line in plain.splitlines())
    squeezed = "".join(plain.split())
    assert "[prod.protection.outlook.com][/x]\\x1b[2J\\u202e(inreplytoRCPTTOcommand)" in squeezed


def _available(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""


def test_few_and_many_ids_find_the_same_lines(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Searching for each id, and looking at every line, are two ways to one answer."""
    searched = run("log", "--raw", "--last", "20", POSTFIX).out
    monkeypatch.setattr("mailaudit.originals.FEW", 0)

    assert searched
    assert run("log", "--raw", "--last", "20", POSTFIX).out == searched


def test_raw_lines_of_all_mail_hold_each_delivery_once(run: Callable[..., Result]) -> None:
    """Every status line of users' mail is there, in the order of the file."""
    lines = gzip.decompress(POSTFIX.read_bytes()).decode().splitlines()
    shown = run("log", "--raw", "--include-notices", "--include-rejects", POSTFIX).out.splitlines()

    assert [line for line in shown if "status=" in line] == [line for line in lines if "status=" in line]
    assert [line for line in shown if "NOQUEUE: reject:" in line] == [
        line for line in lines if "NOQUEUE: reject:" in line
    ]
