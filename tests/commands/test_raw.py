"""`--raw`: the lines of a range, of connections and of what nothing understood too, or those of the mail chosen."""

from __future__ import annotations

import datetime as dt
import gzip
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import pytest
from tests.golden.media import Screen

from mailaudit import cli

from .conftest import POSTFIX, REALSENDER, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

CONNECTED = "Feb  2 00:00:0{} mx1 postfix/smtpd[1433]: connect from evil[192.0.2.1]\n"
LINES = (
    CONNECTED.format(1),
    "Feb  2 00:00:02 mx1 postfix/smtpd[1433]: something that nobody \x1b[2J understands \x9b\n",
    "   a line without a stamp\n",
    "Feb  2 00:00:04 mx2 postfix/smtpd[1433]: disconnect from evil[192.0.2.1]\n",
    "Feb  2 00:00:03 mx1 postfix/qmgr[2685]: 4E10000001: from=<cmd@evil.example>, size=1, nrcpt=1 (queue active)\n",
    "\n",
    "Feb  2 00:00:06 mx1 cron[3]: not of mail\n",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with a bit of everything, one line of it too late."""
    path = tmp_path / "mail.log"
    path.write_bytes("".join(LINES).encode("latin-1"))
    return path


def test_without_a_filter_every_line_is_there(run: Callable[..., Result]) -> None:
    """Connections, noise, all of it, byte for byte."""
    assert run("log", "--raw", POSTFIX).out == gzip.decompress(POSTFIX.read_bytes()).decode()


def test_lines_come_in_order_of_time(run: Callable[..., Result], log: Path) -> None:
    """A late line finds its place; one without a stamp stays with the line before it."""
    raw = run("log", "--raw", "--year", "2026", "-o", log.with_suffix(".out"), log)

    assert raw.code == 3  # a third of these lines is not understood
    shown = log.with_suffix(".out").read_bytes().decode("latin-1")
    assert shown == "".join(LINES[place] for place in (0, 1, 2, 4, 5, 3, 6))


def test_a_range_has_its_lines_and_no_others(run: Callable[..., Result], log: Path) -> None:
    """From its beginning on, up to and not including its end."""
    range_ = ("--since", "2026-02-02 00:00:03", "--until", "2026-02-02 00:00:06")

    assert run("log", "--raw", "--year", "2026", "--input-tz", "UTC", *range_, log).out == "".join(
        (LINES[4], LINES[5], LINES[3])
    )


@pytest.mark.parametrize(("option", "days"), [(("--today",), 0), (("--days", "7"), 6)])
def test_todays_lines_and_those_of_a_week(
    run: Callable[..., Result], tmp_path: Path, option: tuple[str, ...], days: int
) -> None:
    """What a server logs of connections alone is there, too; a day earlier is not."""
    now = dt.datetime.now(dt.UTC)
    connected = "{:%Y-%m-%dT%H:%M:%S+00:00} mx1 postfix/smtpd[1]: connect from mail.example[192.0.2.7]\n"
    lines = [connected.format(now - dt.timedelta(days=ago)) for ago in (days + 1, days, 0)]
    (path := tmp_path / "mail.log").write_text("".join(lines))

    assert run("log", "--raw", *option, "--tz", "UTC", path).out == "".join(lines[1:])


def test_several_files_become_one_row_of_lines(run: Callable[..., Result], tmp_path: Path) -> None:
    """By time, whichever file they stand in; what stands in two files comes once."""
    lines = [CONNECTED.format(second) for second in range(6)]
    for name, chosen in (("a.log", lines[::2]), ("b.log", lines[1::2]), ("c.log", lines[2:4])):
        (tmp_path / name).write_text("".join(chosen))

    raw = run("log", "--raw", "--year", "2026", *(tmp_path / f"{name}.log" for name in "cba"))

    assert raw.out == "".join(lines)


def test_a_host_chooses_lines(run: Callable[..., Result], log: Path) -> None:
    """Every line has one, so --host alone leaves connections in."""
    assert run("log", "--raw", "--year", "2026", "--host", "MX2", log).out == LINES[3]


def test_a_filter_chooses_the_lines_of_mail(run: Callable[..., Result], log: Path) -> None:
    """Of the messages that pass it, and nothing else."""
    queued = gzip.decompress(POSTFIX.read_bytes()).decode()
    shown = run("log", "--raw", "--status", "bounced", POSTFIX).out

    assert "connect from" in queued
    assert "connect from" not in shown
    assert "status=bounced" in shown
    assert run("log", "--raw", "--year", "2026", "--sender", "nobody@", log).out == ""


def test_records_of_an_export_are_lines_too(run: Callable[..., Result]) -> None:
    """One a line, by time, those that say nothing of mail among them."""
    path = ROOT / "fixtures" / "mailgun" / "webhooks-v3" / "input.jsonl"

    assert len(run("log", "--raw", path).lines) == len(path.read_text().splitlines())


def test_mails_are_no_lines(run: Callable[..., Result]) -> None:
    """Their texts stay where they are, and that is said."""
    raw = run("log", "--raw", ROOT / "fixtures" / "mails" / "notices" / "input.mbox", REALSENDER)

    assert sorted(raw.out.splitlines()) == sorted(REALSENDER.read_text().splitlines())
    assert "holds mails" in raw.err


@pytest.mark.parametrize("words", [("events",), ("bounces",), ("log", "--status", "bounced")])
def test_numbers_of_mails_are_no_numbers_of_lines(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    """Facts that a mailbox tells stand in no line."""
    raw = run(*words, "--raw", ROOT / "fixtures" / "mails" / "notices" / "input.mbox")

    assert (raw.code, raw.out) == (0, "")
    assert "holds mails" in raw.err


def test_a_terminal_gets_no_escapes(log: Path) -> None:
    """What steers a terminal is shown as text there."""
    out = Screen()
    with redirect_stdout(out):
        cli.run(["log", "--raw", "--year", "2026", str(log)])

    assert "\\x1b[2J understands \\x9b\n" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert len(out.getvalue().splitlines()) == len(LINES)


def test_no_more_lines_than_asked_for(run: Callable[..., Result]) -> None:
    """--limit counts lines."""
    assert len(run("log", "--raw", "--limit", "3", POSTFIX).out.splitlines()) == 3
    assert run("log", "--raw", "--limit", "0", POSTFIX).out == ""


def test_a_large_log_comes_in_pieces(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Small blocks and pieces give the same lines in the same order."""
    monkeypatch.setattr("mailaudit.between.BLOCK", 10_000)
    monkeypatch.setattr("mailaudit.measure.pieces.pieces.__kwdefaults__", {"rows": 500})

    assert run("log", "--raw", POSTFIX).out == gzip.decompress(POSTFIX.read_bytes()).decode()
