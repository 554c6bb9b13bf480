"""What an input consists of is told by its first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailaudit.formats import providers
from mailaudit.read.kinds import kind
from mailaudit.read.wrappers import WRAPPERS

ROOT = Path(__file__).resolve().parents[2]
LOGS = {
    "syslog": b"Jan  2 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed\n",
    "rfc 3339": b"2026-01-02T03:04:05.123+01:00 mx1 postfix/qmgr[7]: 4E10: removed\n",
    "rfc 5424": b"<22>1 2026-01-02T03:04:05Z mx1 postfix/qmgr 7 - - 4E10: removed\n",
    "priority": b"<22>Jan  2 03:04:05 mx1 postfix/qmgr[7]: 4E10: removed\n",
    "kernel's brackets": b"[ 1234.567] a, b, c\n",
    "a list in brackets": b"[mail, log, lines]\n",
    "commas": b"Jan  2 03:04:05 mx1 sendmail[7]: x: to=a, delay=0, stat=Sent, dsn=2.0.0\n",
    "prose in front": b"Dear all, please see, attached logs\nJan  2 03:04:05 mx1 a[1]: to=<b>, relay=none\n",
    "empty": b"",
    "blank": b"\n\n",
}


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_lines(name: str) -> None:
    """However a line begins."""
    assert kind(LOGS[name] * 3) == "lines"


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.name)
def test_wrapped_lines_are_lines(wrapper: object) -> None:
    """The journal's and docker's JSON holds lines of a log."""
    assert kind(wrapper.example.encode() + b"\n") == "lines"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "head",
    [
        b'{"event":"delivered"}\n',
        b"[\n  {\n",
        b'[{"event"',
        b"{}\n",
        b'\xef\xbb\xbf{"a":1}',
        b"date,recipient,status\n2026-03-02T08:00:00Z,a@b.example,sent\n",
        b"date;recipient;status\n1;2;3\n",
        b"sep=;\ndate;recipient;status\n",
        b"#Software: Microsoft Exchange Server\n",
        b"#TYPE Selected.System\n",
        b"2026-03-02T08:00:59.900Z,,,,EX01,,,STOREDRIVER,NOTIFYMAPI,36104428870216,<m1@x>\n",
        b"1772438460@3A/7F-01822-6C0B19E4@3A/7F@3A/7F@R@ana@example.org\n",
        b"mandrill_events=%5B%5D\n",
        b"event=delivered&recipient=a%40b.example&token=x\n",
    ],
)
def test_exports_are_records(head: bytes) -> None:
    """JSON, forms, headers with names of columns, and the few that have none."""
    assert kind(head) == "records"


@pytest.mark.parametrize(
    "case",
    sorted(path for name in providers.NAMES for path in (ROOT / "fixtures" / name).glob("*/truth.jsonl")),
    ids=lambda path: path.parent.name,
)
def test_fixtures_of_providers_are_records(case: Path) -> None:
    """All of them, but for those in UTF-16, which are decoded before."""
    (found,) = case.parent.glob("input.*")
    head = found.read_bytes()[:4096]

    assert head[:2] == b"\xff\xfe" or kind(head) == "records"
