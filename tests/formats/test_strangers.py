"""Logs of mail servers that are not read are called by the server's name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.program import mailaudit

from mailaudit.formats import strangers

pytestmark = pytest.mark.usefixtures("kept_readings")

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LOGS = {
    "Courier": "Mar  1 09:00:01 mx courierd: newmsg,id=0000000000001A2B.5A: dns; web.shop.example ([192.0.2.1])\n",
    "Haraka": "[NOTICE] [6A1F0C6E-3C5B-4E0B-9C61-0A1B2C3D4E5F.1.1] [outbound] delivered domain=far.example\n",
}


@pytest.mark.parametrize("name", LOGS)
def test_it_is_called_by_its_name(name: str, tmp_path: Path) -> None:
    """Every answer says whose lines these are, and no number is to be relied on where they are of a mail server."""
    log = tmp_path / "main.log"
    log.write_text(LOGS[name])
    server = name.partition(",")[0]

    assert strangers.server(LOGS[name].encode()) == server
    for command in (["stats"], ["inspect"], ["trace", "nobody@far.example"]):
        said = mailaudit(*command, log)
        assert said.err.count(f"these are lines of {server}, whose logs mailaudit does not read") == 1, command


@pytest.mark.parametrize("log", sorted(FIXTURES.glob("*/*/input.log.gz")), ids=lambda log: log.parent.name)
def test_what_is_read_is_no_strangers(log: Path) -> None:
    """No log that is read looks like one that is not."""
    assert strangers.server(gzip.decompress(log.read_bytes())[: strangers.LOOKED_AT]) is None


def test_a_few_lines_in_a_readable_log_change_nothing(tmp_path: Path) -> None:
    """A log that is understood is not called another server's for what a line quotes."""
    log = tmp_path / "mail.log"
    log.write_text(
        "".join(f"May 10 08:00:0{n} mx1 postfix/qmgr[9]: 4E10ABCDE{n}: removed\n" for n in range(9))
        + "May 10 08:00:10 mx1 smtpd[2]: afb176d8f080f7de smtp connected address=192.0.2.1 host=web.shop.example\n"
    )

    assert "whose logs mailaudit does not read" not in mailaudit("stats", log).err


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("export", "__CURSOR=s=4ac5;i=1\n__REALTIME_TIMESTAMP=1795812939054186\nMESSAGE=4E10ABCDE1: removed\n\n"),
        ("verbose", "Fri 2026-11-27 21:55:39.054186 CET [s=4ac5;i=1]\n    SYSLOG_IDENTIFIER=postfix/qmgr\n"),
    ],
)
def test_of_a_journal_whose_form_is_not_read_the_form_that_is_read_is_told(
    form: str, text: str, tmp_path: Path
) -> None:
    """The same journal can be written again in a form that is read."""
    log = tmp_path / "journal.txt"
    log.write_text(text * 9)

    assert (
        f"this is what journalctl -o {form} writes; mailaudit reads journalctl -o json" in mailaudit("stats", log).err
    )
