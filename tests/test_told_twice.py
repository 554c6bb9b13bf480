"""The same log in two files, written in two ways: a syslog file beside what the journal gives out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import mailaudit

if TYPE_CHECKING:
    from pathlib import Path

TRIES = [
    f"4F1A2B3C0{number}: to=<b{number}@dst.example>, relay=none, delay=9, dsn=4.4.1, status=deferred (no)"
    for number in range(3)
]


def warned(folder: Path, second: str, *, seconds: int = 0) -> list[str]:
    """Kinds of warnings, of a log of three minutes and of the same with another kind of stamps."""
    first = folder / "mail.log"
    other = folder / "other.log"
    stamped = list(enumerate(TRIES))
    first.write_text("".join(f"2026-01-02T03:0{minute}:05Z mx1 postfix/smtp[7]: {text}\n" for minute, text in stamped))
    other.write_text(
        "".join(
            f"{second.format(minute=minute, second=5 + seconds)} mx1 postfix/smtp[7]: {text}\n"
            for minute, text in stamped
        )
    )
    said = mailaudit("stats", "--format", "json", "--year", "2026", "--input-tz", "UTC", first, other)
    return [warning["kind"] for warning in said.document["warnings"]]


def test_a_log_that_is_there_in_two_spellings_is_told(tmp_path: Path) -> None:
    """Its lines count twice, since they are not the same; so somebody must know."""
    assert "told_twice" in warned(tmp_path, "Jan  2 03:0{minute}:{second:02}")


def test_lines_of_the_same_time_that_say_something_else_are_not(tmp_path: Path) -> None:
    """A later try is another one."""
    assert "told_twice" not in warned(tmp_path, "Jan  2 03:0{minute}:{second:02}", seconds=2)
