"""The report of `--profile pflogsumm=1.3.0` is that version's own: its outputs for one log are kept beside it.

Debian 12 and 13 do not have 1.3.0, so that it cannot be asked here. The outputs in `since-1.3/` are those of Debian
14's package for `odd.log`, which has one line of each sort that it words in its own way; a file's first line is the
options.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from tests.pflogsumm.test_report import ordered
from tests.program import mailaudit

from mailaudit.errors import UsageError
from mailaudit.model.request import Request
from mailaudit.pflogsumm import layout, lines, newer_reasons, options

KEPT = Path(__file__).with_name("since-1.3")
LOG = KEPT / "odd.log"
NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


def ours(asked: str) -> list[str]:
    """Our report."""
    read = options.read(asked, "1.3.0")
    found, _, _ = lines.summarise(Request(paths=(str(LOG),)), read, NOW)
    return list(layout.report(found, read, NOW))


@pytest.mark.parametrize("kept", sorted(KEPT.glob("*.txt")), ids=lambda path: path.stem)
def test_every_line_is_pflogsumms(kept: Path) -> None:
    """Totals, traffic, domains, people, and everything that went wrong, with pflogsumm's options."""
    asked, *expected = kept.read_text().splitlines()

    assert ordered(ours(asked)) == ordered(expected)


def test_its_tables_hold_the_numbers_of_the_report() -> None:
    """As JSON, under the names of its sections."""
    tables = mailaudit("stats", "--profile", "pflogsumm=1.3.0", "--format", "json", LOG).tables
    values = {row["name"]: row["value"] for row in tables["grand_totals"]}

    assert (values["removed (canceled)"], values["expired"]) == (1, 1)
    assert tables["message_expired_detail"] == [{"group": None, "reason": None, "text": "none", "count": 1}]
    assert {row["text"] for row in tables["postscreen_actions"] if row["group"] == "PASS NEW"} == {"192.0.2.81"}
    assert sum(row["count"] for row in tables["message_deferral_detail"]) == values["deferrals"]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("today", "2026-11-27 2026-11-27"),
        ("yesterday", "2026-11-26 2026-11-26"),
        ("this week", "2026-11-22 2026-11-28"),
        ("last week", "2026-11-15 2026-11-21"),
        ("this month", "2026-11-01 2026-11-30"),
        ("last month", "2026-10-01 2026-10-31"),
        ("2026-02", "2026-02-01 2026-02-28"),
        ("2026-02-03", "2026-02-03 2026-02-03"),
        ("2026-02 to 2026-03-04", "2026-02-01 2026-03-04"),
        ("2026-02-03 - 2026-02-05", "2026-02-03 2026-02-05"),
        ("2026-02-03 2026-03", "2026-02-03 2026-03-31"),
    ],
)
def test_days_in_words(words: str, days: str) -> None:
    """As its manual has them; weeks begin with Sunday."""
    first, last = options.dates(words, NOW.date(), monday=False)

    assert f"{first} {last}" == days


def test_weeks_may_begin_with_monday() -> None:
    """With --dow0mon, on a Sunday, too."""
    assert options.dates("this week", dt.date(2026, 11, 29), monday=True)[0] == dt.date(2026, 11, 23)
    assert options.dates("this week", dt.date(2026, 11, 29), monday=False)[0] == dt.date(2026, 11, 29)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("-d 'next week'", "last week"),
        ("-d '2026-03-04 to 2026-02'", "last week"),
        ("--suppress all", "size-detail"),
        ("--smtp-details 5", "--expired-detail"),
    ],
)
def test_what_it_does_not_know_is_told(asked: str, said: str) -> None:
    """With what it does know."""
    with pytest.raises(UsageError) as told:
        options.read(asked, "1.3.0")

    assert said in f"{told.value} {told.value.hint}"


@pytest.mark.parametrize(
    ("text", "folded", "whole"),
    [
        ("mx.mail.example.com[192.0.2.1]", "example.com", "mx.mail.example.com"),
        ("mx.mail.example.co.uk[192.0.2.1]:25", "mail.example.co.uk", "mx.mail.example.co.uk"),
        ("mx.example.info[192.0.2.1]", "mx.example.info", "mx.example.info"),
        ("mx.example.info/192.0.2.1", "mx.example.info", "mx.example.info"),
        ("unknown[2001:db8::1]", "2001:db8::1", "2001:db8::1"),
        ("1.2.0.192.in-addr.arpa[192.0.2.1]", "192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]:4711", "192.0.2.1", "192.0.2.1"),
        ("none", "none", "none"),
        ("local", "unknown", "unknown"),
    ],
)
def test_hosts_are_folded(text: str, folded: str, whole: str) -> None:
    """By the six old endings, or to the address."""
    assert (newer_reasons.host(text), newer_reasons.host(text, whole=True)) == (folded, whole)
