"""`inspect`: the commands that it offers can be copied into a shell, and ask the same inputs in the same way."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from tests.program import mailaudit, rows

from .conftest import POSTFIX, REALSENDER, SENDMAIL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

LINES = (
    "May 10 08:00:01 mx1 postfix/smtpd[9]: 4E10ABCDEF: client=c.example[192.0.2.1]",
    "May 10 08:00:01 mx1 postfix/cleanup[9]: 4E10ABCDEF: message-id=<1@c.example>",
    "May 10 08:00:02 mx1 postfix/qmgr[9]: 4E10ABCDEF: from=<ann@c.example>, size=100, nrcpt=1 (queue active)",
    (
        "May 10 08:00:03 mx1 postfix/smtp[9]: 4E10ABCDEF: to=<ben@d.example>, relay=mx[192.0.2.2]:25, delay=2, "
        "delays=1/0/0/1, dsn=5.1.1, status=bounced (550 5.1.1 User unknown)"
    ),
    "May 10 08:00:03 mx1 postfix/qmgr[9]: 4E10ABCDEF: removed",
)


def offered(*arguments: object) -> dict[str, list[str]]:
    """The commands that are offered, as a shell takes them apart, by their names."""
    found = [
        shlex.split(row["command"]) for row in mailaudit("inspect", "--format", "json", *arguments).rows("questions")
    ]
    return {words[1]: words for words in found}


def test_commands_read_as_inspect_read(tmp_path: Path) -> None:
    """Year, zones and paths with blanks are those that were given."""
    log = tmp_path / "my mail.log"
    log.write_text("".join(f"{line}\n" for line in LINES))
    given = ["--tz", "+02:00", "--year", "2019", "--input-tz", "America/New_York", str(log)]

    commands = offered(*given)

    assert set(commands) == {"stats", "log", "bounces", "trace"}
    assert all(words[-7:] == given for words in commands.values())
    (row,) = rows(*commands["log"][1:])
    assert (row["submitted_at"], row["queue_id"]) == ("2019-05-10T12:00:02Z", commands["trace"][2])


def test_an_id_cannot_run_in_a_shell(tmp_path: Path) -> None:
    """The id of a message is what strangers wrote; in the command it is one quoted word."""
    evil = "$(touch pwned); `id` 'x"
    record = {"event": "delivered", "rcpt": "ben@d.example", "email_id": evil, "time": "2026-05-10T08:00:00Z"}
    (tmp_path / "events.jsonl").write_text(json.dumps(record) + "\n")

    assert offered(tmp_path / "events.jsonl")["trace"][2] == evil


def test_inspect_tells_what_there_is(run: Callable[..., Result]) -> None:
    """Format, hosts, year, offset, coverage, kinds that add up, gaps, questions."""
    result = run("inspect", "--format", "json", REALSENDER)
    report = result.rows("inputs")[0]

    assert (report["format"], report["hosts"], report["year"], report["offset"]) == (
        "sendmail",
        "rs336",
        2017,
        "+02:00",
    )
    assert "queue ids" in report["clock"]
    assert sum(row["lines"] for row in result.rows("kinds")) == report["lines"] == 31
    assert result.rows("gaps")[0]["elapsed"] > 5 * 86400
    for row in result.rows("questions"):
        assert run(*shlex.split(row["command"])[1:]).code == 0


def test_what_has_no_stamps_has_no_clock(run: Callable[..., Result], tmp_path: Path) -> None:
    """Nothing was decided, so nothing is sure."""
    (tmp_path / "text").write_text("nothing\nof a log\n")
    found = run("inspect", "--format", "json", tmp_path / "text").rows("inputs")[0]

    assert (found["year"], found["offset"], found["confidence"]) == (None, None, None)


def test_verbose_shows_how_the_clock_was_set(run: Callable[..., Result]) -> None:
    """`-v`: year and offset, and from what."""
    assert "year 2017 (from 9 queue ids)" in run("log", "-v", REALSENDER).err


@pytest.mark.parametrize("path", [POSTFIX, SENDMAIL], ids=["postfix", "sendmail"])
def test_a_range_counts_its_own_lines(run: Callable[..., Result], path: Path) -> None:
    """One that holds all of them counts as none does; two halves add up to it."""
    whole = run("inspect", "--format", "json", path)
    (one,), kinds = whole.rows("inputs"), whole.rows("kinds")
    middle = sorted(row["time"] for row in rows("records", path) if row.get("time"))[one["lines"] // 2]
    halves = [
        run("inspect", "--format", "json", option, middle, path).rows("inputs")[0] for option in ("--until", "--since")
    ]
    every = run("inspect", "--format", "json", "--since", "1990-01-01", path)

    assert (every.rows("inputs"), every.rows("kinds")) == ([one], kinds)
    assert "questions" not in every.tables
    for name in ("lines", "parsed", "noise", "unparsed"):
        assert sum(half[name] for half in halves) == one[name]
    assert 0 < halves[0]["lines"] < one["lines"]


def test_gaps_of_a_range(run: Callable[..., Result]) -> None:
    """Those that lie in it, in part at least."""
    every = run("inspect", "--format", "json", POSTFIX).rows("gaps")
    begin, end = every[0]["begin"], every[0]["end"]

    def gaps(*words: str) -> list[str]:
        return [row["begin"] for row in run("inspect", "--format", "json", *words, POSTFIX).rows("gaps")]

    assert begin in gaps("--since", begin, "--until", end)
    assert begin not in gaps("--since", end)
    assert begin not in gaps("--until", begin)
