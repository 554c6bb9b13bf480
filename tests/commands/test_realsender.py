"""The six excerpts of RealSender's help page: what became of the mail, to the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import REALSENDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

Attempt = tuple[str, str, str | None, float]
EXPECTED: dict[str, tuple[str, float, list[Attempt]]] = {
    "v4V4QL1K030027": ("delivered", 3, [("2017-05-31T04:26:25Z", "delivered", "2.0.0", 3)]),
    "v4V6w3jN001390": (
        "delivered",
        878,
        [
            ("2017-05-31T06:58:05Z", "deferred", "4.0.0", 1),
            ("2017-05-31T07:02:03Z", "deferred", "4.0.0", 238),
            ("2017-05-31T07:12:42Z", "delivered", "2.0.0", 639),
        ],
    ),
    "v4V80L9Z004176": (
        "delivered",
        702,
        [
            ("2017-05-31T08:00:24Z", "deferred", "4.7.1", 2),
            ("2017-05-31T08:02:03Z", "deferred", "4.7.1", 99),
            ("2017-05-31T08:12:04Z", "delivered", "2.0.0", 601),
        ],
    ),
    "v4VEHCk6017038": ("bounced", 1, [("2017-05-31T14:17:15Z", "bounced", "5.1.1", 1)]),
    "v4PAhZw1019212": ("bounced", 1, [("2017-05-25T10:43:38Z", "bounced", "5.0.0", 1)]),
    "v4P7Hc6P011481": (
        "expired",
        14887,
        [("2017-05-25T07:17:42Z", "deferred", "4.1.1", 1), ("2017-05-25T11:25:47Z", "deferred", "4.1.1", 14885)],
    ),
}
CHILDREN = {
    "v4VEHCk6017038": "v4VEHFk5017041",
    "v4PAhZw1019212": "v4PAhcw0019217",
    "v4P7Hc6P011481": "v4PBPko0020848",
}


@pytest.mark.parametrize("queue_id", EXPECTED)
def test_trace_tells_each_excerpt(run: Callable[..., Result], queue_id: str) -> None:
    """Outcome, elapsed time, and every attempt with its status and wait."""
    outcome, elapsed, attempts = EXPECTED[queue_id]
    result = run("trace", queue_id, REALSENDER, "--format", "json")
    verdict = result.rows("recipients")[0]
    steps = [step for step in result.rows("timeline") if "attempt" in step]

    assert (verdict["outcome"], verdict["elapsed"]) == (outcome, elapsed)
    assert [(step["time"], step["event"], step["enhanced_status"], step["wait"]) for step in steps] == attempts
    assert [step["attempt"] for step in steps] == list(range(1, len(attempts) + 1))


@pytest.mark.parametrize(("queue_id", "child"), CHILDREN.items())
def test_the_notice_is_named(run: Callable[..., Result], queue_id: str, child: str) -> None:
    """The queue id of the DSN, and whom it went to; tracing the notice tells the same story."""
    result = run("trace", queue_id, REALSENDER, "--format", "json")
    told = [step for step in result.rows("timeline") if step["event"] == "notified"]

    assert [(step["next_id"], step["notice"]) for step in told] == [(child, "failure")]
    assert "failure notice to sender@yourcompany.com" in told[0]["text"]
    assert queue_id in run("trace", child, REALSENDER).out


def test_no_reply_code_is_invented(run: Callable[..., Result]) -> None:
    """`User unknown` came without a reply code, so there is none."""
    verdict = run("trace", "v4VEHCk6017038", REALSENDER, "--format", "json").rows("recipients")[0]

    assert (verdict["smtp_code"], verdict["enhanced_status"], verdict["reply"]) == (None, "5.1.1", "User unknown")


def test_silence_is_shown_as_silence(run: Callable[..., Result]) -> None:
    """Four hours without a line are a gap, not attempts."""
    result = run("trace", "v4P7Hc6P011481", REALSENDER)

    assert "no lines (4 h 8 m 5 s); at 10-minute retries about 24 attempts would fit" in result.out
    assert "after 4 h 8 m 7 s, 2 attempts, 2 deferrals" in result.out


def test_greylisting_is_not_refusal(run: Callable[..., Result]) -> None:
    """The third excerpt was greylisted; no other was."""
    flags = {
        queue_id: run("trace", queue_id, REALSENDER, "--format", "json").rows("recipients")[0]["greylisted"]
        for queue_id in EXPECTED
    }

    assert [queue_id for queue_id, flag in flags.items() if flag] == ["v4V80L9Z004176"]


def test_the_timeline_for_people(run: Callable[..., Result]) -> None:
    """The second excerpt, as a table with waits."""
    assert run("trace", "v4V6w3jN001390", REALSENDER).out == TIMELINE


def test_six_messages_in_all(run: Callable[..., Result]) -> None:
    """Three delivered, two bounced, one expired; eleven attempts, six deferrals."""
    rows = run("log", REALSENDER, "--format", "json").rows("log")
    told = run("events", REALSENDER, "--format", "json").rows("events")

    assert sorted(row["outcome"] for row in rows) == ["bounced"] * 2 + ["delivered"] * 3 + ["expired"]
    assert sum(row["attempts"] for row in rows) == 11
    assert sum(event["event"] == "deferred" for event in told) == 6
    assert sum(event["event"] == "notified" for event in told) == 3


def test_the_order_in_the_file_changes_nothing(run: Callable[..., Result], tmp_path: Path) -> None:
    """The excerpts of 25 May stand after those of 31 May; sorted, they say the same."""

    def facts(path: Path) -> list[dict[str, Any]]:
        return run("log", path, "--format", "json").rows("log")

    lines = [line for line in REALSENDER.read_text().splitlines(keepends=True) if line.startswith("May")]
    in_order = tmp_path / "maillog"
    in_order.write_text("".join(sorted(lines, key=lambda line: line[:15])))

    assert facts(in_order) == facts(REALSENDER)


TIMELINE = """\
times in +02:00

v4V6w3jN001390: delivered
  from        sender@yourcompany.com
  to          recipient@yourcustomer.com
  host        rs336
  timeline    x------------x-----------------------------------+ 14 m 38 s

time                 wait         try  what       code       detail
-------------------  ---------  -----  ---------  ---------  -----------------------------------------------------------
2017-05-31 08:58:04                    accepted
2017-05-31 08:58:05  1 s            1  deferred   421 4.0.0  recipient@yourcustomer.com Service not available - too busy
2017-05-31 09:02:03  3 m 58 s       2  deferred   421 4.0.0  recipient@yourcustomer.com Service not available - too busy
2017-05-31 09:12:42  10 m 39 s      3  delivered  2.0.0      Message accepted for delivery

  recipient@yourcustomer.com: delivered at 2017-05-31 09:12:42 after 14 m 38 s, 3 attempts, 2 deferrals
    put off by: system_error (soft) 2 ×

The text of mail is not available in logs; --archive names a place with copies.
"""


def test_reasons_are_told_and_none_is_made_up(run: Callable[..., Result]) -> None:
    """Busy, soft; greylisted, and tried too early; permanent without a reason, which makes no address invalid."""
    said = {queue_id: run("trace", queue_id, REALSENDER) for queue_id in EXPECTED}
    steps = run("trace", "v4V6w3jN001390", "--format", "json", REALSENDER).rows("timeline")
    left = run("suppressions", "--watched", REALSENDER, "--format", "json").rows("invalid_contact")

    assert [(step["category"], step["type"]) for step in steps if step["event"] == "deferred"] == [
        ("system_error", "soft"),
        ("system_error", "soft"),
    ]
    assert "coming back after 1 m 39 s was too early" in said["v4V80L9Z004176"].out
    assert "cause: recipient_unknown (hard)" in said["v4VEHCk6017038"].out
    assert "undetermined: 5.0.0 says only that it is permanent" in said["v4PAhZw1019212"].out
    assert "cause: mailbox_full (soft)" in said["v4P7Hc6P011481"].out
    assert [contact["time"] for contact in left] == ["2017-05-31T14:17:15Z"]


def test_what_is_to_be_expected_of_open_mail(run: Callable[..., Result], tmp_path: Path) -> None:
    """After its second attempt the second excerpt is still open: the policy says when what is due."""
    lines = REALSENDER.read_text().splitlines(keepends=True)
    log = tmp_path / "maillog"
    log.write_text("".join(line for line in lines if "v4V6w3jN001390" in line and "stat=Sent" not in line))
    said = run("trace", "v4V6w3jN001390", "--policy", "normal", log).out

    assert "next try expected ~ 2017-05-31 09:12:03" in said
    assert "delay warning due 2017-05-31 09:28:04; gives up at 2017-05-31 12:58:04 (policy normal)" in said
    assert "as of the end of the logs, 2017-05-31 09:02:03" in said


def test_mail_first_seen_mid_life_is_said_to_be(run: Callable[..., Result], tmp_path: Path) -> None:
    """Without its `from=` line, neither sender nor acceptance is made up."""
    lines = REALSENDER.read_text().splitlines(keepends=True)
    log = tmp_path / "maillog"
    log.write_text("".join(line for line in lines if "v4V6w3jN001390" in line and "from=" not in line))
    result = run("trace", "v4V6w3jN001390", "--format", "json", log)

    assert result.rows("timeline")[0]["event"] == "seen"
    assert "first seen mid-life" in result.rows("messages")[0]["missing"]
    assert result.rows("messages")[0]["sender"] is None
    assert result.rows("recipients")[0]["elapsed"] is None


def test_a_range_chooses_stories_by_acceptance(run: Callable[..., Result]) -> None:
    """An address has many messages: each that was accepted in the range is told whole, the others are left out."""
    words = ("trace", "sender@yourcompany.com", "--format", "json", "--tz", "Europe/Rome")
    found = run(*words, "--since", "2017-05-25 10:00", "--until", "2017-05-31 09:00", REALSENDER).document["tables"]

    assert [row["message"] for row in found["messages"]["rows"]] == [
        "v4PAhZw1019212",
        "v4V4QL1K030027",
        "v4V6w3jN001390",
    ]
    assert [row["finished_at"] for row in found["recipients"]["rows"]][-1] == "2017-05-31T07:12:42Z"


def test_a_range_without_the_message_says_so(run: Callable[..., Result]) -> None:
    """The message is there: that it was not found in the range is no "in none of the inputs"."""
    result = run("trace", "v4V6w3jN001390", "--since", "2017-06", REALSENDER)

    assert (result.code, result.out) == (1, "")
    assert "no mail of 'v4V6w3jN001390' was accepted in this range" in result.err
