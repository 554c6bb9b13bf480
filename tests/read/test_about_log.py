"""What the log says about itself, and lines that a runtime split."""

from __future__ import annotations

import pytest
from tests.read.test_heads import read

REJECT = "postfix/smtpd[5]: NOQUEUE: reject: RCPT from x"


def body(number: int, *texts: str) -> tuple[object, ...]:
    """Host, tag, pid, body and repeat of one line."""
    frame = read(*texts).frame
    return frame.filter(frame["no"] == number).select("host", "tag", "pid", "body", "repeat").row(0)


def test_last_message_repeated() -> None:
    """The line gets what it repeats: the previous line of the same host."""
    texts = (
        f"Jan  2 03:04:05 mx1 {REJECT}",
        "Jan  2 03:04:05 mx2 postfix/qmgr[7]: 4E10AB: removed",
        "Jan  2 03:04:06 mx1 last message repeated 3 times",
        "Jan  2 03:04:06 mx1 last message repeated 4 times",
    )

    assert body(3, *texts) == ("mx1", "postfix/smtpd", "5", REJECT[17:].lstrip(": "), 3)
    assert body(4, *texts) == ("mx1", "postfix/smtpd", "5", REJECT[17:].lstrip(": "), 4)
    assert body(2, *texts)[-1] is None


@pytest.mark.parametrize(
    "line",
    [
        "Jan  2 03:04:06 mx1 postfix/smtpd[5]: last message repeated 3 times",
        "Jan  2 03:04:06  postfix/smtpd[5]: last message repeated 3 times",
        "Jan  2 03:04:06 mx1 syslogd: last message repeated 3 times",
        "Jan  2 03:04:06 last message repeated 3 times",
        "Jan  2 03:04:06 --- last message repeated 3 times ---",
        "Jan  2 03:04:06: --- last message repeated 3 times ---",
    ],
)
def test_last_message_repeated_as_others_write_it(line: str) -> None:
    """With the program's name, syslogd's own, or none, and without the host."""
    result = read("Jan  2 03:04:05 mx1 postfix/smtpd[5]: NOQUEUE: reject: x", line, "Jan  2 03:04:07 mx1 a[1]: b")

    assert result.frame.select("host", "tag", "pid", "body", "repeat").rows()[:2] == [
        ("mx1", "postfix/smtpd", "5", "NOQUEUE: reject: x", None),
        ("mx1", "postfix/smtpd", "5", "NOQUEUE: reject: x", 3),
    ]


def test_message_repeated() -> None:
    """rsyslog's form carries the message itself."""
    text = "Jan  2 03:04:05 mx1 postfix/smtpd[5]: message repeated 12 times: [ NOQUEUE: reject: [x] y]"

    assert body(1, text) == ("mx1", "postfix/smtpd", "5", "NOQUEUE: reject: [x] y", 12)
    assert body(1, text[:-4]) == ("mx1", "postfix/smtpd", "5", "NOQUEUE: reject: [x", 12)  # a relay of lines cut it


def test_repetition_without_its_line() -> None:
    """Where the repeated line is not there, the line is skipped with a notice."""
    result = read("Jan  2 03:04:05 mx1 last message repeated 3 times", "Jan  2 03:04:06 mx1 a[1]: b")

    assert result.skipped.rows() == [(1, "repeat")]
    assert result.notices["kind"].to_list() == ["repeat"]
    assert "repeat" not in result.frame.columns


def test_lines_of_syslogd() -> None:
    """Marks and restarts are skipped."""
    result = read(
        "Jan  2 03:04:05 mx1 -- MARK --",
        "Jan  2 03:04:06 mx1 syslogd 1.5.0#6: restart.",
        "Jan  2 03:04:06 mx1 exiting on signal 15",
        "",
        "Jan  2 03:04:06 mx1 a[1]: b",
    )

    assert result.skipped.rows() == [(1, "mark"), (2, "syslogd"), (3, "syslogd"), (4, "empty")]
    assert result.frame["no"].to_list() == [5]
    assert result.notices.is_empty()


def test_gap_and_steps() -> None:
    """More than a day without a line, and steps back of more than two seconds, are notices; the largest is told."""
    result = read(
        *(f"2026-01-02T03:04:{second:02}Z mx1 a[1]: b" for second in (5, 3, 10, 6, 30, 20)),
        "2026-01-04T03:04:05Z mx1 a[1]: b",
    )

    assert result.notices.rows() == [
        (6, "backwards", "stamps step back by 10 s (largest of 2)"),
        (7, "gap", "1 d 23 h 59 m 45 s without a line (longest of 1)"),
    ]


def test_new_year_is_no_gap() -> None:
    """Stamps without a year go from December to January and back in disorder."""
    stamps = ("Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:59", "Jan  1 00:00:01")

    assert read(*(f"{stamp} mx1 a[1]: b" for stamp in stamps)).notices.is_empty()


def test_end_of_summer_time_is_no_step_back() -> None:
    """The hour that occurs twice is in order; with a zone in the stamps a step back is one."""
    assert read("Nov  3 01:59:59 mx1 a[1]: b", "Nov  3 01:00:01 mx1 a[1]: b").notices.is_empty()
    assert len(read("2024-11-03T01:59:59Z mx1 a[1]: b", "2024-11-03T01:00:01Z mx1 a[1]: b").notices) == 1
    # At midnight, and in February: so it was in São Paulo.
    assert read("Feb 17 23:59:59 mx1 a[1]: b", "Feb 17 23:00:01 mx1 a[1]: b").notices.is_empty()


def test_long_line_is_a_notice() -> None:
    """A line of which the end is not looked at is told."""
    result = read("Jan  2 03:04:05 mx1 a[1]: b", "Jan  2 03:04:05 mx1 a[1]: " + "x" * 70_000)

    assert result.notices["kind"].to_list() == ["long_line"]
    assert len(result.frame) == 2


def test_docker_joins_split_lines() -> None:
    """Docker's parts of a line are one line under the number of the first, each stream by itself."""
    result = read(
        '{"log":"postfix/smtp[1]: one ","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
        '{"log":"postfix/smtp[2]: other\\n","stream":"stderr","time":"2026-01-02T03:04:06Z"}',
        '{"log":"two ","stream":"stdout","time":"2026-01-02T03:04:07Z"}',
        '{"log":"three\\n","stream":"stdout","time":"2026-01-02T03:04:08Z"}',
        '{"log":"postfix/smtp[3]: next\\n","stream":"stdout","time":"2026-01-02T03:04:09Z"}',
    )

    assert result.frame.select("no", "pid", "body").rows() == [
        (1, "1", "one two three"), (2, "2", "other"), (5, "3", "next"),
    ]  # fmt: skip
    assert result.skipped.rows() == [(3, "joined"), (4, "joined")]


def test_cri_joins_split_lines() -> None:
    """So are the parts that Kubernetes marks with P."""
    result = read(
        "2026-01-02T03:04:05.000000001Z stdout P Jan  2 03:04:05 mx1 a[1]: one ",
        "2026-01-02T03:04:05.12Z stdout P two ",
        "2026-01-02T03:04:05.2Z stdout F three",
        "2026-01-02T03:04:06Z stdout F Jan  2 03:04:06 mx1 a[1]: next",
    )

    assert result.frame["body"].to_list() == ["one two three", "next"]
    assert result.frame["no"].to_list() == [1, 4]


def test_unfinished_line_is_kept() -> None:
    """A part whose end never came is a line."""
    result = read("2026-01-02T03:04:05Z stdout P Jan  2 03:04:05 mx1 a[1]: one")

    assert result.frame["body"].to_list() == ["one"]


def test_lines_that_only_look_wrapped() -> None:
    """Broken JSON is left over, not lost."""
    result = read('{"log":"broken', '{"MESSAGE":', '{"log":"a[1]: b\\n","stream":"stdout","time":"x"}')

    assert result.rest["no"].to_list() == [1, 2]
    assert result.frame.select("tag", "time_us").rows() == [("a", None)]
