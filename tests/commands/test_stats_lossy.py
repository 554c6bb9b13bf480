"""Totals of a log that says of itself that lines are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from mailaudit.cli import program

if TYPE_CHECKING:
    from pathlib import Path

LOG = """\
Feb  3 06:26:22 mx postfix/smtpd[1]: 4F1A2B3C01: client=a.example[192.0.2.1]
Feb  3 06:26:22 mx postfix/qmgr[2]: 4F1A2B3C01: from=<a@x.example>, size=700, nrcpt=1 (queue active)
"""
LOST = "Feb  3 06:26:23 mx rsyslogd: imuxsock lost 52 messages from pid 123 due to rate-limiting\n"


def summary(path: Path, text: str) -> str:
    """What the summary of this log looks like."""
    path.write_text(text)
    return CliRunner().invoke(program, ["stats", "--table", "summary", str(path)]).stdout


def test_counts_of_a_log_with_holes_carry_a_tilde(tmp_path: Path) -> None:
    """Every count may be too low, and a sentence says why; the lines that were read are known exactly."""
    shown = summary(tmp_path / "mail.log", LOG + LOST)

    assert "received                 ~1 " in shown
    assert "~ at least: the log says that lines of it are missing" in shown
    assert "Lines read: 3 = 2 parsed + 1 noise + 0 unparsed." in shown


def test_counts_of_a_whole_log_do_not(tmp_path: Path) -> None:
    """A log without holes has plain numbers."""
    shown = summary(tmp_path / "mail.log", LOG)

    assert "~" not in shown
    assert "Lines read: 2 = 2 parsed + 0 noise + 0 unparsed." in shown
