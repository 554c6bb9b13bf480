"""`mailaudit records`: each line as what it was read."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from mailaudit.model.fields import NUMBERS

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Result

LINES = (
    "Feb  2 00:00:14 mx1 postfix/qmgr[2685]: 4E10000001: from=<a@x.example>, size=2003, nrcpt=1 (queue active)\n"
    "Feb  2 00:00:15 mx1 postfix/smtp[7502]: 4E10000001: to=<b@y.example>, relay=mx.y.example[192.0.2.2]:25, "
    "delay=0.32, delays=0.1/0/0.1/0.12, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
)
SERVERS = (
    "postfix/every-path",
    "sendmail/every-path",
    "exim/everything-logged",
    "opensmtpd/every-path",
    "qmail/nine-days",
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """One message, whose queue id looks like a number."""
    path = tmp_path / "mail.log"
    path.write_text(LINES)
    return path


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_numbers_of_lines_are_numbers(run: Callable[..., Result], log: Path, form: str) -> None:
    """Sizes, counts, ports and delays; ids and codes are text."""
    said = run("records", "--year", "2026", "--format", form, log)
    queued, sent = said.lines if form == "jsonl" else said.rows("records")

    assert (queued["size"], queued["nrcpt"], queued["queue_id"]) == (2003, 1, "4E10000001")
    assert (sent["delay"], sent["delay_b"], sent["relay_port"]) == (0.32, 0, 25)
    assert (sent["enhanced_status"], sent["relay_ip"]) == ("2.0.0", "192.0.2.2")


def test_a_cell_of_csv_holds_the_same(run: Callable[..., Result], log: Path) -> None:
    """The fields are one JSON object there."""
    _, sent = csv.DictReader(io.StringIO(run("records", "--year", "2026", "--format", "csv", log).out))

    assert json.loads(sent["fields"])["delay"] == 0.32


def test_people_read_the_same(run: Callable[..., Result], log: Path) -> None:
    """Without a decimal that the log has not."""
    shown = run("records", "--year", "2026", log).out

    assert "size=2003" in shown
    assert "delay_b=0 " in shown


@pytest.mark.parametrize("server", SERVERS)
def test_every_servers_numbers_are_numbers(run: Callable[..., Result], server: str) -> None:
    """What is declared to be a number is one in every line; all else that a pattern takes is text."""
    (path,) = (ROOT / "fixtures" / server).glob("input.log*")
    told = [(name, value) for row in run("records", "--format", "jsonl", path).lines for name, value in row.items()]
    numbers = [value for name, value in told if name in NUMBERS]
    others = [value for name, value in told if name not in {*NUMBERS, "line", "noise"}]

    assert numbers
    assert all(isinstance(value, int | float) for value in numbers)
    assert all(isinstance(value, str) for value in others)
