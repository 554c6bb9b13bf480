"""A report that is too long to be read whole: how many of its recipients were left out is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import mailaudit

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
From: MAILER-DAEMON@mx.example
To: list@src.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 2 Mar 2026 08:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

"""
EACH = (
    "Final-Recipient: rfc822; u{}@far.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 {}\n\n"
)


def report(recipients: int, words: str) -> str:
    """A report on so many recipients."""
    return HEAD + "".join(EACH.format(number, words) for number in range(recipients)) + "--b--\n"


def test_what_was_left_out_is_told(tmp_path: Path) -> None:
    """Nothing is lost without a word."""
    mail = tmp_path / "long.eml"
    mail.write_text(report(700, "unknown " * 120))

    said = mailaudit("events", "--format", "jsonl", mail)

    read = len({line["recipient"] for line in said.lines})
    assert 100 < read < 700
    assert f"mail 1 reports 700 recipients; only {read} were read" in said.err


def test_a_report_that_is_read_whole_is_not_told(tmp_path: Path) -> None:
    """Nor one of usual length."""
    mail = tmp_path / "usual.eml"
    mail.write_text(report(50, "unknown"))

    said = mailaudit("events", "--format", "jsonl", mail)

    assert len({line["recipient"] for line in said.lines}) == 50
    assert "only" not in said.err
