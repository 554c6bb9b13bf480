"""Exim's lines on their way into a log: its own files, syslog, rejectlog."""

from __future__ import annotations

import pytest

from mailaudit.model.times import SECOND
from mailaudit.read.blocks import Block
from mailaudit.read.heads import Heads, heads
from mailaudit.read.lines import lines

ID = "1vE8BK-00008T-1p"
WALL = 1767323045 * SECOND  # 2026-01-02 03:04:05


def read(*text: str) -> Heads:
    """The heads of a few lines."""
    return heads(lines(Block(0, 0, "".join(f"{line}\n" for line in text).encode(), 1, 0)))


@pytest.mark.parametrize(
    ("stamp", "time_us", "floating", "pid"),
    [
        ("2026-01-02 03:04:05", WALL, 1, None),
        ("2026-01-02 03:04:05.250", WALL + SECOND // 4, 1, None),
        ("2026-01-02 03:04:05 +0100", WALL - 3600 * SECOND, 0, None),
        ("2026-01-02 03:04:05.250 -0500 [71]", WALL + SECOND // 4 + 5 * 3600 * SECOND, 0, "71"),
    ],
)
def test_a_line_of_its_own_file(stamp: str, time_us: int, floating: int, pid: str | None) -> None:
    """Milliseconds, zone and process id are there where they were asked for."""
    (row,) = read(f"{stamp} {ID} Completed").frame.rows(named=True)

    assert (row["time_us"], row["floating"], row["host"], row["tag"], row["pid"], row["body"]) == (
        time_us,
        floating,
        None,
        "exim",
        pid,
        f"{ID} Completed",
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{ID} H=[192.0.2.1]: Connection refused",
        f'{ID} "a[12]: b"@dst.example: error ignored',
        "no host name found for IP address 192.0.2.1",
        "H=[192.0.2.1] F=<> rejected RCPT <a@b>: no: postfix/smtpd[1]: x",
    ],
)
def test_its_text_is_no_head(text: str) -> None:
    """A text that looks like host, program and process id is a text."""
    (row,) = read(f"2026-01-02 03:04:05 {text}").frame.rows(named=True)

    assert (row["tag"], row["body"]) == ("exim", text)


def test_syslog_stamps_it_again() -> None:
    """The stamp and the process id that Exim puts before each entry are no part of what it says."""
    frame = read(
        f"Jan  2 03:04:05 mx1 exim[71]: 2026-01-02 03:04:05.250 +0100 [71] {ID} Completed",
        f"Jan  2 03:04:05 mx1 exim[72]: {ID} Completed",
    ).frame

    assert frame["body"].to_list() == [f"{ID} Completed"] * 2


def test_long_entries_are_put_together() -> None:
    """Pieces of one process follow each other, whatever others write between them; headers are left out."""
    found = read(
        "Jan  2 03:04:05 mx1 exim[71]: [1/3] 2026-01-02 03:04:05 " + ID + " H=[192.0.2.1] F=<> rejected af",
        "Jan  2 03:04:05 mx1 exim[72]: " + ID + " Completed",
        "Jan  2 03:04:05 mx1 exim[71]: [2\\3] ter DATA: no",
        "Jan  2 03:04:05 mx1 exim[71]: [3/3] F From: a@b.example",
        "Jan  2 03:04:06 mx1 exim[71]: [1/2] one ",
        "Jan  2 03:04:06 mx1 exim[71]: [2/2] two",
    )

    assert found.frame["body"].to_list() == [
        f"{ID} H=[192.0.2.1] F=<> rejected after DATA: no",
        f"{ID} Completed",
        "one two",
    ]
    assert found.skipped.rows() == [(3, "joined"), (4, "joined"), (6, "joined")]


def test_what_goes_to_rejectlog_is_sent_twice() -> None:
    """What a process sends again at once is one line; what it says twice is sent four times."""
    line = "Jan  2 03:04:05 mx1 exim[71]: H=[192.0.2.1] F=<> rejected RCPT <a@b.example>: no"
    found = read(line, line, line, line, line.replace("[71]", "[72]"))

    assert found.frame["no"].to_list() == [1, 3, 5]
    assert found.skipped["kind"].to_list() == ["again", "again"]


def test_its_own_file_has_each_entry_once() -> None:
    """There, what stands twice was said twice."""
    line = "2026-01-02 03:04:05 [71] H=[192.0.2.1] F=<> rejected RCPT <a@b.example>: no"

    assert read(line, line).frame.height == 2


HEADERS = (
    "Envelope-from: <a@b.example>",
    "Envelope-to: <c@d.example>",
    "    <e@f.example>",
    "P Received: from x",
    "\tby y",
    "F From: <a@b.example>",
    "  X-Header: 2026-01-02",
    "* Deleted: x",
)


def test_headers_follow_a_refusal() -> None:
    """Lines of the message that was refused are known for what they are."""
    found = read(f"2026-01-02 03:04:05 {ID} H=[192.0.2.1] F=<> rejected after DATA: no", *HEADERS)

    assert found.rest.is_empty()
    assert found.skipped["kind"].to_list() == ["header"] * len(HEADERS)


@pytest.mark.parametrize(
    "before", [f"2026-01-02 03:04:05 {ID} Completed", "Jan  2 03:04:05 mx1 postfix/qmgr[9]: 4E10: removed rejected"]
)
def test_headers_follow_nothing_else(before: str) -> None:
    """Behind any other line they are left over."""
    assert read(before, *HEADERS).rest.height == len(HEADERS)


def test_headers_whose_refusal_was_read_before() -> None:
    """Where mainlog is read, too, what rejectlog repeats of it is left out, and its headers are headers still."""
    block = Block(0, 0, "\n".join(["2026-01-02 03:04:05 x rejected", *HEADERS, ""]).encode(), 1, 0)

    found = heads(lines(block)[1:])

    assert (found.rest.height, found.skipped.height) == (0, len(HEADERS))


def test_a_second_line_about_the_configuration() -> None:
    """Exim puts it on a line of its own."""
    found = read(
        "2026-01-02 03:04:05 Warning: purging the environment.",
        " Suggested action: use keep_environment.",
        " Suggested action: another",
    )

    assert (found.skipped["no"].to_list(), found.rest["no"].to_list()) == ([2], [3])
